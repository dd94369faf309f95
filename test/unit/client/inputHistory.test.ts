import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HISTORY_LENGTH, parseHistory, withEntry } from '../../../client/src/commands/inputHistory';

test('the newest entry comes first, each once, and the oldest is forgotten', () => {
  assert.deepEqual(withEntry(['a', 'b'], 'b'), ['b', 'a']);
  const full = Array.from({ length: HISTORY_LENGTH }, (_, index) => String(index));
  assert.deepEqual(withEntry(full, 'new'), ['new', ...full.slice(0, -1)]);
});

test('a memory may hold anything', () => {
  for (const value of [undefined, null, 'a', {}, 3]) assert.deepEqual(parseHistory(value), []);
  assert.deepEqual(parseHistory(['a', 3, '', 'b']), ['a', 'b']);
});
