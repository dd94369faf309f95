// Model folders that anybody may have made, through the real model host: refused with a reason, before memory or time
// is taken.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { failureTable } from '../../paligemma/src/failures';
import { digestOf, type Manifest } from '../../model-host/src/manifest/manifest';
import { readNpz } from '../../model-host/src/output/npz';
import { readModelFolder } from '../../server/src/models/folders/modelFolder';
import { hostileAdapters, hostileCheckpoints, hostileConversions, makeHostile } from '../support/hostile/models';
import { mutated } from '../support/hostile/pictures';
import { sandbox } from '../support/hostile/sandbox';
import { Tally } from '../support/hostile/tally';
import { WatchedHost, type Ended } from '../support/hostile/watchedHost';
import { samplePath } from '../support/samples';
import { seededRandom } from '../support/seededRandom';
import { npyFile, zipFile } from '../unit/output/zipFiles';

const demo = path.resolve('model-host/demo-model/paligemma2-demo-224');
const picture = samplePath('01.png');
/** The host itself, the demo model and its conversion stay far below. */
const MOST_MIB = 1500;
/** Nothing that is wrong with a model folder is found out by filling memory or by a crash of ours. */
const unfair: readonly string[] = ['internal', 'outOfMemory', 'hostExited', 'cacheUnwritable', 'diskFull'];
const box = sandbox('models');
const tally = new Tally();
let host: WatchedHost;

before(async () => {
  box.watch();
  host = await WatchedHost.start(box);
});
after(async () => {
  tally.print();
  await host.stop();
  box.remove();
});

function generate(modelPath: string, adapterPath?: string): Promise<Ended> {
  const model = {
    path: modelPath,
    weights: 'f32',
    device: 'cpu',
    attention: 'full',
    ...(adapterPath === undefined ? {} : { adapterPath }),
  };
  return host.request('modelHost/generate', {
    model,
    imagePath: picture,
    prefix: 'caption en',
    maxNewTokens: 1,
    locDivisor: 1024,
    progressToken: '',
  });
}

function judge(group: string, name: string, ended: Ended, mayRun: boolean): void {
  tally.add(group, ended);
  const isFair = (ended.outcome === 'done' && mayRun)
    || (Object.hasOwn(failureTable, ended.outcome) && !unfair.includes(ended.outcome));
  assert.ok(isFair, `${name}: ${ended.outcome} ${ended.message.slice(0, 500)}\n${host.stderr}`);
  assert.ok(ended.message.length < 6000, `${name}: a sentence of ${ended.message.length} characters`);
}

/** Fields that a config may lack or have of any kind without harm; the model then runs. */
const harmless =
  /sliding_window|query_pre_attn_scalar|_eps|softcapping|max_position_embeddings 65535|generation_config|preprocessor_config|__proto__/;

test('a checkpoint that lies is refused, or does no harm', async () => {
  for (const model of hostileCheckpoints(process.platform === 'win32')) {
    const folder = makeHostile(model, path.join(box.work, 'checkpoint'));
    await readModelFolder(folder);
    judge('checkpoints', model.name, await generate(folder), harmless.test(model.name));
    rmSync(folder, { recursive: true });
  }
});

test('a checkpoint with random bytes of its headers and JSON files changed is refused, or does no harm', async () => {
  const random = seededRandom(20_260_201);
  const folder = makeHostile(
    { name: 'weights', source: demo, breakIt: () => undefined },
    path.join(box.work, 'changed'),
  );
  for (const [name, rounds] of [['config.json', 150], ['model.safetensors', 150], ['tokenizer.json', 40]] as const) {
    const place = path.join(folder, name);
    const good = readFileSync(place);
    const head = Math.min(
      good.length,
      name === 'model.safetensors' ? 8 + Number(good.readBigUInt64LE(0)) : good.length,
    );
    for (let round = 0; round < rounds; round++) {
      writeFileSync(place, Buffer.concat([mutated(good.subarray(0, head), random), good.subarray(head)]));
      judge(`${name} changed`, `${name} round ${round}`, await generate(folder), true);
    }
    writeFileSync(place, good);
  }
});

test('an adapter that lies is refused', async () => {
  for (const { name, path: adapter } of hostileAdapters(path.join(box.work, 'adapters'))) {
    judge('adapters', name, await generate(demo, adapter), false);
  }
});

