import assert from 'node:assert/strict';
import test from 'node:test';
import { kindOf, readAnswer } from '../../../../paligemma/src/kinds/kinds';
import { music, type MusicAnswer } from '../../../../paligemma/src/kinds/music';
import { growthFault } from '../../../support/hostile/growth';
import { runResult } from '../../../support/results';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const read = (suffix: string, isTruncated = false) => music.read(suffix, { isTruncated, t });
const asked = (suffix: string, prompt = 'x', model = 'm') => kindOf({ suffix, prompt, model });
const file = (suffix: string) => music.exports?.['kern']?.write(read(suffix).data);
const widths = ({ lines }: MusicAnswer) =>
  lines.map(({ cells }) => cells.map(({ text, columns }) => `${text} ${columns}`));

const kern = '**kern\t**kern\n*clefF4\t*clefG2\n4C 4E\t4c\n=\t=\n4D\t8dL\n.\t8eJ\n*-\t*-';
const lines = kern.split('\n');

test('music is known by its header, and without it by its columns of notes', () => {
  assert.equal(asked(kern), 'music');
  assert.equal(asked('**ekern_1.0\t**ekern_1.0\n4·C\t4·c'), 'music');
  assert.equal(asked(lines.slice(1).join('\n')), 'music');
  assert.equal(asked('*clefG2\n4c\n4d\n4e\n=\n', 'read the score'), 'music');
});

test('tables with TABs, lists and prose are no music', () => {
  for (
    const suffix of [
      'name\tage\nAda\t36\nBob\t41',
      'a\nb\nc\nd',
      'a',
      '',
      '1\t2\n3\t4\n5\t6',
      'one\n\ntwo',
      '4c\t4d',
      '<table><tr><td>4c</td></tr></table>',
      'a\tb\tc\nd\te\tf\ng\ta\tb',
    ]
  ) assert.notEqual(asked(suffix), 'music', suffix);
  assert.equal(asked('a sheet of paper', 'caption en score'), 'text');
});

test('the table has a column for each staff, more where it is split, and every line fills it', () => {
  const split = '**kern\t**kern\n4C\t4c\n*\t*^\n4D\t4d\t4f\n*\t*v\t*v\n*-\t*-';
  const { data, faults } = read(split);
  assert.deepEqual(faults, []);
  assert.deepEqual(data.staves, [{ columns: 1 }, { columns: 2 }]);
  assert.deepEqual(widths(data), [
    ['**kern 1', '**kern 2'],
    ['4C 1', '4c 2'],
    ['* 1', '*^ 2'],
    ['4D 1', '4d 1', '4f 1'],
    ['* 1', '*v 1', '*v 1'],
    ['*- 1', '*- 2'],
  ]);
});

test('exchanged columns stand under their staves, in the file as they were written', () => {
  const exchanged = '**kern\t**kern\n*x\t*x\n4c\t4D\n*-\t*-';
  assert.deepEqual(widths(read(exchanged).data)[2], ['4D 1', '4c 1']);
  assert.equal(file(exchanged), `${exchanged}\n`);
});

test('a line with a TAB too few or too many is marked, keeps its fields, and is told with its place', () => {
  const few = kern.replace('4C 4E\t4c', '4C 4E 4c');
  const { data, faults } = read(few);
  assert.deepEqual(faults, [{
    message: 'Fields in line 3: 1, columns: 2. A TAB is missing, or one is too much.',
    start: few.indexOf('4C'),
    end: few.indexOf('4C') + 8,
  }]);
  assert.deepEqual(data.lines.map(({ isFaulty }) => isFaulty), [false, false, true, false, false, false, false]);
  assert.deepEqual(widths(data)[2], ['4C 4E 4c 2']);
  const many = read(kern.replace('4C 4E\t4c', '4C\t4E\t4c'));
  assert.deepEqual(widths(many.data)[2], ['4C 1', '4E\t4c 1']);
  assert.equal(many.faults.length, 1);
});

test('a wrong note is told with the place of its field', () => {
  const wrong = kern.replace('8dL', 'xL');
  const [fault] = read(wrong).faults;
  assert.equal(wrong.slice(fault?.start, fault?.end), 'xL');
  assert.equal(fault?.message, 'Line 5, column 2: “xL” has no duration that can be read.');
});

test('the file is the answer line by line; only a header that is missing is put before it', () => {
  assert.equal(file(kern), `${kern}\n`);
  assert.equal(file(`${kern}\n`), `${kern}\n`);
  assert.equal(file(lines.slice(1).join('\n')), `${kern}\n`);
  assert.equal(file('4C \t 4c\n\n4D\t4d'), '**kern\t**kern\n4C \t 4c\n\n4D\t4d\n');
  assert.equal(file(''), '');
});

test('ekern and bekern leave as kern', () => {
  assert.equal(file('**bekern\t**bekern\n4·C@#·L\t8·c\n*-\t*-'), '**kern\t**kern\n4C#L\t8c\n*-\t*-\n');
});

test('what a cut answer lacks at its end is told once', () => {
  const cut = [...lines.slice(0, 4), '4D\t8'].join('\n');
  assert.deepEqual(read(cut, true).faults.map(({ message }) => message), ['The answer ends before the music does.']);
  assert.equal(read(cut).faults.length, 2);
});

test('JSON tells the columns, bars, notes, records and faults', () => {
  const json = readAnswer({ ...runResult(), suffix: lines.slice(1, -1).join('\n') }, undefined, t).json();
  assert.deepEqual(json, {
    kind: 'music',
    form: 'kern',
    spines: 2,
    bars: 1,
    notes: 6,
    records: lines.slice(0, -1).map(line => line.split('\t')),
    faults: [{ message: 'The columns are not ended by “*-”.', start: 36, end: 41 }],
  });
});

test('the faults of thousands of lines are counted, not all told', () => {
  const { faults } = read(`**kern\n${'x\n'.repeat(5000)}*-`);
  assert.equal(faults.length, 21);
  assert.equal(faults.at(-1)?.message, 'More faults behind these: 4980.');
});

test('hostile answers are read to an end, without control characters', () => {
  for (
    const suffix of [
      '\t'.repeat(100_000),
      `${'*^\t'.repeat(1000)}\n`.repeat(50),
      '\u001b[2J\n\u202e4c\n',
      '**kern\n'.repeat(50_000),
      '\n'.repeat(1_000_000),
      [60, 60, 120, 240].map((count, at) => Array(count).fill(['**kern', '*^', '*^', '4c'][at]).join('\t')).join('\n'),
    ]
  ) {
    const { data, faults } = read(suffix);
    assert.doesNotMatch(data.kern, /[\u001b\u202e]/);
    assert.ok(faults.length > 0 && faults.length <= 21);
    const columns = data.staves.reduce((sum, staff) => sum + staff.columns, 0);
    assert.ok(columns <= 100);
    for (const { cells } of data.lines) {
      const filled = cells.reduce((sum, cell) => sum + cell.columns, 0);
      assert.ok(filled <= Math.max(columns, 1), `${filled} of ${columns} columns`);
    }
  }
});

test('time to tell and to read music grows with its length only', () => {
  const work = (text: string) => [asked(text), read(text)];
  assert.equal(growthFault(work, size => `**kern\t**kern\n${'4c\t8dL\n'.repeat(size)}*-\t*-`, 4000), undefined);
  assert.equal(
    growthFault(work, size => `**kern${'\t**kern'.repeat(size)}\n4c${'\t4c'.repeat(size)}`, 8000),
    undefined,
  );
});
