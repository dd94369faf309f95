import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isolated } from '../../../server/src/language/text/bidi';

for (const text of ['قطة', 'חתול', 'cat قطة 2']) {
  test(`${text} is set apart`, () => assert.equal(isolated(text), `\u2068${text}\u2069`));
}

for (const text of ['', 'cat', '黒い猫', '👩\u200d👩\u200d👧 ×2', 'кошка']) {
  test(`“${text}” stays as it is`, () => assert.equal(isolated(text), text));
}
