import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shown } from '../../../paligemma/src/shown';

test('a value in a sentence is short, however long or deep it is', () => {
  assert.equal(shown('llava'), '"llava"');
  assert.equal(shown(undefined), 'nothing');
  assert.ok(shown('x'.repeat(1e6)).length < 310);
  assert.match(shown(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))), /nested too deep/);
});
