import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenSets } from '../../../../server/src/lsp/dataSets/openSets';

test('who asks for more lines than are looked at sees other ones the first time only', () => {
  const sets = new OpenSets(() => 'utf-16');
  const uri = 'file:///set/train.jsonl';
  sets.didOpen({ textDocument: { uri, languageId: 'jsonl', version: 1, text: '{}\n'.repeat(5_000) } });
  assert.equal(sets.see(uri, { from: 0, to: 300 }), false, 'those are looked at from the beginning');
  assert.equal(sets.see(uri, { from: 1_000, to: 5_000 }), true);
  assert.equal(sets.see(uri, { from: 1_000, to: 5_000 }), false);
  const { from, to } = sets.seen(uri);
  assert.ok(from <= 1_000 && to > 1_000 && to - from <= 500);
});
