import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EvaluatedLine, EvaluationSummary } from '../../../server/src/contract/evaluation';
import { reportPage } from '../../../server/src/evaluation/report/reportPage';
import { WorstLines } from '../../../server/src/evaluation/report/worstLines';

const summary: EvaluationSummary = {
  model: 'demo',
  adapter: '/adapters/one',
  weights: 'f32',
  lines: 2,
  left: 1,
  metrics: { exact: 0.5 },
  tasks: [{ task: 'ocr', metric: 'edit_distance', lines: 2, metrics: { exact: 0.5 } }],
};

function line(part: Partial<EvaluatedLine> = {}): EvaluatedLine {
  return {
    line: 1,
    image: 'a.png',
    imagePath: '/a.png',
    widthPx: 10,
    heightPx: 10,
    prefix: 'ocr',
    expected: 'one two',
    suffix: 'one three',
    scores: { exact: 0 },
    rightness: 0,
    task: 'ocr',
    metric: 'edit_distance',
    ...part,
  };
}

test('nothing of a data set, a model or a path means anything in the page', () => {
  const wild = `</dd></article><script src="//x"></script><a href='x'>&lt;\u202e\u0000\u2028`;
  const page = reportPage({
    name: wild,
    summary: { ...summary, model: wild, adapter: wild, tasks: [{ ...summary.tasks[0]!, task: wild }] },
    lines: [{
      line: line({
        image: wild,
        prefix: wild,
        expected: wild,
        suffix: wild.slice(1),
        task: wild,
        against: { suffix: wild, scores: {}, rightness: 0, change: 'same' },
      }),
      pictures: [],
    }],
    language: 'en',
  });
  assert.equal(page.match(/<script/g)?.length, 1);
  assert.equal(page.match(/<a /g), null);
  assert.equal(page.match(/[\u0000\u202e\u2028]/), null);
  assert.equal(page.match(/<article>/g)?.length, page.match(/<\/article>/g)?.length);
});

test('what differs is marked on both sides, and an empty answer is said in words', () => {
  const page = reportPage({
    name: 'a.jsonl',
    summary,
    lines: [{ line: line(), pictures: [] }, { line: line({ line: 2, suffix: '' }), pictures: [] }],
    language: 'en',
  });
  assert.match(page, /one <del>two<\/del>/);
  assert.match(page, /one <ins>three<\/ins>/);
  assert.match(page, /<em>\(empty answer\)<\/em>/);
});

test('the page names model, adapter and weights, and how many lines it lacks', () => {
  const page = reportPage({ name: 'a.jsonl', summary, lines: [], language: 'en' });
  assert.match(page, /demo \+ \/adapters\/one \(f32\)/);
  assert.match(page, /0 of 2 lines are here/);
  assert.match(page, /<dt>Not evaluated<\/dt><dd>1<\/dd>/);
});

test('the worst lines are kept, however many there are, and equal ones in the order of the file', () => {
  const worst = new WorstLines(3);
  for (let number = 1; number <= 1000; number++) {
    worst.add(line({ line: number, rightness: number % 100 === 0 ? 0 : 1 }));
  }
  assert.deepEqual(worst.worst().map(kept => kept.line), [100, 200, 300]);
  assert.equal(worst.total, 1000);
});
