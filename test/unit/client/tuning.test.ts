import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { beforeAndAfter } from '../../../client/src/tuning/beforeAndAfter';
import { lossCurve } from '../../../client/src/tuning/lossCurve';
import { TuningReport } from '../../../client/src/tuning/reportText';
import { freeFolder, unfinishedIn, validFirst } from '../../../client/src/tuning/trainingPlaces';
import type { EvaluationSummary } from '../../../server/src/contract/evaluation';
import type { TrainerEvent } from '../../../server/src/contract/tuning';
import type { Translate } from '../../../paligemma/src/translate';
import { start, step } from '../../support/trainings';

const t: Translate = (message, ...args) =>
  message.replaceAll(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));

function reportOf(...events: readonly unknown[]): string {
  const report = new TuningReport();
  for (const event of events) report.hear(event as TrainerEvent);
  return report.text('train_lora', 'The training is running.', t);
}

test('the page of a training says how far it is, its losses and its newest answers', () => {
  const sample = { event: 'sample', step: 0, image: 'a.png', prefix: 'caption en', expected: 'a bus', answer: '' };
  const text = reportOf(
    start,
    { event: 'eval', step: 0, set: 'valid', loss: 12.4, exact: 0, lines: 2 },
    sample,
    ...[1, 2, 3].map(number => step(number)),
    { event: 'eval', step: 3, set: 'valid', loss: 0.25, exact: 1, lines: 2 },
    { ...sample, step: 3, answer: 'a bus' },
    { event: 'eval', step: 3, set: 'train', loss: 0.1, exact: 2, lines: 2 },
  );
  assert.match(text, /^# train\\_lora\n\nThe training is running\.\n/);
  assert.match(text, /8 lines, 2 held out; 0\.195 M of 4\.46 M weights are trained, in f32 on cpu\./);
  assert.match(text, /Step 3 of 4, loss 0\.333/);
  assert.match(text, /!\[Loss from 1\.00 to 0\.333\]\(data:image\/svg\+xml;base64,[\w+/=]+\)/);
  assert.match(text, /\| 3 \| held out \| 0\.250 \| 1 of 2 \|\n\| 3 \| trained on \| 0\.100 \| 2 of 2 \|/);
  assert.match(text, /## Answers after step 3\n\n.*\n.*\n\| ✓ \| a\\\.png \| caption en \| a bus \| a bus \|\n/);
  assert.doesNotMatch(text, /✗/);
});

const evaluated = (task: string): EvaluationSummary => {
  const figures = (exact: number) => ({
    lines: 4,
    metrics: { exact },
    tasks: [{ task, metric: 'exact', lines: 4, metrics: { exact } }],
    left: 0,
    adapter: null,
    weights: 'f32',
  } as const);
  const against = { ...figures(0.25), model: 'base', difference: { exact: 0.5 }, better: 2, worse: 0, same: 2 };
  return { ...figures(0.75), model: 'trained', against };
};

test('the page of a training shows what held-out lines say before and after it, and with which weights', () => {
  const report = new TuningReport();
  assert.doesNotMatch(report.text('x', '', t), /Before and after/);
  report.judge(evaluated('answer'));
  const text = report.text('x', '', t);
  assert.match(text, /Held-out lines: 4, weights f32\. Better: 2, worse: 0, the same: 2\./);
  assert.match(text, /\| answer \| exact \| 4 \| 0\.25 \| 0\.75 \| \+0\.5 \|/);
  const { against: _, ...alone } = evaluated('answer');
  assert.deepEqual(beforeAndAfter(alone, t), []);
});

test('a task of a data set adds neither rows nor markup to the page', () => {
  const [, , rows] = beforeAndAfter(evaluated('<img src=x> | [a](command:x)\n# b'), t);
  assert.equal(rows?.split('\n').length, 3);
  assert.doesNotMatch(rows ?? '', /(?<!\\)<img|(?<!\\)\[a/);
});

test('nothing that the trainer says becomes a link, a picture, a row or markup of the page', () => {
  const hostile = '<img src=x> [a](command:x) ![b](//host/c) | d\n# e https://f';
  const text = reportOf({
    event: 'sample',
    step: 1,
    image: hostile,
    prefix: hostile,
    expected: hostile,
    answer: hostile,
  });
  assert.equal(text.split('\n').filter(line => line.startsWith('|')).length, 3);
  assert.doesNotMatch(text, /(?<!\\)<img|(?<!\\)\[a|(?<!\\)!\[|^# e|https:\/\/f/m);
});

test('the curve shows both losses in their scale, and stays small however long the training is', () => {
  assert.equal(lossCurve([{ step: 1, loss: 1 }], [], 10), undefined);
  const svg = lossCurve(
    [{ step: 1, loss: 10 }, { step: 10, loss: 0.1 }],
    [{ step: 1, loss: 1 }, { step: 10, loss: 1 }],
    10,
  );
  assert.match(svg ?? '', /points="109\.6,12\.0 628\.0,212\.0"/);
  assert.match(svg ?? '', /stroke-dasharray/);
  const long = Array.from({ length: 100_000 }, (_, index) => ({ step: index + 1, loss: 1 / (index + 1) }));
  assert.ok((lossCurve(long, [], 100_000) ?? '').length < 10_000);
  assert.doesNotMatch(lossCurve([{ step: 1, loss: 0 }, { step: 2, loss: 0 }], [], 2) ?? '', /NaN|Infinity/);
});

test('held-out lines are proposed first, and a folder that nothing has', () => {
  assert.deepEqual(validFirst(['a.jsonl', 'b.txt', 'test.jsonl', 'train.jsonl', 'valid.jsonl'], 'train.jsonl'), [
    'valid.jsonl',
    'test.jsonl',
    'a.jsonl',
  ]);
  assert.equal(freeFolder(['train-lora'], 'train.jsonl', 'lora'), 'train-lora-2');
  assert.equal(freeFolder([], '_annotations.train.jsonl', 'full'), 'annotations-train-full');
});

test('a folder with an interrupted training is found, one that is complete or no folder at all is not', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-places-'));
  try {
    for (const [name, note] of [['a', '{"state":"running"}'], ['b', '{"state":"done"}'], ['c', '[']] as const) {
      mkdirSync(path.join(folder, name));
      writeFileSync(path.join(folder, name, 'tuning.json'), note);
    }
    assert.deepEqual(await unfinishedIn(folder, ['a', 'b', 'c', 'd', 'e.jsonl']), ['a']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
