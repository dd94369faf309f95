import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkpointFacts,
  findModel,
  knownCheckpoint,
  knownCheckpoints,
  mixSibling,
} from '../../../server/src/language/knowledge/models';
import { readShape } from '../../../server/src/language/syntax/promptShape';
import { languageMeantBy, languageOfCode, languages, taskOfWord, taskWords, tasks } from '../../../paligemma/src/tasks';
import { mix448 } from '../language/promptSupport';

test('the table has every task, and each example has the form of its task', () => {
  assert.deepEqual(taskWords, ['cap', 'caption', 'describe', 'ocr', 'answer', 'question', 'detect', 'segment']);
  for (const task of tasks) {
    const shape = readShape(task.example.prompt);
    assert.equal(shape.task?.id, task.id);
    assert.equal(shape.form, 'exact', task.id);
    assert.ok(task.form.startsWith(task.word));
  }
});

test('35 languages, each code once', () => {
  // Source: big_vision 0127fb6, configs/proj/paligemma/transfers/coco35l.py
  const codes =
    'ar bn cs da de el en es fa fi fil fr he hi hr hu id it ja ko mi nl no pl pt ro ru sv sw te th tr uk vi zh'.split(
      ' ',
    );
  assert.deepEqual(languages.map(language => language.code).sort(), codes);
});

test('what people write instead of a language code leads to the code', () => {
  for (
    const [written, code] of [
      ['EN', 'en'],
      ['jp', 'ja'],
      ['en-US', 'en'],
      ['pt_BR', 'pt'],
      ['german', 'de'],
      ['Deutsch', 'de'],
      ['日本語', 'ja'],
      ['cn', 'zh'],
      ['deu', 'de'],
    ] as const
  ) {
    assert.equal(languageMeantBy(written)?.code, code, written);
  }
  for (const written of ['xx', 'klingon', '', 'constructor', '__proto__', 'toString']) {
    assert.equal(languageMeantBy(written), undefined, written);
  }
  assert.equal(languageOfCode('constructor'), undefined);
  assert.equal(taskOfWord('constructor'), undefined);
});

test('the table holds the published checkpoints', () => {
  const google = knownCheckpoints.filter(known => known.id.startsWith('google/')).map(known =>
    known.id.slice('google/paligemma2-'.length)
  );
  assert.deepEqual(google.sort(), [
    '10b-ft-docci-448',
    '10b-mix-224',
    '10b-mix-448',
    '10b-pt-224',
    '10b-pt-448',
    '10b-pt-896',
    '28b-mix-224',
    '28b-mix-448',
    '28b-pt-224',
    '28b-pt-448',
    '28b-pt-896',
    '3b-ft-docci-448',
    '3b-mix-224',
    '3b-mix-448',
    '3b-pt-224',
    '3b-pt-448',
    '3b-pt-896',
  ]);
  assert.deepEqual(knownCheckpoint('paligemma2-3b-PT-896'), knownCheckpoint('google/paligemma2-3b-pt-896'));
  assert.deepEqual([
    knownCheckpoint('google/paligemma2-3b-pt-224')?.textLength,
    knownCheckpoint('google/paligemma2-3b-mix-224')?.textLength,
  ], [128, 256]);
  assert.equal(knownCheckpoint('onnx-community/paligemma2-3b-ft-docci-448')?.kind, 'ft');
});

test('facts come from the list, then from the published table, then from the name', () => {
  assert.deepEqual(checkpointFacts('google/paligemma2-3b-mix-448', [mix448]), {
    id: 'google/paligemma2-3b-mix-448',
    kind: 'mix',
    resolutionPx: 448,
    textLength: 512,
    isInstalled: true,
    isKnown: true,
    tunedTo: undefined,
  });
  const own = checkpointFacts('/models/my-receipts-ft-448', []);
  assert.deepEqual([own.kind, own.resolutionPx, own.isKnown], ['ft', 448, false]);
  assert.equal(checkpointFacts('google/paligemma2-3b-ft-docci-448', []).tunedTo, 'docci');
  assert.equal(checkpointFacts('whatever', []).kind, 'unknown');
  assert.equal(findModel('paligemma2-3b-mix-448', [mix448]), mix448);
  assert.equal(findModel('/models/mix', [mix448]), mix448);
});

test('a pretrained checkpoint leads to the mix checkpoint of its size', () => {
  assert.equal(mixSibling('google/paligemma2-10b-pt-896')?.id, 'google/paligemma2-10b-mix-448');
  assert.equal(mixSibling('google/paligemma2-3b-pt-224')?.id, 'google/paligemma2-3b-mix-224');
  assert.equal(mixSibling('something-else'), undefined);
});
