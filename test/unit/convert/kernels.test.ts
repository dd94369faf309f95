import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KernelPool } from '../../../model-host/src/convert/kernelPool';
import { halves, widenToFloat32 } from '../../../model-host/src/checkpoint/floats';
import { blocksOf4, blocksOf8, rowsOf8, type Piece, type Target } from '../../../model-host/src/convert/kernels';

/** Reads the layout back by its definition: two weights a byte, low half first, offset 8, one scale a block. */
function dequantize(
  { data, scales }: { data: Uint8Array; scales: Float32Array },
  rows: number,
  columns: number,
  blockSize: number,
): Float32Array {
  const blocks = Math.ceil(columns / blockSize);
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const row = Math.floor(i / columns);
    const position = row * blocks * blockSize + (i % columns);
    const byte = data[position >> 1] ?? 0;
    const level = position % 2 === 0 ? byte & 15 : byte >> 4;
    return (level - 8) * (scales[Math.floor(position / blockSize)] ?? 0);
  });
}

function gaussian(count: number): Float32Array {
  let seed = 7;
  const uniform = () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) + 1) / 2 ** 32;
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

const squaredError = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0) / a.length;

test('every weight comes back within half a step of its block', () => {
  const weights = Float32Array.from({ length: 64 }, (_, i) => (i - 32) / 32);
  const quantized = blocksOf4(weights, 1, 64, 32);
  const back = dequantize(quantized, 1, 64, 32);
  weights.forEach((weight, i) =>
    assert.ok(
      Math.abs(weight - (back[i] ?? 9)) <= Math.abs(quantized.scales[i >> 5] ?? 0) * 1.01,
      `${i}: ${weight} became ${back[i]}`,
    )
  );
});

test('the chosen scale beats the one of the largest weight', () => {
  const weights = gaussian(64 * 256);
  const chosen = squaredError(weights, dequantize(blocksOf4(weights, 64, 256, 32), 64, 256, 32));
  assert.ok(chosen < 0.0099, `mean squared error ${chosen}`);
});

test('rows that are no whole number of blocks are padded with zeros', () => {
  const weights = gaussian(3 * 40);
  const quantized = blocksOf4(weights, 3, 40, 32);
  assert.equal(quantized.data.length, 3 * 2 * 16);
  assert.ok(squaredError(weights, dequantize(quantized, 3, 40, 32)) < 0.02);
  assert.ok(quantized.data.subarray(20, 32).every(byte => byte === 0x88), 'the padding stands for zero');
});

test('a block of zeros, of one value and of denormals stays finite', () => {
  for (const value of [0, 3.5, 1e-42, -1e38]) {
    const { data, scales } = blocksOf4(new Float32Array(32).fill(value), 1, 32, 32);
    assert.ok(scales.every(Number.isFinite));
    const [back = NaN] = dequantize({ data, scales }, 1, 32, 32);
    assert.ok(Math.abs(back - value) <= Math.abs(value) * 0.05 + 1e-41, `${value} became ${back}`);
  }
});

test('8-bit blocks come back within half a step, padding stands for zero', () => {
  const weights = gaussian(3 * 40);
  const { data, scales } = blocksOf8(weights, 3, 40, 32);
  assert.equal(data.length, 3 * 64);
  weights.forEach((weight, i) => {
    const [row, column] = [Math.floor(i / 40), i % 40];
    const scale = scales[row * 2 + (column >> 5)] ?? NaN;
    assert.ok(Math.abs(((data[row * 64 + column] ?? 0) - 128) * scale - weight) <= scale * 0.501);
  });
  assert.ok(data.subarray(40, 64).every(byte => byte === 128));
});

test('8-bit rows are signed bytes, within half a step of their row', () => {
  const weights = gaussian(3 * 40);
  weights.fill(0, 80);
  const { data, scales } = rowsOf8(weights, 3, 40);
  const signed = new Int8Array(data.buffer, data.byteOffset, data.byteLength);
  assert.equal(signed.length, weights.length);
  weights.forEach((weight, i) =>
    assert.ok(
      Math.abs((signed[i] ?? NaN) * (scales[Math.floor(i / 40)] ?? NaN) - weight)
        <= (scales[Math.floor(i / 40)] ?? NaN) * 0.501,
    )
  );
  assert.equal(Math.max(...signed.subarray(0, 40).map(Math.abs)), 127);
  assert.ok(signed.subarray(80).every(value => value === 0), 'a row of zeros');
});

test('float16 is rounded to nearest, ties to even, with subnormals and infinities', () => {
  const cases: [number, number][] = [
    [0, 0],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [-Infinity, 0xfc00],
    [NaN, 0x7e00],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 ** -14, 0x0400],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [3 * 2 ** -25, 2],
    [2 ** -14 - 2 ** -26, 0x0400],
    [1e-30, 0],
  ];
  for (const [value, expected] of cases) assert.equal(halves(Float32Array.of(value))[0], expected, `${value}`);
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter(half =>
    (half & 0x7c00) !== 0x7c00 || (half & 0x3ff) === 0
  );
  assert.deepEqual(
    halves(widenToFloat32(new Uint8Array(all.buffer), 'F16')),
    all,
    'every float16 survives the way to float32 and back',
  );
});

test('worker threads give the same bytes as the calling thread', async context => {
  const targets: Target[] = [{ form: 'f32' }, { form: 'f16' }, { form: 'blocks', bits: 4, blockSize: 32 }, {
    form: 'blocks',
    bits: 8,
    blockSize: 32,
  }, { form: 'rows' }];
  const [here, threads] = [new KernelPool(0), new KernelPool(2)];
  context.after(() => threads.close());
  const piece = (target: Target): Piece => ({
    bytes: new Uint8Array(gaussian(4 * 64).buffer),
    type: 'F32',
    rows: 4,
    columns: 64,
    target,
  });
  const stored = await Promise.all(targets.map(target => threads.convert(piece(target))));
  for (const [index, target] of targets.entries()) {
    assert.deepEqual(stored[index], await here.convert(piece(target)), target.form);
  }
  assert.equal(await threads.hash('package.json'), await here.hash('package.json'));
  await assert.rejects(threads.hash('no-such-file'), /ENOENT/);
});
