import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WantedQueue } from '../../../../client/src/common/wantedQueue';

test('what is wanted is made a few at a time, once each, and what is wanted no more is not begun', async () => {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const queue = new WantedQueue(index => {
    begun.push(index);
    return new Promise(resolve => ends.set(index, resolve));
  }, 2);
  queue.want([1, 2, 3, 4]);
  queue.want([2, 5, 4]);
  assert.deepEqual(begun, [1, 2]);
  ends.get(1)?.();
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(begun, [1, 2, 5]);
});
