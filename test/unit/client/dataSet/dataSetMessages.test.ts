import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FromDataSet } from '../../../../client/src/contract/dataSet';
import { readFromDataSet } from '../../../../client/src/dataSet/dataSetMessages';

const messages: readonly FromDataSet[] = [
  { type: 'ready' },
  { type: 'close' },
  {
    type: 'view',
    filter: { text: '', state: 'draft', label: '' },
    sort: { by: 'line', isDescending: false },
    active: 3,
  },
  { type: 'view', filter: { text: '', state: 'wrong' }, sort: { by: 'rightness', isDescending: false } },
  { type: 'rows', version: 1, from: 0, count: 100 },
  { type: 'wanted', ids: [1, 2] },
  { type: 'open', id: 1 },
  { type: 'step', id: 1, to: 'draft' },
  { type: 'large', id: 1, image: 0 },
  { type: 'masks', id: 1, widthPx: 640, heightPx: 480 },
  { type: 'change', id: 1, revision: 2, change: 3, what: { kind: 'accept' } },
  { type: 'reject', id: 1, revision: 2, change: 3 },
  { type: 'showText', id: 1 },
];

test('messages of the page are read, without what does not belong to them', () => {
  for (const message of messages) assert.deepEqual(readFromDataSet({ ...message, more: 1 }), message);
});

test('anything else is dropped', () => {
  const others: readonly unknown[] = [
    undefined,
    [],
    { type: 'toString' },
    { type: 'open', id: -1 },
    { type: 'rows', version: 1, from: 0.5, count: 1 },
    { type: 'wanted', ids: ['1'] },
    { type: 'step', id: 1, to: 'first' },
    { type: 'masks', id: 1, widthPx: 640, heightPx: Infinity },
    { type: 'view', filter: { text: '', state: 'draft', label: 3 }, sort: { by: 'line', isDescending: false } },
    { type: 'view', filter: { text: '', state: 'all' }, sort: { by: 'name', isDescending: false } },
    { type: 'change', id: 1, revision: 2, change: 3, what: { kind: 'bins', box: 0, bins: [0, 0, 0, 0] } },
  ];
  for (const other of others) assert.equal(readFromDataSet(other), undefined, JSON.stringify(other));
});
