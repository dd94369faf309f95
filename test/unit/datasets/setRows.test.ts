import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SetRow } from '../../../datasets/src/edits/setRow';
import { judgedKey } from '../../../datasets/src/edits/lineJudgement';
import { SetRows } from '../../../datasets/src/edits/setRows';
import {
  countsOfSet,
  firstOrder,
  lineOrder,
  shownSetRows,
  wholeSet,
  type SetFilter,
  type SetSort,
} from '../../../datasets/src/edits/shownSetRows';
import { seededRandom } from '../../support/seededRandom';

const box = '<loc0100><loc0200><loc0300><loc0400>';
const line = (image: string, suffix: string, more: object = {}) =>
  JSON.stringify({ image, prefix: 'detect cup', suffix, ...more });

function ids(rows: readonly SetRow[]): readonly number[] {
  return rows.map(({ id }) => id);
}

describe('the rows of a text', () => {
  test('leave out blank lines and keep what is no line', () => {
    const rows = new SetRows([line('a.png', ''), '', 'no line', ' ']);
    assert.deepEqual(rows.all.map(({ isLine }) => isLine), [true, false]);
    assert.deepEqual(rows.all.map(({ id }) => rows.lineOf(id)), [0, 2]);
  });

  test('keep who they are when lines come and go around them, and when they change as they are', () => {
    const rows = new SetRows(['a', 'b', 'c'].map(name => line(name, '')));
    const [a, b, c] = rows.all;
    rows.replace(0, 1, [line('new', ''), line('a', '')]);
    assert.deepEqual(ids(rows.all).slice(1), ids([a!, b!, c!]));
    rows.replace(2, 1, [line('b', 'other')]);
    assert.equal(rows.all[2]?.id, b?.id);
    assert.notEqual(rows.all[2]?.revision, b?.revision);
    // A line end that goes away takes one line of two.
    rows.replace(0, 2, [line('a', '')]);
    assert.deepEqual(ids(rows.all), ids([a!, b!, c!]));
  });

  test('are those of the text, whatever was replaced in it', () => {
    const random = seededRandom(11);
    const some = () =>
      Array.from({ length: random.below(5) }, () => random.pick([line('a', 'x'), line('b', ''), '', 'no']));
    const texts = some();
    const rows = new SetRows(texts);
    for (let round = 0; round < 300; round++) {
      const first = random.below(texts.length + 1);
      const removed = random.below(texts.length - first + 1);
      const next = some();
      texts.splice(first, removed, ...next);
      rows.replace(first, removed, next);
      const fresh = new SetRows(texts);
      const said = (list: readonly SetRow[]) => list.map(({ id: _, revision: __, ...content }) => content);
      assert.deepEqual(said(rows.all), said(fresh.all));
      assert.deepEqual(rows.all.map(({ id }) => rows.lineOf(id)), fresh.all.map(({ id }) => fresh.lineOf(id)));
      assert.equal(new Set(ids(rows.all)).size, rows.all.length);
    }
  });

  test('take no findings of what they said before', () => {
    const rows = new SetRows([line('a', '')]);
    const [before] = rows.all;
    const findings = [{ code: 'x', severity: 'error', message: 'm' }] as const;
    rows.replace(0, 1, [line('a', 'other')]);
    rows.judge([[before!, findings]]);
    assert.equal(rows.all[0]?.findings, undefined);
    rows.judge([[rows.all[0]!, findings]]);
    assert.deepEqual(rows.all[0]?.findings, findings);
  });

  test('have the answer of a model for as long as they say what it was judged by', () => {
    const judgement = { answer: 'a mug', rightness: 0.5 };
    const judgements = new Map([[judgedKey({ image: 'a', prefix: 'detect cup', suffix: 'x' }), judgement]]);
    const rows = new SetRows([line('a', 'x'), line('b', 'x')]);
    const judged = () => rows.all.map(row => row.judgement);
    const [before] = rows.all;
    rows.judgeAnswers(judgements);
    assert.deepEqual(judged(), [judgement, undefined]);
    assert.equal(rows.all[0]?.revision, before?.revision, 'the line says the same');
    rows.replace(0, 1, [line('a', 'y')]);
    assert.deepEqual(judged(), [undefined, undefined]);
    rows.replace(0, 1, [line('a', 'x')]);
    assert.deepEqual(judged(), [judgement, undefined], 'an edit was undone');
    rows.judgeAnswers(new Map());
    assert.deepEqual(judged(), [undefined, undefined], 'of another evaluation');
    assert.deepEqual(new SetRows([line('a', 'x')], judgements).all[0]?.judgement, judgement);
  });
});

