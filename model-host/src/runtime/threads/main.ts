/**
 * Program of a model thread: holds the vision tower, a part of the decoder, or both, and runs them for the main thread.
 */
import { parentPort } from 'node:worker_threads';
import {
  createMessageConnection,
  PortMessageReader,
  PortMessageWriter,
  type CancellationToken,
  type ResponseError,
} from 'vscode-jsonrpc/node';
import { answer } from '../../answer';
import type { HostErrorData } from '../../../../paligemma/src/failures';
import * as host from '../../contract/protocol';
import { HostLog } from '../../hostLog';
import { LocalPart } from '../decoderPart';
import type { RunHooks } from '../prediction';
import { VisionTower } from '../visionTower';
import * as thread from './messages';

if (parentPort === null) throw new Error('This is a thread of the model host; it is started by model-host.js.');
serve(parentPort);

function serve(port: NonNullable<typeof parentPort>): void {
  const connection = createMessageConnection(new PortMessageReader(port), new PortMessageWriter(port));
  const log = new HostLog(record => void connection.sendNotification(host.log, record));
  let tower: VisionTower | undefined;
  let part: LocalPart | undefined;
  const openTower = () => there(tower, 'tower');
  const openPart = () => there(part, 'part');

  connection.onRequest(thread.hello, () => null);
  connection.onRequest(
    thread.openTower,
    ({ folder, manifest, device, progressToken }, token) =>
      follow(token, progressToken, async hooks => {
        tower = await VisionTower.open(folder, manifest, device, hooks);
        return null;
      }),
  );
  connection.onRequest(
    thread.openPart,
    ({ folder, manifest, spec, progressToken }, token) =>
      follow(token, progressToken, async hooks => {
        part = await LocalPart.open(folder, manifest, spec, hooks);
        return null;
      }),
  );
  connection.onRequest(
    thread.features,
    ({ pixelValues, progressToken }, token) =>
      follow(token, progressToken, hooks => openTower().features(pixelValues, hooks)),
  );
  connection.onRequest(
    thread.runPart,
    ({ kind, cache, input, progressToken }, token) =>
      follow(token, progressToken, hooks => openPart()[kind](cache, input, hooks)),
  );
  connection.onRequest(thread.joinCaches, ({ caches, joined }, token) =>
    answer(token, log, async () => {
      await openPart().join(caches, joined);
      return null;
    }));
  connection.onRequest(thread.keepRows, ({ cache, rows }, token) =>
    answer(token, log, async () => {
      await openPart().keepRows(cache, rows);
      return null;
    }));
  connection.onNotification(thread.discard, ({ cache, count }) => part?.discard(cache, count));
  connection.onNotification(thread.dropCache, cache => part?.drop(cache));
  connection.onRequest(thread.release, (which, token) =>
    answer(token, log, async () => {
      const released = which === 'tower' ? tower : part;
      if (which === 'tower') tower = undefined;
      else part = undefined;
      await released?.release();
      return null;
    }));
  connection.listen();

  function follow<T>(
    token: CancellationToken,
    progressToken: number | undefined,
    work: (hooks: RunHooks) => Promise<T>,
  ): Promise<T | ResponseError<HostErrorData>> {
    const onGroup = (done: number, total: number) => {
      if (progressToken !== undefined) void connection.sendProgress(thread.graphsDone, progressToken, { done, total });
    };
    return answer(token, log, signal => work({ signal, onGroup }));
  }
}

function there<T>(opened: T | undefined, name: string): T {
  if (opened === undefined) throw new RangeError(`the ${name} is not open in this thread`);
  return opened;
}
