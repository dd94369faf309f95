import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { widenToFloat32 } from '../../../model-host/src/checkpoint/floats';
import { readSafetensorsHeader, TensorReader } from '../../../model-host/src/checkpoint/safetensors';
import { goldenFolder } from '../../support/golden';
import { failureOf, temporaryFolder } from '../../support/temporary';
import { writeSafetensors } from '../../support/tinyCheckpoint';

const root = temporaryFolder('safetensors');

test('tensors are found and read by rows', async () => {
  const file = path.join(goldenFolder, 'models/gqa-224/model.safetensors');
  const tensor = (await readSafetensorsHeader(file)).tensors.find(({ name }) =>
    name === 'multi_modal_projector.linear.weight'
  );
  assert.deepEqual(tensor?.shape, [64, 48]);
  const reader = new TensorReader();
  const all = await reader.all(tensor);
  assert.deepEqual(await reader.rows(tensor, 10, 2), all.slice(480, 576));
  await reader.close();
});

test('bf16 and f16 widen exactly', () => {
  const bits = (...values: number[]) => new Uint8Array(Uint16Array.from(values).buffer);
  assert.deepEqual([...widenToFloat32(bits(0x3f80, 0xc000, 0x7f80), 'BF16')], [1, -2, Infinity]);
  assert.deepEqual([...widenToFloat32(bits(0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00), 'F16')], [
    1,
    -2,
    2 ** -24,
    65504,
    -Infinity,
  ]);
  assert.ok(Number.isNaN(widenToFloat32(bits(0x7e00), 'F16')[0]));
});

const entry = (shape: number[], offsets: number[], dtype = 'F32') => ({ a: { dtype, shape, data_offsets: offsets } });
const damaged: Record<string, () => string> = {
  'an empty file': () => write('empty', ''),
  'a header longer than the file': () => broken('long-header', '{}', 0, 2 ** 40),
  'a header length of 2⁵³ and more': () => broken('huge-header', '{}', 0, Number.MAX_SAFE_INTEGER),
  'a header that is not JSON': () => broken('no-json', '{"a":', 0),
  'a header that is a list': () => broken('list', '[1]', 0),
  'an entry without a shape': () => broken('no-shape', { a: { dtype: 'F32', data_offsets: [0, 4] } }, 4),
  'data beyond the end': () => broken('short', entry([4], [0, 16]), 8),
  'offsets that do not fit the shape': () => broken('offsets', entry([4], [0, 8]), 16),
  'negative offsets': () => broken('negative', entry([1], [-4, 0]), 16),
  'a shape whose product overflows': () => broken('overflow', entry([2 ** 31, 2 ** 31, 2 ** 31], [0, 16]), 16),
  'offsets in the wrong order': () => broken('order', entry([1], [8, 4]), 16),
};

for (const [name, make] of Object.entries(damaged)) {
  test(`refused: ${name}`, async () => {
    const failure = await failureOf(readSafetensorsHeader(make()));
    assert.equal(failure.reason, 'weightsCorrupt');
    assert.match(failure.message, /Download it again/);
  });
}

test('a missing file is reported as missing weights', async () =>
  assert.equal((await failureOf(readSafetensorsHeader(path.join(root, 'none')))).reason, 'weightsMissing'));

test('tensors that share bytes are refused', async () => {
  const file = broken('overlap', {
    a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
  }, 8);
  assert.match((await failureOf(readSafetensorsHeader(file))).message, /"a" and "b" overlap/);
});

test('a type is never looked up among what every object has', async () => {
  assert.deepEqual((await readSafetensorsHeader(broken('inherited', entry([], [0, 0], 'toString'), 8))).tensors, []);
});

test('tensors of other types are left out', async () => {
  const file = broken('integers', { ...entry([1], [0, 8], 'I64') }, 8);
  assert.deepEqual((await readSafetensorsHeader(file)).tensors, []);
});

test('random headers of a fixed seed never do worse than a failure of the table', async () => {
  let seed = 12345;
  const random = (below: number) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % below;
  const words = [
    '{',
    '}',
    '"a"',
    ':',
    '[',
    ']',
    '"dtype"',
    '"F32"',
    '"shape"',
    '"data_offsets"',
    ',',
    '1',
    '-1',
    '1e300',
    'null',
    '"__metadata__"',
  ];
  for (let round = 0; round < 500; round++) {
    const text = Array.from({ length: 1 + random(20) }, () => words[random(words.length)]).join('');
    const file = broken('random', text, random(32), random(4) === 0 ? random(200) : undefined);
    await readSafetensorsHeader(file).catch((error: unknown) =>
      assert.equal((error as { reason?: string }).reason, 'weightsCorrupt', text)
    );
  }
});

function broken(name: string, header: Record<string, unknown> | string, dataBytes: number, claimed?: number): string {
  const file = path.join(root, name);
  writeSafetensors(file, header, dataBytes, claimed);
  return file;
}

function write(name: string, text: string): string {
  const file = path.join(root, name);
  writeFileSync(file, text);
  return file;
}
