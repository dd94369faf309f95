import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tileKindOf } from '../../../../paligemma/src/tiles/kind';

test('what is read or looked for can be asked of parts, and nothing else', () => {
  assert.equal(tileKindOf(' OCR\n'), 'text');
  assert.equal(tileKindOf('detect cat'), 'objects');
  assert.equal(tileKindOf('segment cat'), 'objects');
  for (const prompt of ['', 'caption en', 'answer en ocr', 'constructor x', 'toString', '__proto__']) {
    assert.equal(tileKindOf(prompt), undefined, prompt);
  }
});
