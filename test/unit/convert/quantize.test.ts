import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantizeInt4 } from '../../../model-host/src/convert/quantize';

/** Reads the layout back by its definition: two weights a byte, low half first, offset 8, one scale a block. */
function dequantize({ data, scales }: { data: Uint8Array; scales: Float32Array }, rows: number, columns: number, blockSize: number): Float32Array {
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
  return Float32Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}

const squaredError = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0) / a.length;

test('every weight comes back within half a step of its block', () => {
  const weights = Float32Array.from({ length: 64 }, (_, i) => (i - 32) / 32);
  const quantized = quantizeInt4(weights, 1, 64, 32);
  const back = dequantize(quantized, 1, 64, 32);
  weights.forEach((weight, i) => assert.ok(Math.abs(weight - (back[i] ?? 9)) <= Math.abs(quantized.scales[i >> 5] ?? 0) * 1.01, `${i}: ${weight} became ${back[i]}`));
});

test('the chosen scale beats the one of the largest weight', () => {
  const weights = gaussian(64 * 256);
  const chosen = squaredError(weights, dequantize(quantizeInt4(weights, 64, 256, 32), 64, 256, 32));
  assert.ok(chosen < 0.0099, `mean squared error ${chosen}`);
});

test('rows that are no whole number of blocks are padded with zeros', () => {
  const weights = gaussian(3 * 40);
  const quantized = quantizeInt4(weights, 3, 40, 32);
  assert.equal(quantized.data.length, 3 * 2 * 16);
  assert.ok(squaredError(weights, dequantize(quantized, 3, 40, 32)) < 0.02);
  assert.ok(quantized.data.subarray(20, 32).every(byte => byte === 0x88), 'the padding stands for zero');
});

test('a block of zeros, of one value and of denormals stays finite', () => {
  for (const value of [0, 3.5, 1e-42, -1e38]) {
    const { data, scales } = quantizeInt4(new Float32Array(32).fill(value), 1, 32, 32);
    assert.ok(scales.every(Number.isFinite));
    const [back = NaN] = dequantize({ data, scales }, 1, 32, 32);
    assert.ok(Math.abs(back - value) <= Math.abs(value) * 0.05 + 1e-41, `${value} became ${back}`);
  }
});
