import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import type { ModelSpec } from '../../../model-host/src/contract/protocol';
import { convertCheckpoint } from '../../../model-host/src/convert/convert';
import { convertedModel } from '../../../model-host/src/convert/modelCache';
import { goldenFolder } from '../../support/golden';
import { failureOf, temporaryFolder } from '../../support/temporary';
import {
  copyCheckpoint,
  editJson,
  editSafetensorsHeader,
  removeFile,
  truncateFile,
} from '../../support/tinyCheckpoint';

const root = temporaryFolder('convert');
const source = path.join(goldenFolder, 'models/gqa-224');
const signal = new AbortController().signal;
const hooks = { signal, onProgress: () => undefined, onNote: () => undefined };
const spec = (folder: string, weights: ModelSpec['weights'] = 'f32'): ModelSpec => ({
  path: folder,
  weights,
  device: 'cpu',
  attention: 'full',
});

test('progress counts the bytes of the weights up to the last', async () => {
  const seen: [number, number][] = [];
  await convertCheckpoint({
    sourcePath: source,
    outPath: path.join(root, 'progress'),
    name: 'gqa',
    fingerprint: '',
    weights: 'int4',
    attention: 'full',
    onProgress: (done, total) => seen.push([done, total]),
  }, signal);
  assert.ok(seen.length > 20);
  assert.ok(seen.every(([done], index) => done > (seen[index - 1]?.[0] ?? 0)));
  assert.deepEqual(seen.at(-1)?.[0], seen.at(-1)?.[1]);
});

test('worker threads change nothing', async () => {
  const manifests = await Promise.all([0, 2].map(threads =>
    convertCheckpoint({
      sourcePath: source,
      outPath: path.join(root, `threads-${threads}`),
      name: 'gqa',
      fingerprint: '',
      weights: 'int4',
      attention: 'full',
      threads,
      onProgress: () => undefined,
    }, signal)
  ));
  assert.deepEqual(manifests[1]?.files, manifests[0]?.files);
});

test('a folder that somebody has put where a conversion would grow is not written into', async context => {
  const outPath = path.join(root, 'trapped');
  const elsewhere = path.join(root, 'elsewhere');
  await mkdir(elsewhere);
  context.mock.method(Date, 'now', () => 1_700_000_000_000);
  symlinkSync(elsewhere, `${outPath}.partial-${process.pid}-${(1_700_000_000_000).toString(36)}`, 'junction');
  const work = convertCheckpoint({
    sourcePath: source,
    outPath,
    name: 'gqa',
    fingerprint: '',
    weights: 'int4',
    attention: 'full',
    onProgress: () => undefined,
  }, signal);
  assert.equal((await failureOf(work)).reason, 'cacheUnwritable');
  assert.deepEqual(readdirSync(elsewhere), []);
});

test('a conversion is made once and found again', async () => {
  const cache = path.join(root, 'cache-once');
  const first = await convertedModel(spec(source), cache, hooks);
  const written = readFileSync(path.join(first.folder, 'manifest.json'), 'utf8');
  const second = await convertedModel(spec(source), cache, {
    ...hooks,
    onProgress: () => assert.fail('converted again'),
  });
  assert.equal(second.folder, first.folder);
  assert.equal(readFileSync(path.join(second.folder, 'manifest.json'), 'utf8'), written);
  const direct = await convertedModel(spec(first.folder), cache, hooks);
  assert.equal(direct.folder, first.folder, 'a converted folder is opened as it is');
});

test('weight types and a changed checkpoint have conversions of their own', async () => {
  const cache = path.join(root, 'cache-keys');
  const model = copyCheckpoint('gqa-224', path.join(root, 'changing'));
  const exact = await convertedModel(spec(model), cache, hooks);
  const small = await convertedModel(spec(model, 'int4'), cache, hooks);
  assert.notEqual(small.folder, exact.folder);
  assert.ok(small.manifest.bytes < exact.manifest.bytes);
  utimesSync(path.join(model, 'model.safetensors'), 1, 1);
  assert.notEqual((await convertedModel(spec(model), cache, hooks)).folder, exact.folder);
});

test('two conversions at once end in one folder', async () => {
  const cache = path.join(root, 'cache-twice');
  const [first, second] = await Promise.all([
    convertedModel(spec(source), cache, hooks),
    convertedModel(spec(source), cache, hooks),
  ]);
  assert.equal(first.folder, second.folder);
  assert.deepEqual(readdirSync(path.join(cache, 'converted')), [path.basename(first.folder)]);
});

