import assert from 'node:assert/strict';
import test from 'node:test';
import { boxFromLocBins, locBinsFromBox, locText, roundHalfEven } from '../../../paligemma/src/locTokens';
import { readGoldenJson } from '../image/support';

interface Quantised {
  readonly width: number;
  readonly height: number;
  readonly xyxy: readonly [number, number, number, number];
  readonly loc_yxyx: readonly number[];
  readonly text: string;
}

test('boxes become the recorded loc tokens', () => {
  for (
    const { width, height, xyxy: [x1, y1, x2, y2], loc_yxyx, text } of readGoldenJson<readonly Quantised[]>(
      'outputs/quantise.json',
    )
  ) {
    const bins = locBinsFromBox({ x1, y1, x2, y2 }, width, height);
    assert.deepEqual(bins, loc_yxyx);
    assert.equal(locText(bins), text);
  }
});

test('boxes that stick out are clipped to the picture', () => {
  assert.deepEqual(locBinsFromBox({ x1: -5, y1: -0.1, x2: 700, y2: 480.5 }, 640, 480), [0, 0, 1023, 1023]);
});

test('bins survive the way to a box and back with the divisor of training', () => {
  for (let bin = 0; bin < 1023; bin++) {
    const bins = [bin, 0, bin + 1, 1023] as const;
    const box = boxFromLocBins(bins, 641, 479, 1023);
    assert.ok(box !== undefined);
    assert.deepEqual(locBinsFromBox(box, 641, 479), bins);
  }
});

test('only the divisor 1023 reaches the edge', () => {
  assert.deepEqual(boxFromLocBins([0, 0, 1023, 1023], 200, 100, 1023), { x1: 0, y1: 0, x2: 200, y2: 100 });
  assert.deepEqual(boxFromLocBins([0, 0, 1023, 1023], 1024, 2048, 1024), { x1: 0, y1: 0, x2: 1023, y2: 2046 });
});

test('a box without an area is none, a bin that no token can produce is a fault of the caller', () => {
  assert.equal(boxFromLocBins([5, 5, 5, 9], 10, 10, 1024), undefined);
  assert.equal(boxFromLocBins([5, 9, 6, 5], 10, 10, 1024), undefined);
  for (const bad of [-1, 1024, 0.5, Number.NaN]) {
    assert.throws(() => boxFromLocBins([0, 0, bad, 9], 10, 10, 1024), RangeError);
  }
});

test('halves go to the even neighbour', () => {
  assert.deepEqual([0.5, 1.5, 2.5, 3.5, -1.5, 2.4999, 2.5001].map(roundHalfEven), [0, 2, 2, 4, -2, 2, 3]);
});
