import assert from 'node:assert/strict';
import test from 'node:test';
import { resizeBicubic8, resizeBilinearRows } from '../../../model-host/src/image/resample';
import { boxFromLocBins, type LocBins } from '../../../paligemma/src/locTokens';
import { pasteMask, pixelBox } from '../../../model-host/src/output/pasteMask';
import { float32Of, readGoldenJson, readNpy } from '../image/support';

interface MasksJson {
  readonly pasted: {
    readonly codes_row: number;
    readonly loc_yxyx: LocBins;
    readonly width: number;
    readonly height: number;
    readonly demo_box_yxyx: readonly number[];
    readonly metric_box_yxyx: readonly number[];
  };
}

const { pasted } = readGoldenJson<MasksJson>('mask-decoder/masks.json');
const { width, height } = pasted;
const rowOf = (name: string, r: number) => float32Of(readNpy('mask-decoder', name)).slice(r * 4096, (r + 1) * 4096);
const raw = rowOf('raw_64.npy', pasted.codes_row);

function boxOf(divisor: 1023 | 1024) {
  const box = boxFromLocBins(pasted.loc_yxyx, width, height, divisor);
  const pixels = box && pixelBox(box, divisor);
  assert.ok(pixels !== undefined);
  return pixels;
}

async function resizedRows(data: Float32Array, widthPx: number, heightPx: number): Promise<Float32Array> {
  const rows = new Float32Array(widthPx * heightPx);
  await resizeBilinearRows(
    { data, widthPx: 64, heightPx: 64 },
    widthPx,
    heightPx,
    (y, row) => rows.set(row, y * widthPx),
  );
  return rows;
}

test('a pasted mask equals the metric code of the reference', async () => {
  const box = boxOf(1023);
  assert.deepEqual([box.y1, box.x1, box.y2, box.x2], pasted.metric_box_yxyx);
  const mask = await pasteMask(raw, box, width, height);
  assert.deepEqual(
    mask.map(level => level / 255),
    new Uint8Array(readNpy('mask-decoder/pasted_metric_bool.npy').bytes),
  );
});

test('the values before the threshold equal Pillow’s bilinear, enlarging and shrinking', async () => {
  const box = boxOf(1023);
  const enlarged = await resizedRows(raw, box.x2 - box.x1, box.y2 - box.y1);
  const expected = float32Of(readNpy('mask-decoder/pasted_metric_float.npy'));
  enlarged.forEach((value, i) => {
    const y = box.y1 + Math.floor(i / (box.x2 - box.x1));
    const x = box.x1 + i % (box.x2 - box.x1);
    if (value !== expected[y * width + x]) assert.fail(`${x}, ${y}: ${value}, not ${expected[y * width + x]}`);
  });
  // Shrunk: 64 × 64 to 23 wide and 41 high, where a resize without antialias is far off.
  assert.deepEqual(
    await resizedRows(rowOf('raw_64.npy', 3), 23, 41),
    float32Of(readNpy('mask-decoder/small_box_23x41_float.npy')),
  );
});

test('the demo’s way, 8-bit alpha resized by bicubic into the rounded box, comes out of the picture resampler', async () => {
  const box = boxOf(1024);
  assert.deepEqual([box.y1, box.x1, box.y2, box.x2], pasted.demo_box_yxyx);
  const alpha = Uint8Array.from(rowOf('alpha_64.npy', pasted.codes_row), value => Math.fround(value * 255));
  const resized = await resizeBicubic8(
    { data: alpha, widthPx: 64, heightPx: 64, channels: 1 },
    box.x2 - box.x1,
    box.y2 - box.y1,
  );
  const placed = new Uint8Array(width * height);
  for (let y = box.y1; y < box.y2; y++) {
    placed.set(
      resized.subarray((y - box.y1) * (box.x2 - box.x1), (y - box.y1 + 1) * (box.x2 - box.x1)),
      y * width + box.x1,
    );
  }
  assert.deepEqual(placed, new Uint8Array(readNpy('mask-decoder/pasted_demo_u8.npy').bytes));
});

test('a box of less than a pixel has no mask, one that sticks out is a fault of the caller', async () => {
  assert.equal(pixelBox({ x1: 3.6, y1: 3, x2: 4.4, y2: 9 }, 1024), undefined);
  assert.equal(pixelBox({ x1: 3.1, y1: 3, x2: 3.9, y2: 9 }, 1023), undefined);
  await assert.rejects(pasteMask(raw, { x1: 0, y1: 0, x2: 11, y2: 10 }, 10, 10), RangeError);
});

test('a large mask can be cancelled on its way', async () => {
  const controller = new AbortController();
  const pasting = pasteMask(raw, { x1: 0, y1: 0, x2: 6000, y2: 4000 }, 6000, 4000, controller.signal);
  setImmediate(() => {
    controller.abort();
  });
  await assert.rejects(pasting, { name: 'AbortError' });
});
