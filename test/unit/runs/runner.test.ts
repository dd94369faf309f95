import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { LocalGenerateParams } from '../../../model-host/src/contract/protocol';
import { defaultSettings } from '../../../server/src/contract/settings';
import type { HostClient } from '../../../server/src/host/hostClient';
import type { ModelCatalog } from '../../../server/src/models/catalog/catalog';
import type { ServerEndpoints } from '../../../server/src/models/servers/serverEndpoints';
import { hashImage } from '../../../server/src/runs/imageHash';
import type { ResultStore } from '../../../server/src/runs/resultStore';
import { Runner, type PreparedFolder, type RunRequest } from '../../../server/src/runs/runner';
import { CancelledError } from '../../../server/src/util/cancellation';
import { systemTimers } from '../../../server/src/util/timers';

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

/** A store without results that takes its time, and a host that answers with the prompt and notes what it was asked. */
class Stage {
  /** Prompts, in the order in which the host got them. */
  readonly asked: string[] = [];
  private readonly gates = new Map<string, Promise<void>>();
  private readonly client = {
    generate: ({ prefix }: LocalGenerateParams) => {
      this.asked.push(prefix);
      const timings = { loadMs: 0, imageMs: 0, visionMs: 0, prefillMs: 0, decodeMs: 0, tokens: 1 };
      return Promise.resolve({
        image: { widthPx: 1, heightPx: 1, sha256: 'sum' },
        device: 'cpu',
        suffix: prefix,
        tokenIds: [],
        tokenProbabilities: [],
        stopReason: 'eos',
        regions: [],
        text: prefix,
        timings,
      });
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
      this.runner.keyOf(request(prompt), await hashImage(imagePath, CancellationToken.None)),
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
