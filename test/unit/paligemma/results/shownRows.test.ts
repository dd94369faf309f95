import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confidenceOf } from '../../../../paligemma/src/results/confidence';
import { rowOf } from '../../../../paligemma/src/results/resultRow';
import {
  countsOf,
  givenOrder,
  noFilter,
  RowIndex,
  type RowFilter,
  type RowOrder,
} from '../../../../paligemma/src/results/shownRows';
import type { RunOutcome } from '../../../../paligemma/src/runResult';
import { growthFault } from '../../../support/hostile/growth';
import { runResult } from '../../../support/results';

const box = { x1: 0, y1: 0, x2: 10, y2: 10 };
const answered = (part: Parameters<typeof runResult>[0]): RunOutcome => ({
  imageUri: 'file:///a',
  result: runResult(part),
});
const failed: RunOutcome = {
  imageUri: 'file:///a',
  error: { code: 1001, kind: 'user', reason: 'imageMissing', message: 'It is not there.' },
};
const found = (labels: readonly string[], confidence: number) =>
  answered({ text: '', regions: labels.map(label => ({ label, box, confidence })), tokenProbabilities: [1] });
const rows = [
  rowOf('b10.png', answered({ text: 'Ein Café', tokenProbabilities: [0.5, 0.5] })),
  rowOf('b2.png', found(['cup', 'cup', 'plate'], 0.9)),
  rowOf('a.png', answered({ text: '', tokenProbabilities: [] })),
  rowOf('c.png', failed),
  rowOf('d.png', undefined),
  rowOf('e.png', found([''], 0.2)),
];
const index = new RowIndex(rows.map(row => ({ row })));
const shown = (filter: Partial<RowFilter>, by: RowOrder = 'given', isDescending = false) =>
  index.shown({ ...noFilter, ...filter }, { by, isDescending });

test('the confidence of a text is the geometric mean of its tokens, and unknown where none are told', () => {
  const ofText = (tokenProbabilities: readonly number[]) => confidenceOf({ regions: [], tokenProbabilities });
  assert.equal(ofText([]), undefined);
  assert.equal(ofText([1, 1]), 1);
  assert.ok(Math.abs((ofText([0.9, 0.4]) ?? 0) - 0.6) < 1e-12);
  assert.equal(ofText([0.5, 0]), 0);
});

test('the confidence of regions is that of the least sure one, and unknown where one of them does not tell', () => {
  const ofRegions = (...all: readonly (number | undefined)[]) =>
    confidenceOf({
      regions: all.map(confidence => ({ label: 'cup', box, ...(confidence === undefined ? {} : { confidence }) })),
      tokenProbabilities: [1, 1, 1, 1, 1],
    });
  assert.equal(ofRegions(0.4, 0.2, 0.9), 0.2);
  assert.equal(ofRegions(0.4, undefined), undefined);
});

test('a row says what came of its picture', () => {
  assert.deepEqual(rows.map(({ state }) => state), ['answered', 'answered', 'empty', 'failed', 'waiting', 'answered']);
  assert.equal(rows[3]?.text, 'It is not there.');
});

test('rows are filtered by words in name, answer and labels, whatever their case and accents', () => {
  assert.deepEqual(shown({ text: 'CAFE' }), [0]);
  assert.deepEqual(shown({ text: 'plate b2' }), [1]);
  assert.deepEqual(shown({ text: 'not there' }), [3]);
  assert.deepEqual(shown({ text: ' ' }), [0, 1, 2, 3, 4, 5]);
});

test('rows are filtered by label, the empty one included, by state and by confidence', () => {
  assert.deepEqual(shown({ label: 'cup' }), [1]);
  assert.deepEqual(shown({ label: '' }), [5]);
  assert.deepEqual(shown({ state: 'empty' }), [2]);
  assert.deepEqual(shown({ state: 'failed' }), [3]);
  assert.deepEqual(shown({ below: 0.6 }), [0, 5], 'what is not known is not below');
  assert.deepEqual(shown({ below: 0.6, label: '', text: 'e.png' }), [5], 'all filters at once');
});

test('rows are sorted either way, what is not known last, what is equal in the order given', () => {
  assert.deepEqual(shown({}, 'name'), [2, 1, 0, 3, 4, 5], 'numbers by value');
  assert.deepEqual(shown({}, 'confidence'), [5, 0, 1, 2, 3, 4]);
  assert.deepEqual(shown({}, 'confidence', true), [1, 0, 5, 2, 3, 4]);
  assert.deepEqual(shown({}, 'regions', true), [1, 5, 0, 2, 3, 4]);
  assert.deepEqual(shown({}, 'given', true), [5, 4, 3, 2, 1, 0]);
});

test('what changed is worked out anew, and nothing else', () => {
  const next = index.with(new Map([[4, { row: rowOf('d.png', found(['cup'], 1)) }]]));
  assert.deepEqual(next.shown({ ...noFilter, label: 'cup' }, givenOrder), [1, 4]);
  assert.deepEqual(shown({ label: 'cup' }), [1]);
});

test('pictures are counted by state and by label', () => {
  assert.deepEqual(countsOf(index), {
    states: { answered: 3, empty: 1, failed: 1, waiting: 1 },
    labels: [['', 1], ['cup', 1], ['plate', 1]],
    hasConfidence: true,
    different: 0,
  });
});

test('filtering, sorting and counting take time in proportion to the number of pictures', () => {
  const many = (amount: number) => new RowIndex(Array.from({ length: amount }, (_, at) => ({ row: rows[at % 6]! })));
  const work = (all: RowIndex) => {
    all.shown({ ...noFilter, text: 'plate' }, { by: 'name', isDescending: true });
    countsOf(all);
  };
  assert.equal(growthFault(work, many, 20_000), undefined);
});
