import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type {
  GenerateResult,
  LocalGenerateParams,
  RunProgress,
  TilesParams,
  TilesResult,
} from '../../../model-host/src/contract/protocol';
import type { Box, Region } from '../../../paligemma/src/facts';
import { defaultSettings, type Settings } from '../../../server/src/contract/settings';
import type { HostClient } from '../../../server/src/host/hostClient';
import type { ModelCatalog } from '../../../server/src/models/catalog/catalog';
import type { ServerEndpoints } from '../../../server/src/models/servers/serverEndpoints';
import { PictureHashes } from '../../../server/src/runs/pictureHashes';
import { ResultStore } from '../../../server/src/runs/resultStore';
import { Runner, type PreparedFolder, type RunRequest } from '../../../server/src/runs/runner';
import { CancelledError } from '../../../server/src/util/cancellation';
import { silentLog } from '../../../server/src/util/log';
import { systemTimers } from '../../../server/src/util/timers';
import { failureOf, temporaryFolder } from '../../support/temporary';

const model: PreparedFolder = {
  id: 'm',
  kind: 'mix',
  isDemo: false,
  resolutionPx: 448,
  path: '/m',
  identity: 'identity',
  adapterIdentity: undefined,
  spec: { path: '/m', weights: 'int4', device: 'cpu', attention: 'full' },
};
const imagePath = path.resolve('test/fixtures/golden/images/one-pixel.png');
const hashes = new PictureHashes();
const image = { widthPx: 1000, heightPx: 1000, sha256: '' };

type Asked = Omit<LocalGenerateParams, 'progressToken'>;

/** A host that plans as it is told and answers each part, and the store that is used in earnest. */
class Stage {
  readonly asked: Asked[] = [];
  readonly planned: TilesParams[] = [];
  readonly progress: RunProgress[] = [];
  /** Called with each progress. */
  heard: (progress: RunProgress) => void = () => undefined;
  united = 0;
  settings: Settings = defaultSettings;
  plan: TilesResult['tiles'] = [
    { box: { x1: 0, y1: 0, x2: 550, y2: 1000 }, isBlank: false },
    { box: { x1: 450, y1: 0, x2: 1000, y2: 1000 }, isBlank: false },
  ];
  /** What the model says of a part, or of the whole picture. */
  say: (crop: Box | undefined, token: CancellationToken) => Partial<GenerateResult> | Promise<Partial<GenerateResult>> =
    crop => ({ suffix: crop === undefined ? 'whole' : `part at ${crop.x1}` });
  private readonly client = {
    planTiles: async (params: TilesParams): Promise<TilesResult> => {
      this.planned.push(params);
      return { image: { ...image, sha256: await sha256() }, tiles: this.plan };
    },
    generate: async (params: Asked, onProgress: (progress: RunProgress) => void, token: CancellationToken) => {
      this.asked.push(params);
      onProgress({ kind: 'phase', phase: 'vision', done: 0, total: 1 });
      const said = await this.say(params.crop, token);
      const suffix = said.suffix ?? '';
      return {
        image: { ...image, sha256: await sha256() },
        device: 'cpu',
        suffix,
        text: suffix,
        tokenIds: [1],
        tokenProbabilities: [1],
        stopReason: 'eos',
        regions: [],
        timings: { loadMs: 0, imageMs: 1, visionMs: 2, prefillMs: 3, decodeMs: 4, tokens: 5 },
        ...said,
      };
    },
    uniteMasks: () => {
      this.united++;
      return Promise.resolve({ width: 1000, height: 1000, png: 'AB==' });
    },
  } as unknown as HostClient;
  private readonly host = {
    use: <T>(work: (client: HostClient) => Promise<T>) => work(this.client),
    killStuck: () => assert.fail('nothing is stuck'),
  };
  readonly store = new ResultStore(temporaryFolder('tiles'), silentLog);
  readonly runner = new Runner({
    catalog: {} as ModelCatalog,
    endpoints: {} as ServerEndpoints,
    store: this.store,
    hashes,
    host: this.host,
    serverHost: this.host,
    localRows: 4,
    settings: () => this.settings,
    timers: systemTimers,
  });

  run(part: Partial<RunRequest> = {}, token = CancellationToken.None) {
    return this.runner.run(
      { model, imagePath, prompt: 'ocr', priority: 'command', useStore: true, ...part },
      progress => {
        this.progress.push(progress);
        this.heard(progress);
      },
      token,
    );
  }

  get crops(): (string | undefined)[] {
    return this.asked.map(({ crop }) => crop && `${crop.x1}-${crop.x2}`);
  }
}

async function sha256(): Promise<string> {
  return (await hashes.of(imagePath, CancellationToken.None)).sha256;
}

