import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenMetric, taskOf } from '../../../../datasets/src/evaluation/chosenMetric';
import type { MetricName } from '../../../../datasets/src/evaluation/metricName';

const box = '<loc0100><loc0200><loc0300><loc0400>';
const codes = Array.from({ length: 16 }, (_, code) => `<seg${String(code).padStart(3, '0')}>`).join('');

const choices: readonly (readonly [prefix: string, expected: string, metric: MetricName])[] = [
  ['caption en', 'a red bus', 'captions'],
  ['cap de', 'roter Bus', 'captions'],
  ['describe en', 'In this image we can see a cow.', 'captions'],
  ['answer en what color is it?', 'red', 'vqa_generic'],
  ['how many cups are there?', '4', 'vqa_generic'],
  ['answer en what does the chart show for 2019?', '34', 'chartqa_relaxed'],
  ['detect cup', `${box} cup`, 'coco_map'],
  ['detect cup', '', 'coco_map'],
  ['detect cup', 'there is none', 'exact'],
  ['segment cup', `${box}${codes} cup`, 'refcoco'],
  ['segment cup', '', 'refcoco'],
  ['cup in front', `${box}${codes}`, 'refcoco'],
  ['detect plus', `${box} plus ; ${box} plus`, 'coco_map'],
  ['ocr', 'EXIT 24', 'edit_distance'],
  ['ocr', `${box} EXIT ; ${box} 24`, 'text_spotting'],
  ['table', '<table><tr><td>1</td></tr></table>', 'teds'],
  ['molecule as smiles', 'CC(=O)OC1=CC=CC=C1C(=O)O', 'molecules'],
  ['read the score as kern', '**kern\t**kern\n4c\t4e\n4d\t4f\n*-\t*-', 'music_cer_ser_ler'],
  ['read in latex', '\\frac{a}{b} = \\sqrt{c}', 'edit_distance'],
  ['<JSON>', '{"total": "12.50"}', 'edit_distance'],
  ['list', 'star red ; ring blue', 'exact'],
  ['', 'anything', 'exact'],
];

for (const [prefix, expected, metric] of choices) {
  test(`“${prefix}” with the answer “${expected.slice(0, 40)}” is judged by ${metric}`, () => {
    assert.equal(chosenMetric({ prefix, references: [expected] }), metric);
  });
}

test('ten answers of people are judged as VQAv2 does, fewer are not', () => {
  const references = (count: number) => Array.from({ length: count }, () => 'red');
  assert.equal(chosenMetric({ prefix: 'what color?', references: references(10) }), 'vqav2');
  assert.equal(chosenMetric({ prefix: 'what color?', references: references(9) }), 'vqa_generic');
});

test('an answer with boxes is never compared as text', () => {
  for (const prefix of ['', 'list', 'find', 'where is it?', 'caption en', 'detect a', 'ocr']) {
    const metric = chosenMetric({ prefix, references: [`${box} cup ; ${box} plate`] });
    assert.ok(['coco_map', 'text_spotting'].includes(metric), `${prefix}: ${metric}`);
  }
});

test('lines are summed up by the task word, captions by their language, others by their prompt', () => {
  assert.equal(taskOf('caption  de\n'), 'caption de');
  assert.equal(taskOf('detect cup ; plate'), 'detect');
  assert.equal(taskOf('answer en what is it?'), 'answer');
  assert.equal(taskOf('what is it?'), 'question');
  assert.equal(taskOf('read in latex'), 'read in latex');
  assert.equal(taskOf(`caption ${box}`), 'caption');
  assert.equal(taskOf('x'.repeat(41)), undefined);
});
