import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editsBetween } from '../../../server/src/lsp/promptFiles/tokenDeltas';

test('one edit of the numbers leads from one list to the other', () => {
  for (
    const [before, after] of [[[], []], [[], [1, 2]], [[1, 2], []], [[1, 1, 1], [1, 1]], [[1, 2, 3, 4], [1, 9, 9, 4]], [
      [1, 2, 1],
      [1, 2, 1, 2, 1],
    ]]
  ) {
    const applied = [...before ?? []];
    for (const { start, deleteCount, data } of editsBetween(before ?? [], after ?? [])) {
      applied.splice(start, deleteCount, ...data ?? []);
    }
    assert.deepEqual(applied, after);
  }
  assert.deepEqual(editsBetween([1], [1]), []);
});