test('a damaged conversion is noticed and made again', async () => {
  const cache = path.join(root, 'cache-damaged');
  const { folder } = await convertedModel(spec(source), cache, hooks);
  truncateFile(folder, 'shared.data', 100);
  const notes: string[] = [];
  const repaired = await convertedModel(spec(source), cache, { ...hooks, onNote: note => notes.push(note) });
  assert.equal(repaired.folder, folder);
  assert.match(notes.join(), /shared\.data has 100 bytes/);
  writeFileSync(path.join(folder, 'manifest.json'), '{');
  assert.equal((await convertedModel(spec(source), cache, hooks)).folder, folder);
});

test('a cancelled conversion leaves nothing behind', async () => {
  const controller = new AbortController();
  const cache = path.join(root, 'cache-cancelled');
  const running = convertedModel(spec(source), cache, {
    signal: controller.signal,
    onProgress: () => controller.abort(),
    onNote: () => undefined,
  });
  await assert.rejects(running, { name: 'AbortError' });
  assert.deepEqual(readdirSync(path.join(cache, 'converted')), []);
});

test('what a dead process left half done is removed', async () => {
  const cache = path.join(root, 'cache-leftover');
  const leftover = path.join(cache, 'converted', 'x-f32-abc.partial-2147483646-zz');
  await mkdir(leftover, { recursive: true });
  await convertedModel(spec(source), cache, hooks);
  assert.equal(existsSync(leftover), false);
});

const damage: Record<string, { model?: string; damage: (folder: string) => void; reason: string; says: RegExp }> = {
  'no config.json': {
    damage: folder => removeFile(folder, 'config.json'),
    reason: 'modelConfigMissing',
    says: /config\.json/,
  },
  'no weights': {
    damage: folder => removeFile(folder, 'model.safetensors'),
    reason: 'weightsMissing',
    says: /model\.safetensors/,
  },
  'truncated weights': {
    damage: folder => truncateFile(folder, 'model.safetensors', 1_000_000),
    reason: 'weightsCorrupt',
    says: /Download/,
  },
  'a missing shard': {
    model: 'wide-448',
    damage: folder => removeFile(folder, 'model-00002-of-00003.safetensors'),
    reason: 'weightsMissing',
    says: /00002-of-00003/,
  },
  'a truncated shard': {
    model: 'wide-448',
    damage: folder => truncateFile(folder, 'model-00003-of-00003.safetensors', 200_000),
    reason: 'weightsCorrupt',
    says: /00003-of-00003/,
  },
  'a shard outside of the folder': {
    model: 'wide-448',
    reason: 'weightsCorrupt',
    says: /not a plain file name/,
    damage: folder =>
      editJson(folder, 'model.safetensors.index.json', index => {
        index['weight_map'] = { a: '../../etc/passwd' };
      }),
  },
  'a tensor that is not there': {
    reason: 'tensorMissing',
    says: /post_layernorm/,
    damage: folder =>
      editSafetensorsHeader(path.join(folder, 'model.safetensors'), header => {
        delete header['vision_tower.vision_model.post_layernorm.bias'];
      }),
  },
  'a tensor of the wrong shape': {
    reason: 'tensorMismatch',
    says: /\[96, 32\]/,
    damage: folder =>
      editSafetensorsHeader(path.join(folder, 'model.safetensors'), header => {
        header['multi_modal_projector.linear.weight']!.shape = [96, 32];
      }),
  },
  'another architecture': {
    damage: folder =>
      editJson(folder, 'config.json', config => {
        config['model_type'] = 'llava';
      }),
    reason: 'modelUnsupported',
    says: /paligemma2/,
  },
  'no tokenizer': {
    damage: folder => removeFile(folder, 'tokenizer.json'),
    reason: 'tokenizerMissing',
    says: /tokenizer\.json/,
  },
};

for (const [name, { model = 'gqa-224', damage: spoil, reason, says }] of Object.entries(damage)) {
  test(`refused, and nothing written: ${name}`, async () => {
    const folder = copyCheckpoint(model, path.join(root, `bad-${name.replaceAll(/\W+/g, '-')}`));
    spoil(folder);
    const cache = `${folder}-cache`;
    const failure = await failureOf(convertedModel(spec(folder), cache, hooks));
    assert.equal(failure.reason, reason);
    assert.match(failure.message, says);
    assert.deepEqual(readdirSync(path.join(cache, 'converted')), []);
  });
}

test('a checkpoint folder that is not there is reported as a missing model', async () =>
  assert.equal(
    (await failureOf(convertedModel(spec(path.join(root, 'nowhere')), root, hooks))).reason,
    'modelMissing',
  ));

test('a cache that cannot be written to fails with its cure', async () => {
  const file = path.join(root, 'a-file');
  writeFileSync(file, '');
  const failure = await failureOf(convertedModel(spec(source), file, hooks));
  assert.equal(failure.reason, 'cacheUnwritable');
  assert.match(failure.message, /PALIGEMMA_CACHE/);
});