test('without tiles, and with tiles off, a run is what it was: one question, one key, no plan', async () => {
  const stage = new Stage();
  const plain = await stage.run();
  assert.deepEqual([stage.planned.length, stage.crops], [0, [undefined]]);
  assert.ok(!('crop' in stage.asked[0]!) && !('tiles' in plain));
  const off = await stage.run({ tiles: 'off' });
  assert.deepEqual([off.fromStore, stage.asked.length], [true, 1]);
  const keyOf = (tiles?: 'off' | '2x1') =>
    stage.runner.keyOf({ model, imagePath, prompt: 'ocr', tiles }, 'a'.repeat(64));
  assert.equal(keyOf('off'), keyOf());
  assert.notEqual(keyOf('2x1'), keyOf());
});

test('each part is asked the same, and their answers are one, with those of the parts', async () => {
  const stage = new Stage();
  const result = await stage.run({ tiles: '2x1', maxNewTokens: 7 });
  const tiles = { columns: 2, rows: 1 };
  assert.deepEqual(stage.planned, [{ imagePath, resolutionPx: 448, tiles, kind: 'text', takesTextLayer: true }]);
  assert.deepEqual(stage.crops, ['0-550', '450-1000']);
  assert.ok(stage.asked.every(({ prefix, maxNewTokens }) => prefix === 'ocr' && maxNewTokens === 7));
  assert.deepEqual(result.suffix, 'part at 0\npart at 450');
  assert.deepEqual(result.tiles, [{ ...stage.plan[0]!.box, suffix: 'part at 0' }, {
    ...stage.plan[1]!.box,
    suffix: 'part at 450',
  }]);
  assert.deepEqual([result.tokenIds, result.timings.tokens, result.timings.decodeMs], [[], 10, 8]);
  assert.deepEqual([result.prompt, result.image.path, result.fromStore], ['ocr', imagePath, false]);
  const again = await stage.run({ tiles: '2x1', maxNewTokens: 7 });
  assert.deepEqual([again.fromStore, again.suffix, again.tiles, stage.asked.length], [
    true,
    result.suffix,
    result.tiles,
    2,
  ]);
});

test('parts of one colour are not sent to the model', async () => {
  const stage = new Stage();
  stage.plan = stage.plan.map((tile, i) => ({ ...tile, isBlank: i === 0 }));
  const result = await stage.run({ tiles: '2x1' });
  assert.deepEqual(stage.crops, ['450-1000']);
  assert.deepEqual(result.tiles?.map(({ suffix }) => suffix), ['', 'part at 450']);
  stage.plan = stage.plan.map(tile => ({ ...tile, isBlank: true }));
  assert.equal((await stage.run({ tiles: '3x1' })).suffix, 'whole', 'nothing but one colour: as without tiles');
});

test('auto reads a picture as a whole where it needs no cut, and finds that answer again under both names', async () => {
  const stage = new Stage();
  stage.plan = [{ box: { x1: 0, y1: 0, x2: 1000, y2: 1000 }, isBlank: false }];
  const result = await stage.run({ tiles: 'auto' });
  assert.deepEqual([result.suffix, result.tiles, stage.crops], ['whole', undefined, [undefined]]);
  await stage.run({ tiles: 'auto' });
  await stage.run();
  assert.deepEqual([stage.asked.length, stage.planned.length], [1, 1]);
});

test('objects are looked for in the whole picture too, and a mask across a seam is one mask', async () => {
  const stage = new Stage();
  const cup = (box: Box, png: string): Partial<GenerateResult> => ({
    suffix: `<loc0000><loc0000><loc0100><loc0100>${'<seg001>'.repeat(16)} cup`,
    text: '',
    regions: [{ label: 'cup', box, mask: { width: 1000, height: 1000, png } }] as Region[],
  });
  stage.say = crop =>
    crop === undefined
      ? { suffix: '' }
      : crop.x1 === 0
      ? cup({ x1: 400, y1: 0, x2: 550, y2: 100 }, 'AA==')
      : cup({ x1: 450, y1: 0, x2: 600, y2: 100 }, 'BB==');
  const result = await stage.run({ prompt: 'segment cup', tiles: '2x1' });
  assert.deepEqual(stage.crops, ['0-550', '450-1000', undefined]);
  assert.deepEqual(result.regions, [
    { label: 'cup', box: { x1: 400, y1: 0, x2: 600, y2: 100 }, mask: { width: 1000, height: 1000, png: 'AB==' } },
  ]);
  assert.deepEqual([stage.united, result.tiles?.length], [1, 3]);
});

