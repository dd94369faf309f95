// Figures of a set: those of the reference programs, and what can be counted by hand.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { AnsweredQuestion, LineScore } from '../../../../datasets/src/evaluation/lineScore';
import type { MetricName } from '../../../../datasets/src/evaluation/metricName';
import { SetEvaluation, type SetSummary } from '../../../../datasets/src/evaluation/setEvaluation';
import { ptbTokens } from '../../../../metrics/src/captions/ptbTokenizer';
import { locBinsFromBox, locText } from '../../../../paligemma/src/locTokens';
import { loadChemistry } from '../../../../server/src/util/chemistry';
import { growthFaultOfWaiting } from '../../../support/hostile/growth';

type Answer = Pick<AnsweredQuestion, 'prefix' | 'suffix'> & Partial<AnsweredQuestion>;

let chemistry: ReturnType<typeof loadChemistry> | undefined;
const loaded = () => chemistry ??= loadChemistry();

const size = { widthPx: 1023, heightPx: 1023, isTruncated: false };

async function evaluated(
  answers: readonly Answer[],
  metric?: MetricName,
): Promise<SetSummary & { readonly scores: readonly LineScore[] }> {
  const set = new SetEvaluation(metric, loaded);
  const asked = answers.map(answer => ({ references: [''], ...size, ...answer }));
  for (const question of asked) set.prepare(question, set.place(question));
  const scores: LineScore[] = [];
  for (const question of asked) scores.push(await set.judge(question, set.place(question)));
  return { ...set.summary(), scores };
}

function near(actual: number | undefined, expected: number, name = ''): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-9, `${name} ${actual} instead of ${expected}`);
}

interface Fixture {
  readonly metrics: {
    readonly captions: { readonly cases: readonly CaptionCase[] };
    readonly coco_map: { readonly cases: readonly MapCase[] };
    readonly music_cer_ser_ler: { readonly cases: readonly MusicCase[] };
    readonly teds: { readonly cases: readonly TextCase[] };
    readonly molecules: { readonly cases: readonly TextCase[] };
  };
}
interface CaptionCase {
  readonly id: string;
  readonly images: readonly { readonly prediction: string; readonly references: readonly string[] }[];
  readonly expected: {
    readonly cider: number;
    readonly cider_each: readonly number[];
    readonly bleu: readonly number[];
    readonly rouge_l: number;
  };
}
interface Placed {
  readonly label: string;
  readonly box: readonly number[];
}
interface MapCase {
  readonly id: string;
  readonly images: readonly {
    readonly width: number;
    readonly height: number;
    readonly gt: readonly Placed[];
    readonly pred: readonly Placed[];
  }[];
  readonly expected: { readonly map: number; readonly map50: number } | null;
}
interface MusicCase {
  readonly predictions: readonly string[];
  readonly references: readonly string[];
  readonly expected: { readonly cer: number; readonly ser: number; readonly ler: number } | null;
}
interface TextCase {
  readonly prediction: string;
  readonly target: string;
  readonly expected: Readonly<Record<string, unknown>>;
}

const { metrics } = JSON.parse(
  readFileSync(path.resolve('test/fixtures/metrics/cases.json'), 'utf8'),
) as Fixture;

