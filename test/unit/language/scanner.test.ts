import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editLines, joinText, scanText } from '../../../server/src/language/syntax/lines';
import { contentOf, lineTokens, splitLines } from '../../../server/src/language/syntax/scanner';
import { seededRandom } from '../../support/seededRandom';
import type { SeededRandom } from '../../support/seededRandom';

/** Pieces that mean something somewhere, and pieces that break things. */
const pieces = [
  '#',
  '@',
  '@image ',
  '@model ',
  '@set ',
  '=>',
  '  => ',
  '\\',
  '\\\n',
  '""',
  '"',
  ',',
  ' ; ',
  ';',
  'detect cup',
  'caption en',
  'answer',
  '<loc0001>',
  '<seg',
  '\n',
  '\r',
  '\r\n',
  ' ',
  '\t',
  '\ufeff',
  '\ud83d',
  '\ude00',
  '😀',
  'é',
  '中',
  '\u2028',
  '\0',
  '{',
  '}',
  '[',
  '*',
  '%',
  'x',
];

function randomText(random: SeededRandom, length: number): string {
  return Array.from({ length: random.below(length) }, () => random.pick(pieces)).join('');
}

test('lines end at \\n, \\r\\n and \\r, and at nothing else', () => {
  assert.deepEqual(splitLines('a\nb\r\nc\rd\u2028e'), [
    { text: 'a', eol: '\n' },
    { text: 'b', eol: '\r\n' },
    { text: 'c', eol: '\r' },
    { text: 'd\u2028e', eol: '' },
  ]);
  assert.deepEqual(splitLines(''), [{ text: '', eol: '' }]);
  assert.deepEqual(splitLines('\r\r\n\n').map(part => part.eol), ['\r', '\r\n', '\n', '']);
});

test('every kind of line is recognised', () => {
  const lines = scanText('\ufeff# c\n@image a\ncaption en\n  => x\n\n""\n\\# p\na\\\nb\n=> y');
  assert.deepEqual(lines.map(line => [line.kind, contentOf(line)]), [
    ['comment', '# c'],
    ['directive', '@image a'],
    ['prompt', 'caption en'],
    ['expectation', 'x'],
    ['blank', ''],
    ['prompt', ''],
    ['prompt', '# p'],
    ['prompt', 'a'],
    ['joined', 'b'],
    ['prompt', '=> y'],
  ]);
  assert.equal(lines[0]?.hasByteOrderMark, true);
});

test('tokens follow each other without a gap and give back any text', () => {
  const random = seededRandom(7);
  for (let round = 0; round < 3000; round++) {
    const text = randomText(random, 40);
    const lines = scanText(text);
    let again = '';
    for (const line of lines) {
      const whole = line.text + line.eol;
      let at = 0;
      for (const token of lineTokens(line)) {
        assert.equal(token.start, at, `gap in ${JSON.stringify(text)}`);
        assert.ok(token.end > token.start, `empty token in ${JSON.stringify(text)}`);
        again += whole.slice(token.start, token.end);
        at = token.end;
      }
      assert.equal(at, whole.length);
    }
    assert.equal(again, text);
    assert.equal(joinText(lines), text);
  }
});

test('an edit gives the same lines as reading the edited text, and keeps the lines that it does not touch', () => {
  const random = seededRandom(11);
  for (let round = 0; round < 3000; round++) {
    const text = randomText(random, 40);
    const before = scanText(text);
    const a = random.below(before.length);
    const b = Math.min(before.length - 1, a + random.below(4));
    const start = { line: a, character: random.below(before[a]!.text.length + 1) };
    const endCharacter = random.below(before[b]!.text.length + 1);
    const end = { line: b, character: a === b ? Math.max(start.character, endCharacter) : endCharacter };
    const newText = randomText(random, 6);
    const offset = (position: typeof start) => joinText(before.slice(0, position.line)).length + position.character;
    const edited = text.slice(0, offset(start)) + newText + text.slice(offset(end));
    const after = editLines(before, { start, end }, newText);
    assert.deepEqual(after, scanText(edited), `${JSON.stringify(text)} ${JSON.stringify([start, end, newText])}`);
    for (let line = 0; line < a - 1; line++) assert.equal(after[line], before[line], 'a line above was read again');
  }
});

test('one letter typed into ten thousand lines reads one line anew', () => {
  const before = scanText('caption en\n'.repeat(10_000));
  const at = { line: 5000, character: 3 };
  const after = editLines(before, { start: at, end: at }, 'x');
  assert.equal(after.filter((line, index) => line !== before[index]).length, 1);
  assert.equal(after[5000]?.text, 'capxtion en');
});

test('a backslash typed at the end of a line changes what the next lines are, up to the first that stays', () => {
  const before = scanText('a\n# b\nc');
  const at = { line: 0, character: 1 };
  const after = editLines(before, { start: at, end: at }, '\\');
  assert.deepEqual(after.map(line => line.kind), ['prompt', 'joined', 'prompt']);
  assert.equal(after[2], before[2]);
});

test('positions outside of the text mean its nearest place', () => {
  const lines = scanText('ab\ncd');
  assert.equal(
    joinText(editLines(lines, { start: { line: 9, character: 9 }, end: { line: 99, character: 0 } }, '!')),
    'ab\ncd!',
  );
  assert.equal(
    joinText(editLines(lines, { start: { line: 0, character: 99 }, end: { line: 1, character: 0 } }, '-')),
    'ab-cd',
  );
  assert.equal(
    joinText(editLines(lines, { start: { line: 1, character: 1 }, end: { line: 0, character: 1 } }, '')),
    'ad',
  );
});
