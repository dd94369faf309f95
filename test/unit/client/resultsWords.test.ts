import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sideNames } from '../../../client/src/results/view/resultsWords';
import { ResultSet } from '../../../paligemma/src/results/resultSet';
import type { RunChoices } from '../../../paligemma/src/runChoices';
import { runResult } from '../../support/results';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));

function setOf(prompt: string, choices: RunChoices = {}, isAnswered = false): ResultSet {
  const set = new ResultSet({
    id: '1',
    title: 'Captioning',
    prompt,
    choices,
    pictures: [{ imageUri: 'file:///a', name: 'a' }],
  });
  if (isAnswered) set.put(new Map([[0, { imageUri: 'file:///a', result: runResult() }]]));
  return set;
}

test('two runs are named by what tells them apart, whichever of them is answered already', () => {
  assert.deepEqual(sideNames(setOf('ocr', {}, true), setOf('caption en'), t), ['ocr', 'caption en']);
  const models = sideNames(setOf('ocr', { model: 'a' }, true), setOf('ocr', { model: 'b' }), t);
  assert.deepEqual(models, ['a', 'b']);
  const both = sideNames(setOf('ocr', { model: 'a' }), setOf('', { model: 'b', adapter: '/adapters/cats' }), t);
  assert.deepEqual(both, ['ocr · a', '(empty prompt) · b · adapter cats']);
});

test('where one of them has nothing of what tells them apart, both say what they are', () => {
  assert.deepEqual(sideNames(setOf('ocr', {}, true), setOf('ocr', { adapter: '/adapters/cats' }), t), [
    'ocr · demo',
    'ocr · adapter cats',
  ]);
  assert.deepEqual(sideNames(setOf('ocr'), setOf('ocr'), t), ['ocr (1)', 'ocr (2)']);
});
