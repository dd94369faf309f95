import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { LocalGenerateParams } from '../../../model-host/src/contract/protocol';
import { Failure } from '../../../paligemma/src/failures';
import type { RunResult } from '../../../paligemma/src/runResult';
import { defaultSettings } from '../../../server/src/contract/settings';
import type { HostClient } from '../../../server/src/host/hostClient';
import type { ModelCatalog } from '../../../server/src/models/catalog/catalog';
import type { ServerEndpoints } from '../../../server/src/models/servers/serverEndpoints';
import { PictureHashes } from '../../../server/src/runs/pictureHashes';
import type { ResultStore } from '../../../server/src/runs/resultStore';
import { Runner, type PreparedFolder, type RunRequest } from '../../../server/src/runs/runner';
import { CancelledError } from '../../../server/src/util/cancellation';
import { systemTimers } from '../../../server/src/util/timers';
import { temporaryFolder } from '../../support/temporary';

const model: PreparedFolder = {
  id: 'm',
  kind: 'mix',
  isDemo: false,
  path: '/m',
  identity: 'identity',
  adapterIdentity: undefined,
  spec: { path: '/m', weights: 'int4', device: 'cpu', attention: 'full' },
};
const imagePath = path.resolve('test/fixtures/golden/images/one-pixel.png');

const hashes = new PictureHashes();

/** A store without results that takes its time, and a host that answers with the prompt and notes what it was asked. */
class Stage {
  /** Prompts, in the order in which the host got them. */
  readonly asked: string[] = [];
  private readonly gates = new Map<string, Promise<void>>();
  /** What the host finds wrong with a picture that is to be captioned. */
  fault: (imagePath: string) => Failure | undefined = () => undefined;
  /** The host answers captions once it resolves. */
  captions: Promise<void> = Promise.resolve();
  private readonly client = {
    generate: async ({ prefix, imagePath }: LocalGenerateParams) => {
      this.asked.push(prefix);
      if (prefix === 'caption') {
        await this.captions;
        const failure = this.fault(imagePath);
        if (failure !== undefined) throw failure;
      }
      const timings = { loadMs: 0, imageMs: 0, visionMs: 0, prefillMs: 0, decodeMs: 0, tokens: 1 };
      return {
        image: { widthPx: 1, heightPx: 1, sha256: 'sum' },
        device: 'cpu',
        suffix: prefix,
        tokenIds: [],
        tokenProbabilities: [],
        stopReason: 'eos',
        regions: [],
        text: prefix,
        timings,
      };
    },
  } as unknown as HostClient;
  private readonly host = {
    use: <T>(work: (client: HostClient) => Promise<T>) => work(this.client),
    killStuck: () => assert.fail('nothing is stuck'),
  };
  private readonly store = {
    get: async (key: string) => {
      await this.gates.get(key);
    },
    put: () => Promise.resolve(),
  } as unknown as ResultStore;
  readonly runner = new Runner({
    catalog: {} as ModelCatalog,
    endpoints: {} as ServerEndpoints,
    store: this.store,
    hashes,
    host: this.host,
    serverHost: this.host,
    localRows: 4,
    settings: () => defaultSettings,
    timers: systemTimers,
  });

  /** The store answers for `prompt` once the function is called. */
  async holdBack(prompt: string): Promise<() => void> {
    let open = () => {};
    this.gates.set(
      this.runner.keyOf(request(prompt), (await hashes.of(imagePath, CancellationToken.None)).sha256),
      new Promise<void>(resolve => {
        open = resolve;
      }),
    );
    return () => open();
  }

  run(asked: RunRequest, token = CancellationToken.None): Promise<unknown> {
    return this.runner.run(asked, () => undefined, token);
  }
}

/** A picture of the same content as {@link imagePath}, elsewhere. */
function copyOf(name: string): string {
  const copy = path.join(temporaryFolder('runner'), name);
  copyFileSync(imagePath, copy);
  return copy;
}

const request = (prompt: string): RunRequest => ({ model, imagePath, prompt, priority: 'batch', useStore: true });

test('runs begin in the order in which they were asked for, however long each takes to be looked up', async () => {
  const stage = new Stage();
  const [openFirst, openThird] = [await stage.holdBack('first'), await stage.holdBack('third')];
  const runs = ['first', 'second', 'third', 'fourth'].map(prompt => stage.run(request(prompt)));
  // Another run that comes through shows that those of its kind had the time to.
  await stage.run({ ...request('urgent'), priority: 'command' });
  openThird();
  await stage.run({ ...request('urgent too'), priority: 'command' });
  assert.deepEqual(stage.asked, ['urgent', 'urgent too'], 'which waits for no folder');
  openFirst();
  await Promise.all(runs);
  assert.deepEqual(stage.asked.slice(2), ['first', 'second', 'third', 'fourth']);
});

test('a run that is cancelled, or whose picture is gone, holds up nobody', async () => {
  const stage = new Stage();
  const open = await stage.holdBack('cancelled');
  const source = new CancellationTokenSource();
  const ends = [
    assert.rejects(stage.run(request('cancelled'), source.token), CancelledError),
    assert.rejects(stage.run({ ...request('gone'), imagePath: `${imagePath}.gone` }), { reason: 'imageMissing' }),
    assert.rejects(stage.run(request('waits, and is cancelled'), source.token), CancelledError),
    stage.run(request('behind')),
  ];
  source.cancel();
  open();
  await Promise.all(ends);
  assert.deepEqual(stage.asked, ['behind']);
});

/** Captions of pictures that are asked for together: the host answers when all of them wait for it. */
async function captionTogether(stage: Stage, pictures: readonly string[]): Promise<PromiseSettledResult<unknown>[]> {
  let open = () => {};
  stage.captions = new Promise(resolve => {
    open = resolve;
  });
  const ends = Promise.allSettled(pictures.map(file => stage.run({ ...request('caption'), imagePath: file })));
  // Others that come through show that those before them had the time to.
  for (const file of pictures) await stage.run({ ...request('urgent'), imagePath: file, priority: 'command' });
  open();
  return await ends;
}

const failureIn = (end: PromiseSettledResult<unknown>) => end.status === 'rejected' ? end.reason as Failure : undefined;

test('the failure of a picture names its own file, though its equals were run with it', async () => {
  const stage = new Stage();
  stage.fault = file => new Failure('imageUnreadable', `${path.basename(file)} is damaged`);
  const ends = await captionTogether(stage, ['a.png', 'b.png', 'c.png'].map(copyOf));
  assert.deepEqual(ends.map(end => failureIn(end)?.message), [
    'a.png is damaged',
    'b.png is damaged',
    'c.png is damaged',
  ]);
});

test('a picture whose equal cannot be read any more is answered all the same', async () => {
  const stage = new Stage();
  const [gone, there] = [copyOf('gone.png'), copyOf('there.png')];
  stage.fault = file => file === gone ? new Failure('imageMissing', 'gone') : undefined;
  const [first, second] = await captionTogether(stage, [gone, there]);
  assert.equal(failureIn(first!)?.reason, 'imageMissing');
  assert.equal(second!.status === 'fulfilled' && (second!.value as RunResult).image.path, there);
});

test('what fails for another reason than its picture is asked once for all its equals', async () => {
  const stage = new Stage();
  stage.fault = () => new Failure('outOfMemory', 'too large');
  const ends = await captionTogether(stage, ['a.png', 'b.png'].map(copyOf));
  assert.deepEqual(ends.map(end => failureIn(end)?.reason), ['outOfMemory', 'outOfMemory']);
  assert.equal(stage.asked.filter(prompt => prompt === 'caption').length, 1);
});
