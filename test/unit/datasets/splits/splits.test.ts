import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Groups } from '../../../../datasets/src/splits/groups';
import { Likenesses } from '../../../../datasets/src/splits/likeness';
import { dealOut, type LineGroup } from '../../../../datasets/src/splits/shares';
import { seededRandom } from '../../../support/seededRandom';

const parts = [{ name: 'train', share: 0.8 }, { name: 'valid', share: 0.2 }];

test('what is joined by way of others is one group, named by its lowest member', () => {
  const groups = new Groups(6);
  groups.join(5, 3);
  groups.join(3, 1);
  groups.join(4, 2);
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(member => groups.of(member)), [0, 1, 2, 1, 2, 1]);
});

test('each label is in each part by its share, the rare ones too, and a seed gives one split', () => {
  const random = seededRandom(3);
  const groups = Array.from({ length: 1000 }, (_, index): LineGroup => {
    const lines = index % 100 === 0 ? 1 : 1 + random.below(3);
    return { lines, labels: new Map([[index % 100 === 0 ? 1 : 0, lines]]) };
  });
  const dealt = dealOut(groups, parts, 1);
  const rare = groups.flatMap(({ labels }, index) => labels.has(1) ? [dealt[index]] : []);
  assert.equal(rare.filter(part => part === 1).length, 2);
  const lines = (part: number) =>
    groups.reduce((sum, group, index) => sum + (dealt[index] === part ? group.lines : 0), 0);
  assert.ok(Math.abs(lines(1) / (lines(0) + lines(1)) - 0.2) < 0.01, `${lines(1)} of ${lines(0) + lines(1)}`);
  assert.deepEqual(dealOut(groups, parts, 1), dealt);
  assert.notDeepEqual(dealOut(groups, parts, 2), dealt);
});

test('a copy with other levels is found, another picture is not, and plain pictures are like none', () => {
  const random = seededRandom(5);
  const picture = Uint8Array.from({ length: 288 }, () => random.below(200) + 20);
  const copy = picture.map(level => level + 3 + level % 2);
  const other = Uint8Array.from({ length: 288 }, () => random.below(200) + 20);
  const likenesses = new Likenesses();
  assert.deepEqual(likenesses.add(0, picture), []);
  assert.deepEqual(likenesses.add(1, other), []);
  assert.deepEqual(likenesses.add(2, copy), [0]);
  const plain = new Uint8Array(288).fill(255);
  assert.deepEqual(likenesses.add(3, plain), []);
  assert.deepEqual(likenesses.add(4, plain), []);
});
