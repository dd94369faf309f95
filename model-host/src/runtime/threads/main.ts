/**
 * Program of a model thread: holds the vision tower, a part of the decoder, or both, and runs them for the main thread.
 */
import { parentPort } from 'node:worker_threads';
import {
  createMessageConnection,
  PortMessageReader,
  PortMessageWriter,
  type CancellationToken,
  type MessageConnection,
  type ResponseError,
} from 'vscode-jsonrpc/node';
import { answer } from '../../wire/answer';
import type { FailureData } from '../../../../paligemma/src/failures';
import * as host from '../../contract/protocol';
import { HostLog } from '../../wire/hostLog';
import { speakAsParent } from '../../wire/words';
import { LocalPart } from '../decoderPart';
import type { RunHooks } from '../prediction';
import { VisionTower } from '../visionTower';
import * as thread from './messages';

/** What this thread has opened; a request for what it has not is a bug of the caller. */
class Opened {
  tower: VisionTower | undefined;
  part: LocalPart | undefined;

  needTower(): VisionTower {
    return there(this.tower, 'tower');
  }

  needPart(): LocalPart {
    return there(this.part, 'part');
  }

  async release(which: 'tower' | 'part'): Promise<void> {
    const released = this[which];
    this[which] = undefined;
    await released?.release();
  }
}

speakAsParent();
if (parentPort === null) throw new Error('This is a thread of the model host; it is started by model-host.js.');
serve(parentPort);

function serve(port: NonNullable<typeof parentPort>): void {
  const connection = createMessageConnection(new PortMessageReader(port), new PortMessageWriter(port));
  const log = new HostLog(record => void connection.sendNotification(host.log, record));
  const opened = new Opened();
  const follow: Follow = (token, progressToken, work) => {
    const onGroup = (done: number, total: number) => {
      if (progressToken !== undefined) void connection.sendProgress(thread.graphsDone, progressToken, { done, total });
    };
    return answer(token, log, signal => work({ signal, onGroup }));
  };
  connection.onRequest(thread.hello, () => null);
  registerRuns(connection, opened, follow);
  registerCaches(connection, opened, log);
  connection.onRequest(thread.release, (which, token) =>
    answer(token, log, async () => {
      await opened.release(which);
      return null;
    }));
  connection.listen();
}

type Follow = <T>(
  token: CancellationToken,
  progressToken: number | undefined,
  work: (hooks: RunHooks) => Promise<T>,
) => Promise<T | ResponseError<FailureData>>;

/** What opens and runs graphs. */
function registerRuns(connection: MessageConnection, opened: Opened, follow: Follow): void {
  connection.onRequest(
    thread.openTower,
    ({ folder, manifest, device, progressToken }, token) =>
      follow(token, progressToken, async hooks => {
        opened.tower = await VisionTower.open(folder, manifest, device, hooks);
        return null;
      }),
  );
  connection.onRequest(
    thread.openPart,
    ({ folder, manifest, spec, progressToken }, token) =>
      follow(token, progressToken, async hooks => {
        opened.part = await LocalPart.open(folder, manifest, spec, hooks);
        return null;
      }),
  );
  connection.onRequest(
    thread.features,
    ({ pixelValues, progressToken }, token) =>
      follow(token, progressToken, hooks => opened.needTower().features(pixelValues, hooks)),
  );
  connection.onRequest(
    thread.runPart,
    ({ kind, cache, input, progressToken }, token) =>
      follow(token, progressToken, hooks => opened.needPart()[kind](cache, input, hooks)),
  );
}

/** What changes caches between runs. */
function registerCaches(connection: MessageConnection, opened: Opened, log: HostLog): void {
  connection.onRequest(thread.joinCaches, ({ caches, joined }, token) =>
    answer(token, log, async () => {
      await opened.needPart().join(caches, joined);
      return null;
    }));
  connection.onRequest(thread.keepRows, ({ cache, rows }, token) =>
    answer(token, log, async () => {
      await opened.needPart().keepRows(cache, rows);
      return null;
    }));
  connection.onNotification(thread.discard, ({ cache, count }) => opened.part?.discard(cache, count));
  connection.onNotification(thread.dropCache, cache => opened.part?.drop(cache));
}

function there<T>(opened: T | undefined, name: string): T {
  if (opened === undefined) throw new RangeError(`the ${name} is not open in this thread`);
  return opened;
}
