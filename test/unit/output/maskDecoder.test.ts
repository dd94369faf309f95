import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { loadMaskDecoder } from '../../../model-host/src/output/maskDecoder';
import { readNpz, type FloatArray } from '../../../model-host/src/output/npz';
import { float32Of, golden, readNpy, tempFile } from '../image/support';
import { npyFile, zipFile } from './zipFiles';

/**
 * Max abs difference of float32 against float64 is 4e-6; anything wrong in the structure shows in the first digit.
 * Source: golden MANIFEST.md.
 */
const TOLERANCE = 1e-4;
const decoderFile = golden('mask-decoder/decoder.npz');
const codes = readNpy('mask-decoder/codes.npy');
const row = (r: number) => Array.from({ length: 16 }, (_, i) => Number(codes.bytes.readBigInt64LE((r * 16 + i) * 8)));

test('raw masks equal the reference', async () => {
  const decoder = await loadMaskDecoder(decoderFile);
  const raw = readNpy('mask-decoder/raw_64.npy');
  assert.deepEqual(raw.shape, [5, 64, 64]);
  const expected = float32Of(raw);
  for (let r = 0; r < 5; r++) {
    const mask = decoder.decode(row(r));
    assert.equal(mask.length, 64 * 64);
    const worst = mask.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[r * 4096 + i]!)), 0);
    assert.ok(worst < TOLERANCE, `row ${r}: ${worst}`);
  }
});

test('a decoded mask is not changed by the next one', async () => {
  const decoder = await loadMaskDecoder(decoderFile);
  const first = decoder.decode(row(0));
  const copy = first.slice();
  decoder.decode(row(1));
  assert.deepEqual(first, copy);
});

test('other codes than sixteen of the codebook are a fault of the caller', async () => {
  const decoder = await loadMaskDecoder(decoderFile);
  assert.equal(decoder.codes, 128);
  for (
    const bad of [[], row(0).slice(1), [...row(0), 1], [...row(0).slice(1), 128], [...row(0).slice(1), -1], [
      ...row(0).slice(1),
      0.5,
    ]]
  ) {
    assert.throws(() => decoder.decode(bad), RangeError);
  }
});

test('the same arrays in a safetensors file give the same mask', async context => {
  const arrays = readNpz(await readFile(decoderFile), () => true, 1 << 28);
  const decoder = await loadMaskDecoder(await tempFile(context, 'decoder.safetensors', safetensors(arrays)));
  assert.deepEqual(decoder.decode(row(3)), (await loadMaskDecoder(decoderFile)).decode(row(3)));
});

const demoDecoder = path.resolve('model-host/demo-model/mask-decoder.safetensors');
test('the narrower decoder of the demo model loads', {
  skip: !existsSync(demoDecoder) && 'the demo model is not there',
}, async () => {
  const decoder = await loadMaskDecoder(demoDecoder);
  assert.equal(decoder.codes, 128);
  const mask = decoder.decode(Array.from({ length: 16 }, (_, i) => i * 8));
  assert.equal(mask.length, 64 * 64);
  assert.ok(mask.every(value => Math.abs(value) < 5) && mask.some(value => value > 0) && mask.some(value => value < 0));
});

test('what is wrong with a file is said with its cure', async context => {
  const arrays = readNpz(await readFile(decoderFile), () => true, 1 << 28);
  const npz = (change: (map: Map<string, FloatArray>) => void) => {
    const map = new Map(arrays);
    change(map);
    return tempFile(
      context,
      'decoder.npz',
      zipFile([...map].map(([name, { shape, data }]) => ({ name: `${name}.npy`, content: npyFile(shape, data) }))),
    );
  };
  const missing = await npz(map => map.delete('decoder.6.bias'));
  await assert.rejects(loadMaskDecoder(missing), {
    name: 'Failure',
    reason: 'tensorMissing',
    message: /decoder\.6\.bias.*Use vae-oid\.npz/,
  });
  const narrow = await npz(map => map.set('decoder.3.net.0.bias', { shape: [5], data: new Float32Array(5) }));
  await assert.rejects(loadMaskDecoder(narrow), {
    name: 'Failure',
    reason: 'tensorMismatch',
    message: /5, but 128 is needed/,
  });
  const notAdding = await npz(map => {
    map.set('decoder.2.net.4.weight', { shape: [64, 128, 1, 1], data: new Float32Array(64 * 128) });
    map.set('decoder.2.net.4.bias', { shape: [64], data: new Float32Array(64) });
  });
  await assert.rejects(loadMaskDecoder(notAdding), { name: 'Failure', reason: 'tensorMismatch' });
  await assert.rejects(loadMaskDecoder(await tempFile(context, 'text.npz', 'no')), {
    name: 'Failure',
    reason: 'weightsCorrupt',
  });
  await assert.rejects(loadMaskDecoder(await tempFile(context, 'text.safetensors', 'no')), {
    name: 'Failure',
    reason: 'weightsCorrupt',
  });
  await assert.rejects(loadMaskDecoder(golden('none.npz')), { name: 'Failure', reason: 'weightsMissing' });
  await assert.rejects(loadMaskDecoder(golden('none.safetensors')), { name: 'Failure', reason: 'weightsMissing' });
  await assert.rejects(loadMaskDecoder(decoderFile, AbortSignal.abort()), { name: 'AbortError' });
});

function safetensors(arrays: ReadonlyMap<string, FloatArray>): Buffer {
  let offset = 0;
  const header = Object.fromEntries(
    [...arrays].map((
      [name, { shape, data }],
    ) => [name, { dtype: 'F32', shape, data_offsets: [offset, offset += data.byteLength] }]),
  );
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([
    length,
    text,
    ...[...arrays.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}
