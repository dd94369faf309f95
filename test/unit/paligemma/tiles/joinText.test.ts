import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthFault } from '../../../support/hostile/growth';
import { joinBelow, joinBeside, joinPieces, joinText, withoutLoop } from '../../../../paligemma/src/tiles/joinText';

test('pieces of a line are joined by what both have, a clipped letter at the seam left out', () => {
  assert.equal(joinPieces('The quick brown fo', 'rown fox jumps')?.text, 'The quick brown fox jumps');
  assert.equal(joinPieces('The quick brown fc', 'rown fox jumps')?.text, 'The quick brown fox jumps');
  assert.equal(joinPieces('The quick brown', '|brown fox')?.text, 'The quick brown fox');
  assert.equal(joinPieces('total 365', '365')?.text, 'total 365', 'a word that is whole in both');
  assert.equal(joinPieces('is', 'island'), undefined, 'two letters are shared by chance');
  assert.equal(joinPieces('left', 'right'), undefined);
  assert.equal(joinPieces('Name: A', 'Name: B'), undefined, 'two lines that begin alike');
  assert.equal(joinPieces('1 apple', '2 apple'), undefined, 'or end alike');
});

test('a piece that stands somewhere in the other one is no part of it unless it stands at the seam', () => {
  assert.equal(joinPieces('the', 'weather report'), undefined);
  assert.equal(joinPieces('the', 'theory'), undefined, 'three letters at the seam, within a word');
  assert.equal(joinPieces('the', 'the report')?.text, 'the report');
  assert.equal(joinPieces('2100', '100'), undefined);
  assert.equal(joinPieces('2100 m', '100'), undefined, 'nothing stands in the place of “ m”');
  assert.equal(joinPieces('100', '2100 m'), undefined);
  assert.equal(joinPieces('middle', 'in the middle of it'), undefined);
  assert.equal(joinPieces('abcdef', 'defghi')?.text, 'abcdefghi', 'a word that the seam goes through');
});

test('lines of neighbours are paired in order, and lines without a partner stay', () => {
  assert.deepEqual(joinBeside(['Invoice num', 'Total amo'], ['ce number 17', 'al amount 365', 'Page 1']), [
    'Invoice number 17',
    'Total amount 365',
    'Page 1',
  ]);
  assert.deepEqual(joinBeside(['left one', 'left two'], ['right one']), ['left one', 'left two', 'right one']);
  assert.deepEqual(joinBeside([], ['a']), ['a']);
  assert.deepEqual(joinBeside(['a'], []), ['a']);
});

test('lines that the part above and the part below have both read are taken once', () => {
  assert.deepEqual(joinBelow(['one line', 'two lines', 'three lines'], ['two lines', 'three lines', 'four lines']), [
    'one line',
    'two lines',
    'three lines',
    'four lines',
  ]);
  assert.deepEqual(joinBelow(['one line', 'two lines'], ['two 1ines', 'three lines']), [
    'one line',
    'two lines',
    'three lines',
  ], 'read a little differently');
  assert.deepEqual(joinBelow(['one line', 'two lines', 'thrcc|incs'], ['two lines', 'three lines']), [
    'one line',
    'two lines',
    'three lines',
  ], 'the line under the seam is clipped above');
  assert.deepEqual(joinBelow(['a b', 'c d'], ['e f', 'g h']), ['a b', 'c d', 'e f', 'g h']);
  assert.deepEqual(joinBelow(['1', '2'], ['3']), ['1', '2', '3'], 'short lines differ by what they say');
});

test('lines of other numbers are other lines', () => {
  for (const name of ['Invoice', 'No.', 'Chapter page', 'Gate A']) {
    const [above, below] = [[1041, 1042], [1043, 1044]].map(numbers => numbers.map(number => `${name} ${number}`));
    assert.deepEqual(joinBelow(above!, below!), [...above!, ...below!]);
  }
  assert.deepEqual(joinBelow(['Total  1,041 EUR'], ['total 1.041 EUR', 'b']), ['Total  1,041 EUR', 'b'], 'as before');
});

test('the time to join long lines grows with their length only', () => {
  const lines = (length: number) => [0, 1, 2].map(number => 'abcdefg '.repeat(length / 24) + number);
  assert.equal(
    growthFault((length: number) => joinBelow(lines(length), lines(length + 8)), length => length, 60_000),
    undefined,
  );
});

test('parts are read row by row, whatever order they come in', () => {
  const tile = (x: number, y: number, text: string) => ({ box: { x1: x, y1: y, x2: x + 100, y2: y + 100 }, text });
  assert.equal(
    joinText([tile(100, 100, 'd'), tile(0, 0, 'a'), tile(0, 100, 'c'), tile(100, 0, 'b\n\n  b2 ')]),
    'a\nb\nb2\nc\nd',
  );
  assert.equal(joinText([]), '');
  assert.equal(joinText([tile(0, 0, ''), tile(100, 0, '')]), '');
});

test('a text is joined over seams in both directions', () => {
  const overlap = (x: number, y: number, text: string) => ({ box: { x1: x, y1: y, x2: x + 120, y2: y + 120 }, text });
  assert.equal(
    joinText([
      overlap(0, 0, 'The first li\nThe second li'),
      overlap(100, 0, 'rst line ends\nond line ends'),
      overlap(0, 100, 'The second li\nThe third li'),
      overlap(100, 100, 'ond line ends\nird line ends'),
    ]),
    'The first line ends\nThe second line ends\nThe third line ends',
  );
});

test('words that are the same on both sides of a clean cut are two words', () => {
  assert.equal(
    joinText([{ box: { x1: 0, y1: 0, x2: 9, y2: 9 }, text: 'SUN' }, {
      box: { x1: 9, y1: 0, x2: 18, y2: 9 },
      text: 'SUN',
    }]),
    'SUN\nSUN',
  );
});

test('a loop at the end of a text is said once, and repetitions that may be meant stay', () => {
  assert.equal(withoutLoop(`Total 5\n${'page 1 of 2, '.repeat(40)}page`), 'Total 5\npage 1 of 2,');
  assert.equal(withoutLoop(`WARNING ${'?'.repeat(300)}`), 'WARNING ?');
  assert.equal(withoutLoop('ha ha ha'), 'ha ha ha');
  assert.equal(withoutLoop('1000000'), '1000000');
  assert.equal(withoutLoop('a text without one'), 'a text without one');
  assert.equal(withoutLoop(''), '');
});

test('a long text has each of its lines once', () => {
  const lines = (from: number) => Array.from({ length: 600 }, (_, i) => `line ${from + i} of a long text`).join('\n');
  const tile = (y: number) => ({ box: { x1: 0, y1: y, x2: 10, y2: y + 120 }, text: lines(y) });
  assert.equal(joinText([tile(0), tile(600)]).split('\n').length, 1200);
});
