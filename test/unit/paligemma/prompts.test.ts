import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUsableInput, objectList, taskPrompt } from '../../../paligemma/src/prompts';

test('captions are asked for in the language of the setting', () => {
  assert.equal(taskPrompt({ task: 'caption', language: 'en' }), 'caption en');
  assert.equal(taskPrompt({ task: 'describe', language: ' de ' }), 'describe de');
  assert.equal(taskPrompt({ task: 'caption', language: '' }), 'caption en');
});

test('reading text knows no language', () => {
  assert.equal(taskPrompt({ task: 'ocr', language: 'de' }), 'ocr');
});

test('objects are joined in the way that the model was trained on', () => {
  assert.equal(
    taskPrompt({ task: 'detect', language: 'en', input: 'cup, person in red ;plate,' }),
    'detect cup ; person in red ; plate',
  );
  assert.equal(taskPrompt({ task: 'segment', language: 'de', input: ' cat ' }), 'segment cat');
});

test('object lists have no empty and no repeated entries', () => {
  assert.deepEqual(objectList(' ; cup,, plate;cup '), ['cup', 'plate']);
  assert.deepEqual(objectList(' ,; '), []);
});

test('a question stays as it is, on one line', () => {
  assert.equal(
    taskPrompt({ task: 'ask', language: 'de', input: ' how many\ncups, here?\n' }),
    'answer en how many cups, here?',
  );
});

test('input that gives no prompt is told apart', () => {
  assert.ok(isUsableInput('detect', 'a'));
  assert.ok(!isUsableInput('segment', ' ; ,'));
  assert.ok(isUsableInput('ask', '?'));
  assert.ok(!isUsableInput('ask', ' \n'));
});
