import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WantedQueue } from '../../../../client/src/common/wantedQueue';

/** Work that ends when it is told to. */
function work() {
  const begun: number[] = [];
  const signals = new Map<number, AbortSignal>();
  const ends = new Map<number, (isMade: boolean) => void>();
  const queue = new WantedQueue((index, signal) => {
    begun.push(index);
    signals.set(index, signal);
    return new Promise(resolve => ends.set(index, resolve));
  }, 2);
  const end = async (index: number, isMade: boolean) => {
    ends.get(index)?.(isMade);
    await new Promise(setImmediate);
  };
  return { queue, begun, signals, end };
}

test('what is wanted is made a few at a time, once each, and what is wanted no more is not begun', async () => {
  const { queue, begun, end } = work();
  queue.want([1, 2, 3, 4]);
  queue.want([2, 5, 4]);
  assert.deepEqual(begun, [1, 2]);
  await end(1, true);
  assert.deepEqual(begun, [1, 2, 5]);
});

test('what goes out of sight while it is made is told so, and is made anew only where it came back', async () => {
  const { queue, begun, signals, end } = work();
  queue.want([1, 2]);
  queue.want([2]);
  assert.deepEqual([signals.get(1)?.aborted, signals.get(2)?.aborted], [true, false]);
  queue.want([1, 2]);
  assert.deepEqual(begun, [1, 2], 'it has not been given up yet');
  await end(1, false);
  assert.deepEqual(begun, [1, 2, 1]);
  assert.equal(signals.get(1)?.aborted, false);
  queue.want([]);
  await end(1, false);
  await end(2, true);
  assert.deepEqual(begun, [1, 2, 1]);
});
