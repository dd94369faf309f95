import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenLimit } from '../../../paligemma/src/tasks';

const cases: readonly (readonly [prompt: string, limit: number])[] = [
  ['caption en', 64],
  ['cap en', 64],
  ['describe en', 256],
  ['answer en where is the cow?', 64],
  ['question en a cow', 64],
  ['ocr', 512],
  ['detect cup ; plate', 512],
  ['segment cup', 512],
  ['Caption en', 64],
  ['  caption en', 64],
  ['', 256],
  ['what is this?', 256],
  ['constructor', 256],
  ['captions', 256],
];
for (const [prompt, limit] of cases) {
  test(`“${prompt}” may take ${limit} tokens`, () => assert.equal(tokenLimit(prompt, undefined, 0), limit));
}

test('what was asked for goes before the setting, and the setting before what is usual', () => {
  assert.equal(tokenLimit('ocr', 7, 9), 7);
  assert.equal(tokenLimit('ocr', undefined, 9), 9);
  assert.equal(tokenLimit('ocr', undefined, 0), 512);
});
