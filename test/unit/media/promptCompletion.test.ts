import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggestionsFor } from '../../../media/viewer/promptCompletion';
import { promptLanguages, promptTasks, languageCodes } from '../../../client/src/viewer/promptWords';
import { languages, taskWords, tasks } from '../../../paligemma/src/tasks';

const help = {
  history: ['detect cat', 'caption en', 'ocr'],
  tasks: promptTasks(message => message),
  languages: promptLanguages('en'),
  labels: ['cat', 'car', 'person in red'],
};
const values = (text: string) => suggestionsFor(text, help).map(({ value }) => value);

test('an empty field offers the last prompts, then the tasks', () => {
  assert.deepEqual(values('').slice(0, 4), ['detect cat', 'caption en', 'ocr', 'caption ']);
});

test('a task word is completed, with room for what follows it', () => {
  assert.deepEqual(values('des'), ['describe ']);
  assert.deepEqual(values('oc'), ['ocr'], 'once, though it is also a prompt of before');
});

test('a language is found by its code and by its name', () => {
  assert.deepEqual(values('caption ger'), ['caption de']);
  assert.ok(values('describe f').includes('describe fr'));
  assert.deepEqual(values('answer en what'), [], 'the question is free text');
});

test('objects are completed one by one, and none twice', () => {
  assert.deepEqual(values('detect ca'), ['detect cat', 'detect car']);
  assert.deepEqual(values('detect cat ; c'), ['detect cat ; car']);
  assert.deepEqual(values('detect cat;per'), ['detect cat; person in red']);
});

test('unknown words and odd text give nothing, and nothing throws', () => {
  for (const text of ['frobnicate x', ' ', '  detect', '; ;', 'detect ;', '<loc0001>', '\\', 'caption  de', '🙂']) {
    assert.ok(Array.isArray(suggestionsFor(text, help)));
  }
  assert.deepEqual(values('frobnicate x'), []);
});

test('words and languages are those of the prompt language', () => {
  assert.deepEqual(help.tasks.map(({ word }) => word).sort(), [...taskWords].sort());
  assert.deepEqual([...languageCodes], languages.map(({ code }) => code));
  for (const { word, takes } of help.tasks) {
    const [first] = tasks.find(task => task.word === word)?.parameters ?? [];
    assert.equal(takes, first === undefined ? 'nothing' : first, word);
  }
});
