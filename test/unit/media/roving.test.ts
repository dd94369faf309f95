import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepped } from '../../../media/viewer/kinds/roving';

/** `a` spans two columns, `d` two rows; the place beside `e` is empty. */
const rows = [['a', 'a', 'b'], ['c', 'd', 'e'], ['f', 'd', undefined]];
const step = (row: number, column: number, key: string) => {
  const place = stepped(rows, { row, column }, key);
  return place === undefined ? undefined : rows[place.row]?.[place.column];
};

test('an arrow leads to the next cell, across those that span', () => {
  assert.equal(step(0, 0, 'ArrowRight'), 'b');
  assert.equal(step(0, 2, 'ArrowLeft'), 'a');
  assert.equal(step(1, 1, 'ArrowUp'), 'a');
  assert.equal(step(0, 1, 'ArrowDown'), 'd');
  assert.equal(step(2, 0, 'ArrowRight'), 'd');
});

test('where nothing is left in a direction an arrow leads nowhere', () => {
  assert.equal(step(2, 1, 'ArrowRight'), undefined);
  assert.equal(step(1, 1, 'ArrowDown'), undefined);
  assert.equal(step(0, 0, 'ArrowUp'), undefined);
  assert.equal(step(1, 0, 'x'), undefined);
});

test('Home and End lead to the ends of the row', () => {
  assert.equal(step(1, 1, 'Home'), 'c');
  assert.equal(step(1, 0, 'End'), 'e');
});