test('a converted folder whose manifest lies, or whose graphs were changed, is refused or does no harm', async () => {
  const good = path.join(box.work, 'converted');
  const converted = await host.request('modelHost/convert', {
    sourcePath: demo,
    outPath: good,
    weights: 'int4',
    attention: 'full',
    progressToken: '',
  });
  assert.equal(converted.outcome, 'done', converted.message);
  // Each in a folder of its own: the host keeps a model that it has loaded from one.
  let count = 0;
  const copy = (written: string) => {
    const folder = path.join(box.work, `other-${count++}`);
    mkdirSync(folder);
    // Links in the place of copies, except for what is written to.
    for (const name of readdirSync(good)) {
      if (name === written) copyFileSync(path.join(good, name), path.join(folder, name));
      else linkSync(path.join(good, name), path.join(folder, name));
    }
    return folder;
  };
  for (const { name, breakIt } of hostileConversions()) {
    const folder = copy('manifest.json');
    breakIt(folder);
    judge('manifests', name, await generate(folder), /slidingWindow|eos|maxPositions/.test(name));
    rmSync(folder, { recursive: true });
  }
  const random = seededRandom(20_260_202);
  for (
    const name of readdirSync(good).filter(each =>
      each !== 'manifest.json' && statSync(path.join(good, each)).size < 1 << 20
    )
  ) {
    for (let round = 0; round < 25; round++) {
      const folder = copy(name);
      const bytes = readFileSync(path.join(good, name));
      writeFileSync(path.join(folder, name), sameLength(mutated(bytes, random), bytes.length));
      judge('graphs and tables changed', `${name} round ${round}`, await generate(folder), true);
      rmSync(folder, { recursive: true });
    }
  }
});

/** Whoever makes such a folder makes a manifest that fits. */
function signAnew(folder: string, name: string): void {
  const file = path.join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const sha256 = createHash('sha256').update(readFileSync(path.join(folder, name))).digest('hex');
  const signed = {
    ...manifest,
    files: manifest.files.map(entry => entry.name === name ? { ...entry, sha256 } : entry),
  };
  writeFileSync(file, JSON.stringify({ ...signed, digest: digestOf(signed) }));
}

test('graphs with weights outside of the folder are refused', async () => {
  const good = path.join(box.work, 'converted');
  cpSync(path.join(good, 'vision.data'), path.join(box.work, 'visionda'));
  for (const to of ['vision.copy', '../visionda', '/dev/random', '/etc/passwd']) {
    const folder = path.join(box.work, `escape-${path.basename(to)}`);
    cpSync(good, folder, { recursive: true });
    cpSync(path.join(good, 'vision.data'), path.join(folder, 'vision.copy'));
    const graph = readFileSync(path.join(folder, 'vision-00.onnx'));
    // A path of the same length in the place of the name, so that the encoding of the graph stays right; the first one
    // leads to the very weights.
    assert.equal(to.length, 'vision.data'.length);
    writeFileSync(
      path.join(folder, 'vision-00.onnx'),
      Buffer.from(graph.toString('latin1').replaceAll('vision.data', to), 'latin1'),
    );
    signAnew(folder, 'vision-00.onnx');
    // The copy inside shows that the path is all that the others are refused for.
    const ended = await generate(folder);
    if (to === 'vision.copy') assert.equal(ended.outcome, 'done', ended.message);
    else judge('weights outside', to, ended, false);
    rmSync(folder, { recursive: true });
  }
});

test('NumPy archives changed at random are read or refused', () => {
  const random = seededRandom(20_260_203);
  const good = zipFile([{ name: 'a.npy', content: npyFile([2, 3], new Float32Array(6)), isDeflated: true }, {
    name: '../b.npy',
    content: npyFile([1], new Float32Array(1)),
  }]);
  for (let round = 0; round < 4000; round++) {
    const bytes = mutated(good, random);
    try {
      for (const { data, shape } of readNpz(bytes, () => true, 1 << 20).values()) {
        assert.equal(
          data.length,
          shape.reduce((product, side) => product * side, 1),
        );
      }
      tally.add('npz', { outcome: 'done', elapsedMs: 0 });
    } catch (error) {
      assert.ok(
        error instanceof Error && !/undefined|NaN|range/.test(error.message) && !(error instanceof RangeError)
          && !(error instanceof TypeError),
        `round ${round}: ${String(error)}`,
      );
      tally.add('npz', { outcome: 'refused', elapsedMs: 0 });
    }
  }
});

test('after all that the host is the same process, runs the good model, and has stayed within bounds', async () => {
  assert.equal(host.exit, undefined);
  assert.equal((await generate(demo)).outcome, 'done');
  if (host.peakMiB !== undefined) {
    console.log(`  the host's peak: ${Math.round(host.peakMiB)} MiB`);
    assert.ok(host.peakMiB < MOST_MIB, `${host.peakMiB} MiB`);
  }
});

test('nothing was written outside of the cache, and no half conversion is left in it', () => {
  assert.deepEqual(box.changes(), []);
  assert.deepEqual(readdirSync(path.join(box.cache, 'converted')).filter(name => name.includes('.partial-')), []);
});

function sameLength(bytes: Buffer, length: number): Buffer {
  return bytes.length >= length
    ? bytes.subarray(0, length)
    : Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
}
