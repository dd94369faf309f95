// `paligemma evaluate`: lines of a data set, whose right answers are known, on the demo model.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { failureTable } from '../../paligemma/src/failures';
import { objectsOf, runCommand, startCommand, temporaryFolder } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';

const heldout = path.resolve('test/fixtures/demo-heldout');
const folder = temporaryFolder();
const cache = folder.at('cache');
withDemoModel(cache);
after(() => folder.remove());

interface Line {
  readonly image: string;
  readonly prefix: string;
  readonly suffix: string;
}
/** What the reference implementation answered to prompts on pictures that the model never saw. */
const known = readFileSync(path.join(heldout, 'reference.jsonl'), 'utf8').trim().split('\n').map(line =>
  JSON.parse(line) as Line
);
/** Pictures of the samples, with what the model says of them: places and masks too. */
const samples = path.resolve('media/samples');
const sampleLines = (JSON.parse(readFileSync(path.join(samples, 'samples.json'), 'utf8')) as readonly {
  readonly image: string;
  readonly answers: Readonly<Record<string, string>>;
}[]).flatMap(({ image, answers }) =>
  Object.entries(answers).map(([prefix, suffix]): Line => ({ image, prefix, suffix }))
);
const exact = ['--model', 'demo', '--weights', 'f32', '--device', 'cpu'];

interface Summary {
  readonly model: string;
  readonly adapter: string | null;
  readonly weights: string;
  readonly lines: number;
  readonly left: number;
  readonly limit?: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly tasks: readonly { readonly task: string; readonly metric: string; readonly lines: number }[];
  readonly against?: {
    readonly model: string;
    readonly weights: string;
    readonly better: number;
    readonly worse: number;
    readonly same: number;
    readonly metrics: Readonly<Record<string, number>>;
    readonly difference: Readonly<Record<string, number>>;
  };
}

/** A data set beside copies of the pictures that it names. */
function dataSet(name: string, lines: readonly (Partial<Line> | string)[], pictures = heldout): string {
  const file = folder.at(name);
  for (const line of lines) {
    if (typeof line === 'string' || line.image === undefined) continue;
    const picture = path.join(pictures, line.image);
    if (existsSync(picture)) copyFileSync(picture, folder.at(line.image));
  }
  writeFileSync(file, lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line)) + '\n').join(''));
  return file;
}

function summaryOf(objects: readonly Readonly<Record<string, unknown>>[]): Summary {
  const { summary } = objects.at(-1) ?? {};
  assert.ok(summary !== undefined, 'the last line is the summary');
  return summary as Summary;
}

