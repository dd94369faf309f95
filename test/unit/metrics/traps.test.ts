// Where implementations of the metrics differ.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ptbTokens } from '../../../metrics/src/captions/ptbTokenizer';
import { captionScores } from '../../../metrics/src/captions';
import { isRelaxedMatch } from '../../../metrics/src/chartqa';
import { cocoScores, foundAtHalf } from '../../../metrics/src/cocoMap';
import { Fields } from '../../../metrics/src/common/fields';
import { lower, parseFloatAsPython, parseIntAsPython, strip, words } from '../../../metrics/src/common/python';
import { vqaGeneric } from '../../../metrics/src/vqaGeneric';
import { vqav2Scores } from '../../../metrics/src/vqav2';
import { tablePage, teds } from '../../../metrics/src/teds';
import type { BoxPx } from '../../../metrics/src/common/boxes';

describe('numbers are read as Python reads them', () => {
  const numbers: readonly (readonly [text: string, value: number | undefined])[] = [
    [' 5\t', 5],
    ['\u00a05\u3000', 5],
    ['1_000', 1000],
    ['1__0', undefined],
    ['1_.5', undefined],
    ['.5', 0.5],
    ['5.', 5],
    ['.', undefined],
    ['+5e-1', 0.5],
    ['Infinity', Infinity],
    ['-inf', -Infinity],
    ['٣٫٥', undefined],
    ['٣.٥', 3.5],
    ['𝟏𝟐', 12],
    ['0x10', undefined],
    ['1,000', undefined],
    ['', undefined],
    ['\ufeff5', undefined],
    ['5\x1c', undefined],
  ];
  for (const [text, value] of numbers) {
    test(JSON.stringify(text), () => assert.equal(parseFloatAsPython(text), value));
  }

  test('and "nan" is one, equal to nothing', () => {
    assert.ok(Number.isNaN(parseFloatAsPython('nan')));
    assert.equal(isRelaxedMatch('nan', 'nan'), false);
  });

  test('and whole ones have no point', () => {
    assert.equal(parseIntAsPython(' +2 '), 2);
    assert.equal(parseIntAsPython('2.0'), undefined);
  });
});

test('texts are trimmed, divided and made small as in Python', () => {
  assert.equal(strip('\x1c\x85 a\u3000'), 'a');
  assert.equal(strip('\ufeffa'), '\ufeffa');
  assert.deepEqual(words(' a\x1fb\u2003c '), ['a', 'b', 'c']);
  assert.equal(lower('ΑΣ İ ß'), 'ας i̇ ß');
});

test('answers are compared by code points, and half of an answer is none', () => {
  const anls = (prediction: string, answer: string) => vqaGeneric.score(Fields.of({ prediction, answers: [answer] }));
  assert.deepEqual(anls('😀 ok', '😀 ok!'), { expected: { acc: 0, acc_any: 0, anls: 0.8 } });
  assert.deepEqual(anls('ab', 'ax'), { expected: { acc: 0, acc_any: 0, anls: 0 } });
});

test('ten equal answers are not normalised, others are', () => {
  assert.equal(vqav2Scores('two', new Array<string>(10).fill('2')).acc, 0);
  assert.equal(vqav2Scores('two', [...new Array<string>(9).fill('2'), '3']).acc, 1);
});

test('a perfect caption of one word has a quarter of the best CIDEr, and one picture none', () => {
  const captions = ['dog', 'cat'].map(word => ({ prediction: word, references: [word] }));
  assert.deepEqual(captionScores(captions).cider_each, [2.5, 2.5]);
  assert.equal(captionScores(captions.slice(0, 1)).cider, 0);
});

describe('the tokens of captions', () => {
  const captions: readonly (readonly [text: string, tokens: string])[] = [
    ["The boy's T-shirt isn't U.S.-made (really).", "the boy 's t-shirt is n't u.s.-made -lrb- really -rrb-"],
    ['It’s 5 o’clock, don’t go!', "it 's 5 o’clock do n't go"],
    ['1 1/2 cups', '1\u00a01/2 cups'],
    ['A man... wearing a #7 jersey; 50% off?!', 'a man wearing a # 7 jersey 50 % off ?!'],
    ['rock’n’roll & R&B 😀', 'rock ’n’ roll & r&b'],
    ['日本語の看板 हिन्दी', '日本語の看板 हिन्दी'],
  ];
  for (const [text, tokens] of captions) test(text, () => assert.equal(ptbTokens(text), tokens));
});

test('a box too many costs no average precision, but precision', () => {
  const right: BoxPx = [10, 10, 60, 60];
  const wrong: BoxPx = [110, 10, 160, 60];
  const image = (boxes: readonly BoxPx[]) => [{
    truths: [{ label: 'cat', box: right }],
    predictions: boxes.map(box => ({ label: 'cat', box, score: 1 })),
  }];
  assert.ok((cocoScores(image([right, wrong]))?.map ?? 0) > 0.999);
  assert.equal(cocoScores(image([wrong, right]))?.map50, 0.5);
  assert.equal(foundAtHalf(image([right, wrong])).precision, 0.5);
  assert.equal(cocoScores(image([])), undefined);
});

describe('tables', () => {
  const table = '<table><tr><td>a</td></tr></table>';
  test('are not given the tbody that browsers add', () => {
    const other = '<table><tbody><tr><td>a</td></tr></tbody></table>';
    assert.ok(Math.abs((teds(tablePage(table), tablePage(other), false) as number) - 2 / 3) < 1e-9);
  });
  test('need a page around them, which a suffix gets', () => {
    assert.equal(teds(table, table, false), 0);
    assert.equal(teds(tablePage(table), tablePage('<tr><td>a'), false), 1);
  });
  test('without a number as span, or without anything, have no value', () => {
    assert.equal(teds(tablePage('<table><td colspan="x">'), tablePage(table), true), 'ValueError');
    assert.equal(teds(tablePage('<table>'), tablePage('<table>'), true), 'ZeroDivisionError');
    assert.equal(teds(' ', tablePage(table), true), 'ParserError');
  });
});
