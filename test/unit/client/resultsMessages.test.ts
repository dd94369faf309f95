import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFromResults } from '../../../client/src/results/view/resultsMessages';

test('messages of the results page are read', () => {
  for (
    const message of [
      { type: 'ready' },
      { type: 'compare' },
      { type: 'choose' },
      { type: 'wanted', indices: [3, 0] },
      { type: 'retry', indices: [] },
      { type: 'export', shown: [1] },
      { type: 'saveDataSet', shown: [1] },
      { type: 'open', index: 1, side: 'other', shown: [1, 2] },
    ]
  ) assert.deepEqual(readFromResults(message), message);
});

test('what is no message of the results page is dropped', () => {
  for (
    const value of [
      undefined,
      null,
      'ready',
      [],
      {},
      { type: 'toString' },
      { type: 'wanted', indices: [-1] },
      { type: 'wanted', indices: ['0'] },
      { type: 'retry' },
      { type: 'export', shown: 1 },
      { type: 'open', index: 1.5, side: 'one', shown: [] },
      { type: 'open', index: 1, side: 'both', shown: [] },
    ]
  ) assert.equal(readFromResults(value), undefined, JSON.stringify(value));
});