describe('paligemma evaluate', () => {
  test('gives every figure its best value where the answers are those of the reference', async () => {
    const lines = known.slice(0, 66);
    const result = await runCommand(['evaluate', dataSet('known.jsonl', lines), ...exact, '--json'], { cache });
    assert.equal(result.code, 0, result.stderr);
    const objects = objectsOf(result);
    assert.equal(objects.length, lines.length + 1);
    for (const [index, { image, prefix, suffix }] of lines.entries()) {
      const { line, scores, ...told } = objects[index] ?? {};
      assert.equal(line, index + 1);
      assert.deepEqual(told, { image, prefix, expected: suffix, suffix });
      assert.ok(Object.keys(scores as object).length > 0, prefix);
    }
    const { model, adapter, weights, lines: count, left, metrics, tasks } = summaryOf(objects);
    assert.deepEqual({ model, adapter, weights, count, left }, {
      model: 'paligemma2-demo-224',
      adapter: null,
      weights: 'f32',
      count: 66,
      left: 0,
    });
    for (const name of ['exact', 'anls', 'f1', 'rouge_l']) {
      assert.ok((metrics[name] ?? 0) > 1 - 1e-9, `${name} ${metrics[name]}`);
    }
    assert.deepEqual([metrics['cer'], metrics['normalized_distance']], [0, 0]);
    const metricOf = new Map(tasks.map(({ task, metric }) => [task, metric]));
    assert.equal(metricOf.get('caption de'), 'captions');
    assert.equal(metricOf.get('detect'), 'coco_map');
    assert.equal(metricOf.get('ocr'), 'edit_distance');
  });

  test('finds the boxes and decodes the masks of expected answers', async () => {
    const lines = sampleLines.filter(({ suffix }) => suffix.includes('<loc')).slice(0, 8);
    const file = dataSet('places.jsonl', lines, samples);
    const result = await runCommand(['evaluate', file, ...exact, '--json'], { cache });
    assert.equal(result.code, 0, result.stderr);
    const { metrics, tasks } = summaryOf(objectsOf(result));
    assert.deepEqual(tasks.map(({ metric }) => metric), ['coco_map', 'refcoco']);
    for (const name of ['map', 'f1', 'miou', 'overall_iou', 'box_acc50']) {
      assert.ok((metrics[name] ?? 0) > 1 - 1e-9, `${name} ${metrics[name]}`);
    }
  });

  test('tells wrong answers by their scores, and takes lines of one picture and prompt for several right answers', async () => {
    const [line] = known.filter(({ prefix }) => prefix.startsWith('answer'));
    assert.ok(line !== undefined);
    const wrong = { ...line, prefix: line.prefix.replace('there', 'here'), suffix: 'perhaps' };
    const file = dataSet('answers.jsonl', [{ ...line, suffix: 'maybe' }, line, wrong]);
    const result = await runCommand(['evaluate', file, ...exact, '--json'], { cache });
    const objects = objectsOf(result);
    const scores = objects.slice(0, 3).map(object => (object['scores'] as { readonly exact: number }).exact);
    assert.deepEqual(scores, [1, 1, 0]);
    assert.equal(summaryOf(objects).lines, 3);
    assert.equal(summaryOf(objects).metrics['exact'], 0.5);
  });

  test('says of each line that cannot be evaluated why, and goes on', async () => {
    const [line] = known;
    assert.ok(line !== undefined);
    const several = JSON.stringify({ images: ['00.png', '01.png'], prefix: 'a', suffix: 'b' });
    const file = dataSet('faulty.jsonl', [
      '{"image": ',
      '',
      { image: '00.png', prefix: 'ocr' },
      several,
      { ...line, image: 'nowhere.png' },
      { ...line, image: 'https://example.com/a.png' },
      line,
    ]);
    const result = await runCommand(['evaluate', file, ...exact, '--json'], { cache });
    assert.equal(result.code, 1);
    const objects = objectsOf(result);
    const errors = objects.flatMap(({ line: number, error }) =>
      error === undefined ? [] : [[number, (error as { readonly code: number }).code]]
    );
    const { badArgument, imageMissing } = failureTable;
    assert.deepEqual(errors, [
      [1, badArgument.code],
      [3, badArgument.code],
      [4, badArgument.code],
      [5, imageMissing.code],
      [6, badArgument.code],
    ]);
    assert.match(result.stderr, /faulty\.jsonl:4: The line names 2 pictures\. Models run on one\./);
    const { lines, left } = summaryOf(objects);
    assert.deepEqual([lines, left], [1, 5]);
  });

  test('fails where no line can be evaluated', async () => {
    const result = await runCommand(['evaluate', dataSet('none.jsonl', ['{}']), ...exact], { cache });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /holds no line with a picture, a prompt and an expected answer/);
    const missing = await runCommand(['evaluate', folder.at('missing.jsonl'), ...exact], { cache });
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /There is no data set at/);
  });

  test('takes the first lines only, and says so', async () => {
    const file = dataSet('limit.jsonl', known.slice(0, 11));
    const result = await runCommand(['evaluate', file, ...exact, '--limit', '2', '--json'], { cache });
    const { lines, limit } = summaryOf(objectsOf(result));
    assert.deepEqual([lines, limit], [2, 2]);
  });

  test('judges all lines by one metric where one is named', async () => {
    const file = dataSet('metric.jsonl', known.slice(4, 8));
    const result = await runCommand(['evaluate', file, ...exact, '--metric', 'edit_distance', '--json'], { cache });
    assert.deepEqual(
      new Set(summaryOf(objectsOf(result)).tasks.map(({ metric }) => metric)),
      new Set(['edit_distance']),
    );
    const unknown = await runCommand(['evaluate', file, '--metric', 'edit_distanse'], { cache });
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /takes auto or one of edit_distance,/);
  });

  test('prints figures a row for a program that reads no JSON', async () => {
    const file = dataSet('text.jsonl', known.filter(({ prefix }) => prefix === 'ocr').slice(0, 2));
    const result = await runCommand(['evaluate', file, ...exact], { cache });
    assert.match(result.stdout, /^ocr\tedit_distance\t2\texact\t1$/m);
  });

  test('goes on where it was stopped', async () => {
    const file = dataSet('stopped.jsonl', known.filter(({ image }) => Number(image.slice(0, 2)) >= 30));
    const args = ['evaluate', file, ...exact, '--json'];
    const running = startCommand(args, { cache });
    await new Promise<void>(resolve => {
      running.child.stdout?.once('data', () => {
        running.child.kill('SIGINT');
        resolve();
      });
    });
    const stopped = await running.ended;
    assert.equal(stopped.code, 130);
    assert.match(stopped.stderr, /the same command goes on there/);
    assert.ok(!stopped.stdout.includes('"summary"'));
    const whole = await runCommand(args, { cache });
    assert.equal(whole.code, 0, whole.stderr);
    assert.ok(whole.stdout.startsWith(stopped.stdout));
    assert.equal(summaryOf(objectsOf(whole)).lines, 330);
  });

  test('compares two models line by line', async () => {
    const [line] = known.filter(({ prefix }) => prefix === 'caption en');
    assert.ok(line !== undefined);
    const file = dataSet('against.jsonl', [line, { ...line, prefix: 'ocr', suffix: 'nothing that is there' }]);
    const result = await runCommand(['evaluate', file, ...exact, '--against', 'demo', '--json'], { cache });
    assert.equal(result.code, 0, result.stderr);
    const [first, ...rest] = objectsOf(result);
    assert.deepEqual(first?.['against'], { suffix: first?.['suffix'], scores: first?.['scores'] });
    const { against } = summaryOf(rest);
    assert.deepEqual([against?.better, against?.worse, against?.same], [0, 0, 2]);
    assert.deepEqual(new Set(Object.values(against?.difference ?? {})), new Set([0]));
  });

  test('writes a page with the worst lines first, which asks for nothing and runs nothing of the data set', async () => {
    const hostile = '<script>alert(1)</script><img src=x onerror=alert(1)> \u202e "\'&amp;';
    const lines = sampleLines.filter(({ image }) => image === '01.png').map((line, index) =>
      index === 5 ? { ...line, suffix: hostile } : line
    );
    const file = dataSet('report.jsonl', lines, samples);
    const report = folder.at('report');
    const result = await runCommand(['evaluate', file, ...exact, '--report', report], { cache });
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stderr, /Report: .*report\.html/);
    const page = readFileSync(path.join(report, 'report.html'), 'utf8');
    assert.match(
      page,
      /<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; img-src data:;/,
    );
    assert.ok(page.includes('&lt;script&gt;'));
    assert.equal(page.match(/<script/g)?.length, 1);
    assert.equal(page.match(/<img (?!src="data:image\/png;base64,)/), null);
    assert.equal(page.match(/(?:src|href)="(?!data:)/), null);
    assert.ok(!page.includes('\u202e'));
    const first = page.indexOf('<article>');
    assert.ok(page.slice(first, page.indexOf('</article>')).includes('Line 6: 01.png'));
    // Both of a line with places, one of any other.
    const pictures = page.match(/<figure>/g)?.length ?? 0;
    assert.ok(pictures > lines.length, `${pictures} pictures of ${lines.length} lines`);
  });

  test('refuses a folder for the report that cannot be made, before anything is run', async () => {
    const file = dataSet('early.jsonl', known.slice(0, 1));
    const result = await runCommand(['evaluate', file, ...exact, '--report', path.join(file, 'below')], { cache });
    assert.equal(result.code, 1);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, /The report cannot be written into/);
  });
});
