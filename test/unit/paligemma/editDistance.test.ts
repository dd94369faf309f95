import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance, EditDistances } from '../../../paligemma/src/editDistance';

const distance = (a: string, b: string) => editDistance([...a], [...b]);

test('the distance of two texts is what has to be changed, added or left out', () => {
  assert.equal(distance('', ''), 0);
  assert.equal(distance('kitten', 'sitting'), 3);
  assert.equal(distance('', 'abc'), 3);
  assert.equal(distance('a'.repeat(100), 'b'.repeat(70)), 100);
  assert.equal(distance('😀a', '😁a'), 1);
});

test('who asks is told how much remains to be compared, and may refuse it', () => {
  const told: number[][] = [];
  const distances = new EditDistances((shorter, longer) => {
    told.push([shorter, longer]);
    if (longer > 2) throw new RangeError('too much');
  });
  const ids = (text: string) => distances.idsOf([...text]);
  assert.equal(distances.distance(ids('abcxyz'), ids('abdeyz')), 2);
  assert.throws(() => distances.distance(ids('abcd'), ids('efg')), RangeError);
  assert.deepEqual(told, [[2, 2], [3, 4]]);
});
