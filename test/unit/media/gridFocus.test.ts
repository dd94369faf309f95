import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movedTo, rowsInSight, scrolledTo } from '../../../media/grid/gridFocus';
import { gridMeasures } from '../../../media/grid/gridMeasures';
import { tableColumns } from '../../../media/results/layouts';
import { resultsWords } from '../../../client/src/results/view/resultsWords';

/** 4 columns: rows 0–3, 4–7, 8–9. */
const shape = { cells: 10, columns: 4, pageRows: 2 };
const moves = (from: number, ...keys: readonly string[]) => keys.map(key => movedTo(from, key, false, shape));

test('arrows go from cell to cell, around no edge', () => {
  assert.deepEqual(moves(5, 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'), [4, 6, 1, 9]);
  assert.deepEqual(moves(0, 'ArrowLeft', 'ArrowUp'), [0, 0]);
  assert.deepEqual(moves(9, 'ArrowRight', 'ArrowDown'), [9, 9]);
  assert.equal(movedTo(7, 'ArrowDown', false, shape), 9, 'where the row below is shorter, its last cell');
});

test('Home and End stay in the row, with Ctrl they go to the ends; pages keep the column', () => {
  assert.deepEqual(moves(6, 'Home', 'End', 'PageUp', 'PageDown'), [4, 7, 2, 9]);
  assert.equal(movedTo(6, 'Home', true, shape), 0);
  assert.equal(movedTo(6, 'End', true, shape), 9);
  assert.equal(movedTo(8, 'End', false, shape), 9);
  assert.equal(movedTo(1, 'x', false, shape), undefined);
});

test('the rows of the page are those in sight and a few around, however many there are', () => {
  const range = (top: number, rows = 3000) => rowsInSight({ top, height: 500, rowHeight: 100, rows, more: 2 });
  assert.deepEqual(range(0), { first: 0, end: 7 });
  assert.deepEqual(range(150_050), { first: 1498, end: 1508 });
  assert.deepEqual(range(299_500), { first: 2993, end: 3000 });
  assert.deepEqual(range(0, 0), { first: 0, end: 0 });
  assert.deepEqual(range(5_000, 3), { first: 1, end: 3 }, 'scrolled further than there are rows now');
});

test('a row that is not in sight is scrolled to, and no further', () => {
  assert.equal(scrolledTo(3, 200, 500, 100), 200);
  assert.equal(scrolledTo(1, 200, 500, 100), 100);
  assert.equal(scrolledTo(9, 200, 500, 100), 500);
});

test('tiles are as many as fit, at least one, fewer where two runs are compared', () => {
  assert.equal(gridMeasures(1000, 13, false).columns, 4);
  assert.equal(gridMeasures(1000, 13, true).columns, 3);
  assert.equal(gridMeasures(100, 26, true).columns, 1);
  const words = resultsWords(message => message);
  assert.deepEqual(tableColumns(words, undefined).map(({ order }) => order), [undefined, 'name', 'text', 'confidence']);
  assert.deepEqual(tableColumns(words, ['a', 'b']).map(({ title }) => title), [
    'Picture',
    'Name',
    'a',
    'b',
    'Difference',
  ]);
});