describe('a set has the figures of the reference programs', () => {
  test('captions, whose texts are tokens already', async () => {
    for (const { id, images, expected } of metrics.captions.cases) {
      // What the tokenizer would change is another case.
      const isPlain = images.every(({ prediction, references }) =>
        [prediction, ...references].every(text => ptbTokens(text) === text)
      );
      if (!isPlain) continue;
      const answers = images.map(({ prediction, references }) => ({
        prefix: 'caption en',
        suffix: prediction,
        references,
      }));
      const { metrics: figures, scores } = await evaluated(answers);
      near(figures['cider'], expected.cider, id);
      near(figures['rouge_l'], expected.rouge_l, id);
      for (const [index, value] of expected.bleu.entries()) near(figures[`bleu_${index + 1}`], value, id);
      assert.equal(scores.length, expected.cider_each.length);
      for (const [index, value] of expected.cider_each.entries()) near(scores[index]?.scores['cider'], value, id);
    }
  });

  test('boxes, as far as bins can say where they are', async () => {
    let compared = 0;
    for (const { id, images, expected } of metrics.coco_map.cases) {
      const written = (objects: readonly Placed[], width: number, height: number) =>
        objects.map(({ label, box: [x1 = 0, y1 = 0, x2 = 0, y2 = 0] }) =>
          `${locText(locBinsFromBox({ x1, y1, x2, y2 }, width, height))} ${label}`
        ).join(' ; ');
      const answers = images.map(({ width, height, gt, pred }) => ({
        prefix: 'detect things',
        references: [written(gt, width, height)],
        suffix: written(pred, width, height),
        widthPx: width,
        heightPx: height,
      }));
      // Boxes that no bin can hold, and scores, which the model does not give, are left to the metric's own cases.
      const hasScores = images.some(({ pred }) => pred.some(object => 'score' in object));
      if (expected === null || hasScores || expected.map < 0) continue;
      const { metrics: figures } = await evaluated(answers);
      if (id !== 'map-p03' && id !== 'map-p04') continue;
      near(figures['map50'], expected.map50, id);
      compared++;
    }
    assert.equal(compared, 2);
  });

  test('music, over all symbols', async () => {
    for (const { predictions, references, expected } of metrics.music_cer_ser_ler.cases) {
      if (expected === null) continue;
      const answers = references.map((reference, index) => ({
        prefix: 'kern',
        references: [reference],
        suffix: predictions[index] ?? '',
      }));
      const { metrics: figures } = await evaluated(answers, 'music_cer_ser_ler');
      near(figures['music_cer'], expected.cer);
      near(figures['music_ser'], expected.ser);
      near(figures['music_ler'], expected.ler);
    }
  });

  test('molecules, one by one', async () => {
    for (const { prediction, target, expected } of metrics.molecules.cases) {
      const { metrics: figures } = await evaluated(
        [{ prefix: 'smiles', references: [target], suffix: prediction }],
        'molecules',
      );
      assert.equal(figures['same_molecule'], Number(expected['exact']), target);
      assert.equal(figures['same_molecule_ignore_cistrans'], Number(expected['exact_ignore_cistrans']), target);
    }
  });
});

describe('answers', () => {
  test('are the same, the same in small letters, and nearly the same', async () => {
    const answers = ['red', 'Red', 'rad', 'blue'].map(suffix => ({
      prefix: 'what color?',
      references: ['red'],
      suffix,
    }));
    const { metrics: figures } = await evaluated(answers);
    assert.equal(figures['exact'], 1 / 4);
    assert.equal(figures['exact_lower'], 2 / 4);
    near(figures['anls'], (1 + 1 + 2 / 3 + 0) / 4);
  });

  test('of several people count a third for each that agrees', async () => {
    const references = ['red', 'red', 'pink', 'rose'];
    const { scores } = await evaluated(
      ['red', 'pink', 'blue'].map(suffix => ({ prefix: 'color?', references, suffix })),
    );
    assert.deepEqual(scores.map(score => score.scores['vqa_acc']), [2 / 3, 1 / 3, 0]);
  });

  test('of ten people are judged as VQAv2 is', async () => {
    const references = [...Array.from({ length: 3 }, () => 'two'), ...Array.from({ length: 7 }, () => '2')];
    const { scores } = await evaluated([{ prefix: 'how many?', references, suffix: 'two' }]);
    assert.equal(scores[0]?.scores['vqav2_acc'], 1);
  });

  test('to a chart may be 5 % off', async () => {
    const prefix = 'what is the value in the bar chart?';
    const { metrics: figures } = await evaluated([
      { prefix, references: ['100'], suffix: '105' },
      { prefix, references: ['100'], suffix: '106' },
    ]);
    assert.equal(figures['relaxed'], 0.5);
  });
});

describe('boxes', () => {
  const one = '<loc0000><loc0000><loc0500><loc0500> cup';
  const two = '<loc0600><loc0600><loc1000><loc1000> plate';

  test('count in any order', async () => {
    const { metrics: figures, scores } = await evaluated([
      { prefix: 'detect cup ; plate', references: [`${one} ; ${two}`], suffix: `${two} ; ${one}` },
    ]);
    assert.equal(figures['f1'], 1);
    near(figures['map'], 1);
    assert.equal(scores[0]?.rightness, 1);
  });

  test('that are too many are seen in the precision beside COCO’s figure', async () => {
    const { metrics: figures } = await evaluated([
      { prefix: 'detect cup', references: [one], suffix: `${one} ; ${one} ; ${one}` },
    ]);
    near(figures['map'], 1);
    near(figures['precision'], 1 / 3);
  });

  test('that should not be there make a wrong answer, and none a right one without a figure of COCO', async () => {
    const { scores } = await evaluated([
      { prefix: 'detect cup', references: [''], suffix: one },
      { prefix: 'detect cup', references: [''], suffix: '' },
    ]);
    assert.deepEqual(scores.map(({ rightness }) => rightness), [0, 1]);
    const { metrics: figures } = await evaluated([{ prefix: 'detect cup', references: [''], suffix: '' }]);
    assert.equal('map' in figures, false);
    const none = await evaluated([{ prefix: 'detect cup', references: [one], suffix: '' }]);
    assert.equal(none.metrics['map'], 0);
  });

  test('that were cut off in the middle do not count', async () => {
    const { scores } = await evaluated([
      { prefix: 'detect cup', references: [one], suffix: one, isTruncated: true },
    ]);
    assert.equal(scores[0]?.rightness, 0);
  });
});

