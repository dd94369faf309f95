import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ShownRow } from '../../../client/src/contract/dataSet';
import { RowCache } from '../../../media/dataSet/rowCache';

const row = (id: number): ShownRow => ({
  id,
  revision: 1,
  number: id,
  name: '',
  prefix: '',
  suffix: '',
  isDraft: false,
  isLine: true,
  findings: [],
});

test('rows are asked for once, and those of a list before are shown until the others come', () => {
  const asked: (readonly [version: number, from: number])[] = [];
  const cache = new RowCache((version, from) => asked.push([version, from]));
  cache.begin(1);
  assert.equal(cache.at(250), undefined);
  assert.equal(cache.at(251), undefined);
  assert.deepEqual(asked, [[1, 200]]);
  assert.equal(cache.put(1, 200, Array.from({ length: 100 }, (_, at) => row(at))), true);
  assert.equal(cache.at(250)?.id, 50);
  cache.begin(2);
  assert.equal(cache.put(1, 200, [row(7)]), false);
  assert.equal(cache.at(250)?.id, 50);
  assert.deepEqual(asked, [[1, 200], [2, 200]]);
  cache.put(2, 200, [row(9)]);
  assert.equal(cache.at(200)?.id, 9);
  assert.equal(cache.at(250), undefined);
});
