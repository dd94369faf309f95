import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairAt, pairPlaces, ResultSet } from '../../../../paligemma/src/results/resultSet';
import { runResult } from '../../../support/results';

const box = { x1: 0, y1: 0, x2: 10, y2: 10 };
const pictures = (...names: readonly string[]) => names.map(name => ({ imageUri: `file:///${name}`, name }));
const setOf = (...names: readonly string[]) =>
  new ResultSet({ id: '1', title: 'Captioning', prompt: 'caption en', choices: {}, pictures: pictures(...names) });
const masked = (characters: number) => ({
  imageUri: 'file:///a',
  result: runResult({
    text: '',
    regions: [{ label: 'cup', box, mask: { width: 1, height: 1, png: 'x'.repeat(characters) } }],
  }),
});

test('a set tells what changed, and which pictures have no answer', () => {
  const set = setOf('a', 'b', 'c');
  const told: (readonly number[])[] = [];
  const subscription = set.onDidChange(indices => told.push(indices));
  set.put(new Map([[1, { imageUri: 'file:///b', result: runResult() }]]));
  subscription.dispose();
  set.put(new Map([[2, { imageUri: 'file:///c', result: runResult({ text: '' }) }]]));
  assert.deepEqual(told, [[1]]);
  assert.deepEqual(set.inState('waiting'), [0]);
  assert.deepEqual(set.inState('empty', 'waiting'), [0, 2]);
  assert.equal(set.answeredBy, 'demo');
});

test('masks beyond a budget are given up, the first pictures first, and come back', () => {
  const set = setOf('a', 'b', 'c');
  set.put(new Map([[0, masked(100)], [1, masked(100)], [2, masked(100)]]));
  assert.equal(set.maskSize, 300);
  set.giveUpMasks(150);
  assert.equal(set.maskSize, 100);
  assert.deepEqual([0, 1, 2].map(index => set.lacksMasks(index)), [true, true, false]);
  assert.equal(set.result(0)?.regions[0]?.mask, undefined);
  assert.equal(set.row(0)?.hasMasks, true, 'the row still says that there are some');
  set.put(new Map([[0, masked(100)]]));
  assert.equal(set.lacksMasks(0), false);
  assert.equal(set.maskSize, 200);
});

test('two sets meet at their pictures; what one of them lacks is not answered there', () => {
  const [one, other] = [setOf('a', 'b'), setOf('b', 'c')];
  other.put(new Map([[0, { imageUri: 'file:///b', result: runResult() }]]));
  const places = pairPlaces(one, other);
  assert.deepEqual(places, [{ index: 0 }, { index: 1, other: 0 }, { index: undefined, other: 1 }]);
  const states = places.map(place => pairAt(one, other, place)).map(
    pair => [pair.row.name, pair.row.state, pair.other?.state],
  );
  assert.deepEqual(states, [['a', 'waiting', 'waiting'], ['b', 'waiting', 'answered'], ['c', 'waiting', 'waiting']]);
  assert.deepEqual(pairPlaces(one, undefined), [{ index: 0 }, { index: 1 }]);
  assert.deepEqual(Object.keys(pairAt(one, undefined, { index: 0 })), ['row']);
});
