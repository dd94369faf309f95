import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaOf, commonBox, overlap } from '../../../paligemma/src/boxes';

const at = (x: number) => ({ x1: x, y1: 0, x2: x + 10, y2: 10 });

test('boxes overlap by what they share of what they cover', () => {
  assert.equal(overlap(at(0), at(0)), 1);
  assert.equal(overlap(at(0), at(10)), 0);
  assert.ok(Math.abs(overlap(at(0), at(5)) - 1 / 3) < 1e-12);
  assert.equal(overlap(at(0), undefined), 0);
});

test('what boxes have in common has an area, or is none', () => {
  assert.deepEqual(commonBox(at(0), at(4)), { x1: 4, y1: 0, x2: 10, y2: 10 });
  assert.equal(commonBox(at(0), at(10)), undefined, 'they touch');
  assert.equal(commonBox(at(0), { x1: 0, y1: 20, x2: 10, y2: 30 }), undefined);
  assert.deepEqual([areaOf(at(0)), areaOf(undefined)], [100, 0]);
});
