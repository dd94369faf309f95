import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compared, textParts } from '../../../../paligemma/src/results/comparison';
import { rowOf, type ResultRow } from '../../../../paligemma/src/results/resultRow';
import { noFilter, RowIndex } from '../../../../paligemma/src/results/shownRows';
import { runResult } from '../../../support/results';

const at = (x: number, label = 'cup') => ({ label, box: { x1: x, y1: 0, x2: x + 10, y2: 10 } });
const row = (text: string, regions: readonly ReturnType<typeof at>[] = []): ResultRow =>
  rowOf('a.png', { imageUri: 'file:///a', result: runResult({ text, regions }) });
const said = (parts: readonly { readonly text: string; readonly isCommon: boolean }[]) =>
  parts.map(({ text, isCommon }) => isCommon ? text : `[${text}]`).join('');

test('regions are the same object where label and place agree, each in one pair only', () => {
  const { onlyOne, onlyOther, difference } = compared(
    row('', [at(0), at(1), at(50)]),
    row('', [at(1), at(50, 'plate')]),
  );
  assert.deepEqual([...onlyOne], [0, 2], 'the best overlap is the pair');
  assert.deepEqual([...onlyOther], [1]);
  assert.equal(difference, 3 / 5);
});

test('equal answers do not differ, others do as far as their words are others', () => {
  assert.equal(compared(row('a red cup'), row('a red cup')).difference, 0);
  assert.equal(compared(row('a red cup'), row('a blue cup')).difference, 2 / 6);
  assert.ok(compared(row('cup red'), row('red cup')).difference > 0, 'the order counts');
  assert.equal(compared(row('a cup'), rowOf('a.png', undefined)).difference, 1);
  assert.equal(compared(rowOf('a.png', undefined), rowOf('a.png', undefined)).difference, 0);
});

test('what differs in two texts is marked, and the pieces are the texts again', () => {
  const { one, other } = textParts('a red cup on a table', 'a blue cup on the old table');
  assert.equal(said(one), 'a [red ]cup on [a ]table');
  assert.equal(said(other), 'a [blue ]cup on [the old ]table');
  for (const text of ['', ' a  b\n c ', 'x']) {
    assert.equal(textParts(text, 'y').one.map(part => part.text).join('').trim(), text.trim());
  }
  const long = 'word '.repeat(1000);
  assert.deepEqual(textParts(long, `${long}more`).one, [{ text: long, isCommon: false }]);
});

test('of two runs only what differs can be shown, the most different first', () => {
  const index = new RowIndex([
    { row: row('same'), other: row('same') },
    { row: row('a red cup'), other: row('a blue cup') },
    { row: row('one'), other: row('two') },
  ]);
  assert.deepEqual(index.shown({ ...noFilter, state: 'different' }, { by: 'difference', isDescending: false }), [2, 1]);
  assert.deepEqual(index.shown({ ...noFilter, text: 'blue' }, { by: 'given', isDescending: false }), [1]);
});
