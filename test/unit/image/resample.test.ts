import assert from 'node:assert/strict';
import test from 'node:test';
import { pixelValues } from '../../../model-host/src/image/preprocess';
import { resizeBicubic8, resizeBilinearRows } from '../../../model-host/src/image/resample';
import { random } from './support';

const draw = random(11);
const noise = (length: number) => Uint8Array.from({ length }, () => Math.floor(draw() * 256));

test('channels are resized each for itself, however many there are', async () => {
  const size = { widthPx: 37, heightPx: 53 };
  const four = noise(37 * 53 * 4);
  const together = await resizeBicubic8({ data: four, ...size, channels: 4 }, 20, 90);
  for (let channel = 0; channel < 4; channel++) {
    const alone = await resizeBicubic8(
      { data: four.filter((_, i) => i % 4 === channel), ...size, channels: 1 },
      20,
      90,
    );
    assert.deepEqual(together.filter((_, i) => i % 4 === channel), alone);
  }
  const three = four.filter((_, i) => i % 4 < 3);
  assert.deepEqual(
    await resizeBicubic8({ data: three, ...size, channels: 3 }, 20, 90),
    together.filter((_, i) => i % 4 < 3),
  );
});

test('a picture of the right size comes back as it was', async () => {
  const data = noise(31 * 17 * 3);
  assert.deepEqual(await resizeBicubic8({ data, widthPx: 31, heightPx: 17, channels: 3 }, 31, 17), data);
});

test('a flat picture stays flat at every size', async () => {
  for (const level of [0, 1, 127, 254, 255]) {
    for (const [width, height] of [[1, 1], [2, 700], [900, 3]] as const) {
      const flat = await resizeBicubic8(
        { data: new Uint8Array(50 * 40 * 3).fill(level), widthPx: 50, heightPx: 40, channels: 3 },
        width,
        height,
      );
      assert.ok(flat.every(value => value === level), `${level} at ${width} × ${height}`);
    }
  }
});

test('a picture that is far taller than wide needs no memory for the pass between', async () => {
  const source = { data: noise(20_000), widthPx: 1, heightPx: 20_000, channels: 1 };
  const before = process.memoryUsage().arrayBuffers;
  const resizing = resizeBicubic8(source, 448, 448);
  assert.ok(process.memoryUsage().arrayBuffers - before < 8e6, 'a picture of 448 × 20,000 would take 9 MB');
  assert.equal((await resizing).length, 448 * 448);
});

test('sizes that make no sense are a fault of the caller', async () => {
  const source = { data: noise(12), widthPx: 2, heightPx: 2, channels: 3 };
  for (const side of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    await assert.rejects(resizeBicubic8(source, side, 4), RangeError);
  }
  await assert.rejects(resizeBicubic8({ ...source, widthPx: 3 }, 4, 4), RangeError);
  await assert.rejects(
    resizeBilinearRows({ data: new Float32Array(3), widthPx: 2, heightPx: 2 }, 4, 4, () => undefined),
    RangeError,
  );
});

test('a large picture can be cancelled on its way to the square', async () => {
  const image = { data: new Uint8Array(4000 * 3000 * 3), widthPx: 4000, heightPx: 3000, sha256: '' };
  const controller = new AbortController();
  const resizing = pixelValues(image, 448, controller.signal);
  setImmediate(() => {
    controller.abort();
  });
  await assert.rejects(resizing, { name: 'AbortError' });
  await assert.rejects(pixelValues(image, 448, AbortSignal.abort()), { name: 'AbortError' });
});
