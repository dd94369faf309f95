import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confidenceRange, groupsByLabel, matchesFilter, stepped } from '../../../media/viewer/shownRegions';

test('a filter finds words in any order, case and accent', () => {
  assert.ok(matchesFilter('3. Café table', 'TABLE cafe'));
  assert.ok(matchesFilter('1. 猫', '猫'));
  assert.ok(matchesFilter('anything', '  '));
  assert.ok(!matchesFilter('1. cat', 'dog'));
});

test('regions are grouped by label in the order of the answer', () => {
  const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
  assert.deepEqual(groupsByLabel(['b', 'a', 'b', ''].map(label => ({ label, box }))), [
    { label: 'b', indices: [0, 2] },
    { label: 'a', indices: [1] },
    { label: '', indices: [3] },
  ]);
});

test('steps skip what is not shown and go around the end', () => {
  const shown = [true, false, true];
  assert.equal(stepped(shown, undefined, 1), 0);
  assert.equal(stepped(shown, 0, 1), 2);
  assert.equal(stepped(shown, 2, 1), 0);
  assert.equal(stepped(shown, undefined, -1), 2);
  assert.equal(stepped([false, false], 0, 1), undefined);
  assert.equal(stepped([], undefined, -1), undefined);
});

test('the least confidence is chosen between that of all regions and one that leaves a region', () => {
  assert.deepEqual(confidenceRange([0.339, 0.151, undefined]), { from: 15, to: 33 });
  assert.equal(confidenceRange([0.334, 0.338]), undefined, 'they are alike');
  assert.equal(confidenceRange([0.4]), undefined);
  assert.equal(confidenceRange([undefined, undefined]), undefined);
  assert.equal(confidenceRange([]), undefined);
});
