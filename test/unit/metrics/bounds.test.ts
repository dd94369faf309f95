// Inputs that no model writes: they end soon, with a value or with a sentence.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CaseFault } from '../../../metrics/src/common/caseFault';
import { editDistance } from '../../../metrics/src/common/editDistance';
import { Fields } from '../../../metrics/src/common/fields';
import { parseFloatAsPython, strip } from '../../../metrics/src/common/python';
import { ptbTokens } from '../../../metrics/src/captions/ptbTokenizer';
import { isRelaxedMatch } from '../../../metrics/src/chartqa';
import { cocoMap } from '../../../metrics/src/cocoMap';
import { refcoco } from '../../../metrics/src/refcoco';
import { teds, tablePage } from '../../../metrics/src/teds';
import { growthFault } from '../../support/hostile/growth';

const symbols = (length: number, of: number) => Array.from({ length }, (_, index) => String((index * index) % of));

describe('edit distance', () => {
  test('is that of the whole matrix, at every length around the words of bits', () => {
    for (const length of [0, 1, 5, 31, 32, 33, 64, 65, 130]) {
      const [a, b] = [symbols(length, 7), symbols(length + 3, 5)];
      assert.equal(editDistance(a, b), slowDistance(a, b), String(length));
      assert.equal(editDistance(b, a), slowDistance(a, b), String(length));
    }
  });

  test('of texts that are the same but for their middle is as quick as they are long', () => {
    const end = symbols(200_000, 11);
    assert.equal(editDistance([...end, 'x', ...end], [...end, 'y', 'z', ...end]), 2);
  });

  test('of texts that would take minutes is refused', () => {
    assert.throws(() => editDistance(symbols(300_000, 7), symbols(300_000, 5)), CaseFault);
  });
});

describe('tables', () => {
  const cells = (rows: number, text: string) =>
    tablePage(`<table>${`<tr>${`<td>${text}</td>`.repeat(100)}</tr>`.repeat(rows)}</table>`);

  test('of ten thousand cells are the same as themselves, and refused beside others', () => {
    assert.equal(teds(cells(100, 'a'), cells(100, 'a'), false), 1);
    assert.throws(() => teds(cells(100, 'a'), cells(100, 'b'), false), CaseFault);
  });

  test('whose elements lie in each other without end are refused', () => {
    assert.throws(() => teds(`<html><body><table>${'<div>'.repeat(100_000)}`, cells(1, 'a'), true), CaseFault);
  });

  test('in markup that never ends cost as much as they are long', () => {
    for (const part of ['<x a=', '<!--', '</b>', '</', '&', '<td><script>', '<td a="']) {
      const page = (length: number) => `<html><body><table>${part.repeat(length)}`;
      const fault = growthFault(markup => teds(markup, cells(1, 'a'), true), page, 20_000);
      assert.equal(fault, undefined, part);
    }
  });
});

test('blanks cost as much as they are many', () => {
  for (const use of [strip, parseFloatAsPython]) {
    assert.equal(growthFault(use, length => `x${' '.repeat(length)}x`, 100_000), undefined);
  }
  assert.equal(
    growthFault((text: string) => isRelaxedMatch(text, '1'), length => `${'%'.repeat(length)}x%`, 100_000),
    undefined,
  );
});

test('the tokens of a caption cost as much as it is long', () => {
  for (const part of ['a,', '<a ', "n'", 'http://', 'a@', '1,1-', 'www.a.', 'A&', ':)', 'a-']) {
    const fault = growthFault(ptbTokens, length => part.repeat(length), 8_000);
    assert.equal(fault, undefined, part);
  }
});

test('more objects, and larger pictures, than can be compared are refused', () => {
  const objects = Array.from({ length: 20_000 }, () => ({ label: 'a', box: [0, 0, 1, 1] }));
  assert.throws(() => cocoMap.score(Fields.of({ images: [{ gt: objects, pred: [] }] })), CaseFault);
  const picture = { height: 60_000, width: 60_000, gt_rectangle_y1x1y2x2: [0, 0, 1, 1], loc: [0, 0, 9, 9], mask64: [] };
  assert.throws(() => refcoco.score(Fields.of(picture)), CaseFault);
});

function slowDistance(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, symbol] of a.entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (symbol === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
