import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultMaxNewTokens } from '../../../server/src/runs/tokenLimits';

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
  test(`“${prompt}” may take ${limit} tokens`, () => assert.equal(defaultMaxNewTokens(prompt), limit));
}
