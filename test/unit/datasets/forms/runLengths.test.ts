import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskSquare } from '../../../../datasets/src/forms/maskSquare';
import { readRuns } from '../../../../datasets/src/forms/runLengths';

/** Source: pycocotools `maskApi.c`, `rleToString`. */
function packed(counts: readonly number[]): string {
  return counts.map((count, index) => {
    let rest = index > 2 ? count - (counts[index - 2] ?? 0) : count;
    let text = '';
    for (let more = true; more;) {
      let digit = rest & 31;
      rest >>= 5;
      more = (digit & 16) !== 0 ? rest !== -1 : rest !== 0;
      if (more) digit |= 32;
      text += String.fromCharCode(digit + 48);
    }
    return text;
  }).join('');
}

test('packed run lengths are those that were packed', () => {
  const counts = [6, 1, 40, 4, 5, 4, 5, 1000, 2, 1, 1_000_000 - 1068];
  const runs = readRuns({ size: [1000, 1000], counts: packed(counts) });
  assert.deepEqual(runs, { kind: 'runs', widthPx: 1000, heightPx: 1000, counts });
});

test('run lengths that lie about their size are none', () => {
  for (
    const value of [
      { size: [10, 10], counts: [50, 51] },
      { size: [10, 10], counts: [-50, 150] },
      { size: [10, 10], counts: [Number.NaN] },
      { size: [10, 10], counts: 'zzzzzzzzzzzz' },
      { size: [10, 10], counts: '\u0000' },
      { size: [1e9, 1e9], counts: [1e18] },
      { size: [0, 0], counts: [] },
      { size: '10', counts: [100] },
      { counts: [1] },
      null,
    ]
  ) assert.equal(readRuns(value), undefined, JSON.stringify(value));
});

test('an outline and its run lengths are the same square, that of the box', () => {
  // The left half of a picture of 8 × 4 pixels: four columns outside, four inside.
  const runs = readRuns({ size: [4, 8], counts: [0, 16, 16] });
  assert.ok(runs);
  const ring = { kind: 'rings', rings: [[0, 0, 0.5, 0, 0.5, 1, 0, 1]] } as const;
  const [whole, size] = [{ x1: 0, y1: 0, x2: 1, y2: 1 }, { widthPx: 8, heightPx: 4 }];
  assert.deepEqual(maskSquare(ring, whole, size), maskSquare(runs, whole, size));
  assert.ok(maskSquare(runs, { ...whole, x2: 0.5 }, size).every(level => level === 255));
  assert.equal(maskSquare(runs, whole, size)[63], 0);
});