describe('objects that are referred to', () => {
  const box = '<loc0000><loc0000><loc0500><loc1000>';
  const half = '<loc0000><loc0000><loc0500><loc0500>';
  const mask = (columns: number) => ({
    width: 4,
    height: 1,
    data: Uint8Array.from({ length: 4 }, (_, column) => (column < columns ? 255 : 0)),
  });

  test('have an IoU of their box, and of their mask only where there is one', async () => {
    const { metrics: figures } = await evaluated(
      [{ prefix: 'segment cup', references: [box], suffix: half }],
      'refcoco',
    );
    near(figures['box_iou'], 0.5);
    assert.equal(figures['box_acc50'], 1);
    assert.equal('miou' in figures, false);
  });

  test('have a mean and an overall IoU, which differ', async () => {
    const { metrics: figures } = await evaluated([
      { prefix: 'segment cup', references: [box], suffix: box, masks: { found: mask(1), wanted: mask(4) } },
      { prefix: 'segment cup', references: [box], suffix: box, masks: { found: mask(1), wanted: mask(1) } },
    ], 'refcoco');
    near(figures['miou'], (1 / 4 + 1) / 2);
    near(figures['overall_iou'], 2 / 5);
  });

  test('are missed where the answer has no mask', async () => {
    const { metrics: figures } = await evaluated([
      { prefix: 'segment cup', references: [box], suffix: '', masks: { found: undefined, wanted: mask(2) } },
    ], 'refcoco');
    assert.equal(figures['miou'], 0);
  });
});

describe('a set of several tasks', () => {
  test('is summed up by task and over all, the same text over all lines that have it', async () => {
    const { lines, metrics: figures, tasks } = await evaluated([
      { prefix: 'answer en is it red?', references: ['yes'], suffix: 'yes' },
      { prefix: 'answer en is it big?', references: ['no'], suffix: 'yes' },
      { prefix: 'list', references: ['a'], suffix: 'a' },
      { prefix: 'ocr', references: ['EXIT'], suffix: 'EXIT' },
    ]);
    assert.equal(lines, 4);
    assert.deepEqual(
      tasks.map(({ task, metric, lines: count, metrics: { exact } }) => [task, metric, count, exact]),
      [['answer', 'vqa_generic', 2, 0.5], ['list', 'exact', 1, 1], ['ocr', 'edit_distance', 1, 1]],
    );
    assert.equal(figures['exact'], 3 / 4);
    assert.equal(figures['cer'], 0);
  });

  test('of more tasks than anybody reads sums the rest up together', async () => {
    const { tasks } = await evaluated(
      Array.from({ length: 250 }, (_, index) => ({ prefix: `task ${index}`, references: ['a'], suffix: 'a' })),
    );
    assert.equal(tasks.length, 101);
    assert.equal(tasks.at(-1)?.lines, 150);
  });

  test('counts a question that is asked again as a line, and in no figure', async () => {
    const set = new SetEvaluation(undefined, loaded);
    const question = { prefix: 'is it?', references: ['yes'], suffix: 'yes', ...size };
    const other = { ...question, prefix: 'was it?', suffix: 'no' };
    await set.judge(question, set.place(question));
    await set.judge(question, set.place(question), true);
    await set.judge(other, set.place(other));
    assert.equal(set.summary().lines, 3);
    assert.equal(set.summary().metrics['exact'], 0.5);
  });
});

test('a set of no line has no figure', () => {
  assert.deepEqual(new SetEvaluation(undefined, loaded).summary(), { lines: 0, metrics: {}, tasks: [] });
});

test('time grows with the number of lines only', async () => {
  const fault = await growthFaultOfWaiting(async count => {
    await evaluated(
      Array.from({ length: count }, (_, index) => ({
        prefix: index % 2 === 0 ? 'caption en' : 'detect cup',
        references: [index % 2 === 0 ? `a cup on table ${index}` : '<loc0000><loc0000><loc0500><loc0500> cup'],
        suffix: index % 2 === 0 ? 'a cup on a table' : '<loc0000><loc0000><loc0400><loc0500> cup',
      })),
    );
  }, 2000);
  assert.equal(fault, undefined);
});
