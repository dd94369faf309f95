import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRunOnImage } from '../../../client/src/altText/runOnImage';
import { tooltipOf } from '../../../client/src/altText/tooltipText';

test('a task that hovers offer, on a file of this machine', () => {
  const args = { imageUri: 'file:///pictures/a%20b.png', task: 'detect' } as const;
  assert.deepEqual(readRunOnImage([args]), args);
  assert.deepEqual(readRunOnImage([{ ...args, more: 1 }]), args);
});

for (
  const args of [
    [],
    [null],
    ['file:///a.png'],
    [{}],
    [{ imageUri: 'file:///a.png' }],
    [{ imageUri: 'file:///a.png', task: 'rm' }],
    [{ imageUri: 'file:///a.png', task: 'constructor' }],
    [{ imageUri: 5, task: 'ocr' }],
    [{ imageUri: 'https://example.org/a.png', task: 'ocr' }],
    [{ imageUri: 'file://server/share/a.png', task: 'ocr' }],
    [{ imageUri: 'file:////server/share/a.png', task: 'ocr' }],
    [{ imageUri: 'command:evil', task: 'ocr' }],
    [{ imageUri: `file:///${'a'.repeat(9000)}`, task: 'ocr' }],
  ]
) test(`refused: ${JSON.stringify(args).slice(0, 60)}`, () => assert.equal(readRunOnImage(args), undefined));

test('a tooltip is one line of bounded length, and no character is cut in half', () => {
  assert.equal(tooltipOf(' a\n cat '), 'a cat');
  assert.equal(tooltipOf('👩'.repeat(300)), `${'👩'.repeat(199)}…`);
  const family = '👩\u200d👩\u200d👧';
  assert.equal(tooltipOf(family.repeat(300)), `${family.repeat(199)}…`);
});
