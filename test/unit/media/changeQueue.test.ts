import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LineChange } from '../../../datasets/src/edits/lineEdits';
import { ChangeQueue, type SentChange } from '../../../media/dataSet/changeQueue';

const move = (at: number): LineChange => ({ kind: 'bins', box: 0, bins: [at, 0, at + 1, 1] });
const remove: LineChange = { kind: 'delete', box: 1 };

describe('changes on their way', () => {
  test('go one at a time, and of several moves of a box only the last', () => {
    const sent: SentChange[] = [];
    const queue = new ChangeQueue(change => sent.push(change) > 0);
    for (const change of [move(1), move(2), move(3), remove]) queue.add(1, change);
    assert.deepEqual(sent.map(({ what }) => what), [move(1)]);
    queue.answered(1, true);
    queue.answered(2, true);
    assert.deepEqual(sent.map(({ what }) => what), [move(1), move(3), remove]);
    assert.equal(queue.isBusy, true);
    queue.answered(3, true);
    assert.equal(queue.isBusy, false);
  });

  test('that follow one that was not made are dropped, and answers to others do nothing', () => {
    const sent: SentChange[] = [];
    const queue = new ChangeQueue(change => sent.push(change) > 0);
    queue.add(1, move(1));
    queue.add(1, remove);
    queue.answered(7, true);
    assert.equal(sent.length, 1);
    queue.answered(1, false);
    assert.equal(sent.length, 1);
    queue.add(1, remove);
    assert.deepEqual(sent.at(-1), { change: 2, line: 1, what: remove });
  });
});

test('what was meant for a line that is not open any more reaches no other, and nothing waits for ever', () => {
  const sent: SentChange[] = [];
  let open = 1;
  const queue = new ChangeQueue(change => change.line === open && sent.push(change) > 0);
  queue.add(1, 'reject');
  queue.add(1, 'reject');
  open = 2;
  queue.answered(1, true);
  assert.deepEqual([sent.length, queue.isBusy], [1, false]);
  queue.add(2, { kind: 'accept' });
  assert.deepEqual(sent.at(-1)?.line, 2);
});