describe('the rows that are shown', () => {
  const rows = new SetRows([
    line('train/10.png', `${box} cup ; ${box} plate`),
    line('train/9.png', `${box} cup`, { draft: true }),
    line('valid/1.png', 'ein Café'),
    line('b.png', ''),
    'no line',
  ]);
  rows.judge([[rows.all[4]!, [{ code: 'notJson', severity: 'error', message: 'm' }]]]);
  const lines = (filter: Partial<SetFilter>, sort: Partial<SetSort> = {}) =>
    shownSetRows(rows.all, { ...wholeSet, ...filter }, { ...lineOrder, ...sort }).map(({ id }) => rows.lineOf(id));

  test('are those that the filter names', () => {
    assert.deepEqual(lines({}), [0, 1, 2, 3, 4]);
    assert.deepEqual(lines({ text: 'cafe VALID' }), [2]);
    assert.deepEqual(lines({ label: 'cup' }), [0, 1]);
    assert.deepEqual(lines({ label: 'cup', state: 'draft' }), [1]);
    assert.deepEqual(lines({ folder: 'train' }), [0, 1]);
    assert.deepEqual(lines({ state: 'empty' }), [3]);
    assert.deepEqual(lines({ state: 'finding' }), [4]);
    assert.deepEqual(lines({ code: 'notJson' }), [4]);
    assert.deepEqual(lines({ state: 'wrong' }), []);
  });

  test('stand in the order that is asked for; equal ones in that of the file', () => {
    assert.deepEqual(lines({ folder: 'train' }, { by: 'picture' }), [1, 0]);
    assert.deepEqual(lines({}, { by: 'regions', isDescending: true }), [0, 1, 2, 3, 4]);
    assert.deepEqual(lines({}, { by: 'findings', isDescending: true }), [4, 0, 1, 2, 3]);
    assert.deepEqual(lines({}, { isDescending: true }), [4, 3, 2, 1, 0]);
  });

  test('are those that a model answered wrongly, the worst first', () => {
    const answers = [['a', 1], ['b', 0.5], ['c', 0], ['d', 0.999_999_9]] as const;
    const evaluated = new SetRows(
      [...answers.map(([image]) => line(image, 'x')), line('e', 'x')],
      new Map(answers.map(([image, rightness]) => [
        judgedKey({ image, prefix: 'detect cup', suffix: 'x' }),
        { answer: 'y', rightness },
      ])),
    );
    const shown = (filter: SetFilter) =>
      shownSetRows(evaluated.all, filter, firstOrder('wrong')).map(({ images }) => images[0]);
    assert.deepEqual(shown({ ...wholeSet, state: 'wrong' }), ['c', 'b']);
    assert.deepEqual(shown(wholeSet), ['c', 'b', 'd', 'a', 'e'], 'what nobody judged stands last');
    const { states, judged } = countsOfSet(evaluated.all);
    assert.deepEqual([states.wrong, judged], [2, 4]);
  });

  test('are counted by what they can be filtered by', () => {
    const { states, labels, folders, codes } = countsOfSet(rows.all);
    assert.deepEqual(states, { all: 5, draft: 1, finding: 1, empty: 1, wrong: 0 });
    assert.deepEqual(labels, [['cup', 2], ['plate', 1]]);
    assert.deepEqual(folders, [['train', 2], ['', 1], ['valid', 1]]);
    assert.deepEqual(codes, [['notJson', 1]]);
  });
});