test('a region is one part, for any prompt', async () => {
  const stage = new Stage();
  const region = { x1: 10, y1: 20, x2: 30, y2: 40 };
  stage.plan = [{ box: region, isBlank: false }];
  const result = await stage.run({ prompt: 'caption en', region });
  assert.deepEqual([stage.crops, result.suffix, result.tiles], [['10-30'], 'part at 10', [
    { ...region, suffix: 'part at 10' },
  ]]);
  const settled = await stage.run({ prompt: 'caption en' });
  assert.equal(settled.suffix, 'whole', 'another question');
  const keyOf = (part: Pick<RunRequest, 'region' | 'tiles'>) =>
    stage.runner.keyOf({ model, imagePath, prompt: 'ocr', ...part }, 'a'.repeat(64));
  assert.ok(!keyOf({ region }).startsWith('a'.repeat(24)), 'no answer about the picture, so not among those');
  assert.ok(keyOf({ tiles: '2x1' }).startsWith('a'.repeat(24)));
  assert.equal((await stage.run({ prompt: 'caption en', region })).fromStore, true);
});

test('captions and questions are never cut: who asks for it is told, and a setting leaves them alone', async () => {
  const stage = new Stage();
  for (const prompt of ['caption en', 'answer en what is this?', '']) {
    const { reason, message } = await failureOf(stage.run({ prompt, tiles: '2x2' }));
    assert.equal(reason, 'badArgument');
    assert.match(
      message,
      /^Only “ocr”, “detect” and “segment” can be asked of the parts of a picture; .+Leave tiles 2x2 out\.$/,
    );
    assert.equal((await stage.run({ prompt, tiles: 'auto' })).suffix, 'whole');
    stage.settings = { ...defaultSettings, tiles: '2x2' };
    assert.equal((await stage.run({ prompt })).suffix, 'whole');
    stage.settings = defaultSettings;
  }
  assert.equal(stage.planned.length, 0);
});

test('a setting holds where the run says nothing', async () => {
  const stage = new Stage();
  stage.settings = { ...defaultSettings, tiles: '2x1' };
  assert.equal((await stage.run()).tiles?.length, 2);
  assert.equal((await stage.run({ tiles: 'off' })).tiles, undefined);
});

test('a cancelled run goes on where it stopped', async () => {
  const stage = new Stage();
  const source = new CancellationTokenSource();
  stage.say = (crop, token) =>
    crop?.x1 === 0
      ? { suffix: 'first' }
      : new Promise((_, reject) => token.onCancellationRequested(() => reject(new CancelledError())));
  stage.heard = ({ tiles }) => {
    if (tiles?.done === 1) source.cancel();
  };
  await assert.rejects(stage.run({ tiles: '2x1' }, source.token), CancelledError);
  assert.deepEqual(stage.crops, ['0-550', '450-1000']);
  stage.say = () => ({ suffix: 'second' });
  const result = await stage.run({ tiles: '2x1' });
  assert.deepEqual([stage.crops, result.suffix], [['0-550', '450-1000', '450-1000'], 'first\nsecond']);
});

test('a part that fails ends the others, and its failure is the one that is told', async () => {
  const stage = new Stage();
  let isCancelled = false;
  let begin = () => {};
  const hasBegun = new Promise<void>(resolve => {
    begin = resolve;
  });
  stage.say = async (crop, token) => {
    if (crop?.x1 === 0) {
      await hasBegun;
      throw new Error('out of luck');
    }
    const cancelled = new Promise<never>((_, reject) =>
      token.onCancellationRequested(() => {
        isCancelled = true;
        reject(new CancelledError());
      })
    );
    begin();
    return cancelled;
  };
  await assert.rejects(stage.run({ tiles: '2x1' }), { message: 'out of luck' });
  assert.ok(isCancelled);
});

test('a picture that changes between its parts is no picture to be told about', async () => {
  const stage = new Stage();
  stage.say = crop => crop?.x1 === 0 ? {} : { image: { ...image, sha256: 'f'.repeat(64) } };
  const { reason, message } = await failureOf(stage.run({ tiles: '2x1' }));
  assert.equal(reason, 'imageUnreadable');
  assert.match(message, /changed while its parts were read/);
});

test('progress tells how many parts are read, from the beginning', async () => {
  const stage = new Stage();
  await stage.run({ tiles: '2x1' });
  const counts = stage.progress.flatMap(({ tiles }) => tiles === undefined ? [] : [`${tiles.done}/${tiles.total}`]);
  assert.deepEqual([counts[0], counts.at(-1)], ['0/2', '2/2']);
});

test('text that is likely too small is told with the parts that auto would read, also from the store', async () => {
  const stage = new Stage();
  const small = { image: { ...image, widthPx: 1920, heightPx: 1080, sha256: await sha256() }, suffix: 'x' };
  stage.say = () => small;
  assert.equal((await stage.run()).advisedTiles, 6);
  const again = await stage.run();
  assert.deepEqual([again.fromStore, again.advisedTiles], [true, 6]);
  assert.equal((await stage.run({ tiles: '2x1' })).advisedTiles, undefined, 'it is read in parts');
  assert.equal((await stage.run({ prompt: 'detect cup' })).advisedTiles, undefined);
});
