import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readShape, textOf } from '../../../server/src/language/syntax/promptShape';
import { estimateTokens } from '../../../server/src/language/findings/textFindings';

test('a prompt is told as exact, partial or free', () => {
  const cases: readonly [string, string | undefined, string][] = [
    ['caption en', 'caption', 'exact'],
    ['caption', 'caption', 'partial'],
    ['caption en more', 'caption', 'partial'],
    ['Caption en', undefined, 'free'],
    ['ocr', 'ocr', 'exact'],
    ['ocr x', 'ocr', 'partial'],
    ['answer en what?', 'answer', 'exact'],
    ['answer en', 'answer', 'partial'],
    ['answer what?', 'answer', 'partial'],
    ['detect cup', 'detect', 'exact'],
    ['detect', 'detect', 'partial'],
    ['caption <loc0001><loc0002><loc0003><loc0004>', 'captionRegion', 'exact'],
    ['caption <loc0001><loc0002>', 'captionRegion', 'partial'],
    ['caption <loc0001> <loc0002><loc0003><loc0004>', 'captionRegion', 'partial'],
    ['What is this?', undefined, 'free'],
    ['', undefined, 'free'],
  ];
  for (const [text, id, form] of cases) {
    const shape = readShape(text);
    assert.deepEqual([shape.task?.id, shape.form], [id, form], text);
  }
});

test('objects and what separates them are found', () => {
  const shape = readShape('detect  red cup ;plate;; person ');
  assert.deepEqual(shape.objects.map(object => object.text), ['red cup', 'plate', '', 'person']);
  for (const object of shape.objects) assert.equal(textOf(shape, object), object.text);
  assert.deepEqual(shape.separators.map(at => shape.text[at]), [';', ';', ';']);
});

test('tokens in angle brackets are found, with whether the model has them', () => {
  const shape = readShape('detect <loc0001><loc1024><loc12><seg127><seg128><image> <Loc0001> <loc>');
  assert.deepEqual(shape.tokens.map(token => [textOf(shape, token), token.kind, token.isExact]), [
    ['<loc0001>', 'loc', true],
    ['<loc1024>', 'loc', false],
    ['<loc12>', 'loc', false],
    ['<seg127>', 'seg', true],
    ['<seg128>', 'seg', false],
    ['<image>', 'special', true],
    ['<loc>', 'loc', false],
  ]);
});

test('a prompt of a megabyte is bounded in what is kept of it', () => {
  assert.ok(readShape(`detect ${'a;'.repeat(500_000)}`).objects.length <= 1000);
  assert.ok(readShape('<loc0001>'.repeat(100_000)).tokens.length <= 5000);
});

test('the estimate of tokens does not exceed the real number', () => {
  // Real numbers: Gemma 2 tokenizer with PaliGemma's tokens; the docstring of the Hugging Face processor for the first.
  for (
    const [text, tokens] of [['Where is the cow standing?', 6], ['caption en', 2], ['detect cup ; plate', 4]] as const
  ) {
    const estimate = estimateTokens(readShape(text));
    assert.ok(estimate <= tokens && estimate >= tokens / 2, `${text}: ${estimate}`);
  }
});
