import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerMemory } from '../../../client/src/viewer/answerMemory';
import { PromptMemory } from '../../../client/src/viewer/promptMemory';
import { promptLanguages } from '../../../client/src/viewer/promptWords';
import { viewOf } from '../../support/results';

function memory(kept: Record<string, unknown> = {}) {
  return {
    get: <T>(key: string) => kept[key] as T | undefined,
    update: (key: string, value: unknown) => {
      kept[key] = value;
      return Promise.resolve();
    },
  };
}

test('prompts and labels are remembered once, newest first', async () => {
  const prompts = new PromptMemory(memory());
  await prompts.remember('detect cat ; dog', ['cat', 'cat', '']);
  await prompts.remember('ocr', []);
  await prompts.remember('detect cat ; dog', []);
  assert.deepEqual(prompts.prompts, ['detect cat ; dog', 'ocr']);
  assert.deepEqual(prompts.labels, ['cat', 'dog']);
});

test('the memory has an end, and the empty prompt is none to recall', async () => {
  const prompts = new PromptMemory(memory());
  for (let i = 0; i < 60; i++) await prompts.remember(`answer en ${i}`, []);
  await prompts.remember('', []);
  assert.equal(prompts.prompts.length, 50);
  assert.equal(prompts.prompts[0], 'answer en 59');
});

test('what is not a list of texts counts as nothing', () => {
  assert.deepEqual(new PromptMemory(memory({ 'imageView.prompts': 'x' })).prompts, []);
  assert.deepEqual(new PromptMemory(memory({ 'imageView.prompts': [1, 'ocr', null] })).prompts, ['ocr']);
});

test('languages have names in the editor’s language, or in English', () => {
  assert.equal(promptLanguages('de').find(({ code }) => code === 'fr')?.name, 'Französisch');
  assert.equal(promptLanguages('not a locale').find(({ code }) => code === 'fr')?.name, 'French');
});

test('the last answer of each picture is remembered; large masks are left out, and old answers go', async () => {
  const kept: Record<string, unknown> = {};
  const answers = new AnswerMemory(memory(kept));
  const region = {
    label: 'cat',
    box: { x1: 0, y1: 0, x2: 1, y2: 1 },
    mask: { width: 1, height: 1, png: 'x'.repeat(100_000) },
  };
  await answers.remember(viewOf({ prompt: 'ocr' }));
  await answers.remember(viewOf({ prompt: 'segment cat', regions: [region] }));
  assert.deepEqual(
    answers.find('file:///a.png'),
    viewOf({ prompt: 'segment cat', regions: [{ label: 'cat', box: region.box }] }),
  );
  for (let i = 0; i < 30; i++) {
    await answers.remember(viewOf({ suffix: 'y'.repeat(30_000) }, `file:///${i}.png`));
  }
  assert.equal(answers.find('file:///a.png'), undefined);
  assert.ok(answers.find('file:///29.png') !== undefined);
  assert.ok(JSON.stringify(kept).length <= 310_000);
  assert.equal(new AnswerMemory(memory({ 'imageView.answers': 'x' })).find('file:///a.png'), undefined);
});
