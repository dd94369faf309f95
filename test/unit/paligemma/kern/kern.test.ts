import assert from 'node:assert/strict';
import test from 'node:test';
import { kernForm, MOST_FAULTS, MOST_LINES, readKern } from '../../../../paligemma/src/kern/kern';
import { growthFault } from '../../../support/hostile/growth';

/** Two bars for piano in the form of GrandStaff: chords, a split of the upper staff, ties, beams, rests. */
const piano = [
  '**kern\t**kern',
  '*clefF4\t*clefG2',
  '*k[b-]\t*k[b-]',
  '*M3/4\t*M3/4',
  '=-\t=-',
  '4FF 4F\t8aL',
  '.\t8b-J',
  '4r\t4cc 4ee-',
  '*\t*^',
  '2GG\t[2dd\t8.g#L',
  '.\t.\t16a##Jk',
  '*\t*v\t*v',
  '=1\t=1',
  '2.C;\t2.dd]',
  '==\t==',
  '*-\t*-',
];
const reasons = (lines: readonly string[]) =>
  readKern(lines.join('\n')).faults.map((
    { reason, line, column },
  ) => [reason, line, ...(column === undefined ? [] : [column])]);
const changed = (line: number, text: string) => piano.map((each, index) => (index + 1 === line ? text : each));

test('a page of piano music is read without a fault, with its staves, bars and notes', () => {
  const { faults, staves, bars, notes, form, hasHeader } = readKern(piano.join('\n'));
  assert.deepEqual(faults, []);
  assert.deepEqual({ staves, bars, notes, form, hasHeader }, {
    staves: 2,
    bars: 3,
    notes: 12,
    form: 'kern',
    hasHeader: true,
  });
});

test('each field belongs to the staff of its column, also where a staff is split', () => {
  const { lines } = readKern(piano.join('\n'));
  assert.deepEqual(lines[9]?.staves, [0, 1, 1]);
  assert.deepEqual(lines[12]?.staves, [0, 1]);
});

test('no line is trimmed, joined or left out', () => {
  const { lines } = readKern(`${changed(6, '4F \t 8aL').join('\r\n')}\r\n`);
  assert.equal(lines.length, piano.length);
  assert.deepEqual(lines[5]?.fields, ['4F ', ' 8aL']);
});

for (
  const [what, lines, expected] of [
    ['a missing TAB', changed(6, '4FF 4F 8aL'), [['fields', 6]]],
    ['a TAB too many', changed(6, '4FF\t\t8aL'), [['fields', 6]]],
    ['an empty field', changed(6, '4FF\t'), [['emptyField', 6, 2]]],
    ['an empty line', changed(7, ''), [['emptyLine', 7]]],
    ['a note without a duration', changed(6, 'FF\t8aL'), [['duration', 6, 1]]],
    ['a note with two durations', changed(6, '4FF8\t8aL'), [['duration', 6, 1]]],
    ['a duration that nobody plays', changed(6, '99999FF\t8aL'), [['duration', 6, 1]]],
    ['a chord with a note of two pitches', changed(6, '4FF 4FG\t8aL'), [['pitch', 6, 1]]],
    ['a note that is none', changed(6, '4h\t8aL'), [['pitch', 6, 1]]],
    ['a sharp and a flat at once', changed(6, '4F#-\t8aL'), [['pitch', 6, 1]]],
    ['a note of eight letters', changed(6, '4FFFFFFFF\t8aL'), [['pitch', 6, 1]]],
    ['a bar in one staff', changed(13, '=1\t4c'), [['mixed', 13, 2]]],
    ['a clef among notes', changed(6, '4F\t*clefF4'), [['mixed', 6, 2]]],
    ['one column joined alone', changed(12, '*\t*\t*v'), [
      ['manipulation', 12],
      ['fields', 13],
      ['fields', 14],
      ['fields', 15],
      ['fields', 16],
      ['noEnd', 16],
    ]],
    ['no end', piano.slice(0, -1), [['noEnd', 15]]],
    ['notes behind the end', [...piano, '4c\t4c'], [['afterEnd', 17]]],
    ['nothing where only the header is missing', piano.slice(1), []],
    ['no line', [], [['empty', 1]]],
  ] as const
) {
  test(`${what} is told with its line`, () => assert.deepEqual(reasons(lines), expected));
}

test('an answer that was cut in the middle of a line says so of this line', () => {
  assert.deepEqual(reasons([...piano.slice(0, 9), '2GG\t[2dd']), [['fields', 10], ['noEnd', 10]]);
});

test('durations are whole, dotted, fractions, or those of grace notes; stems, ties and ornaments go with any note', () => {
  for (
    const token of [
      '4c',
      '4..c',
      '0c',
      '00c',
      '3%2c',
      '8qqcc',
      'qg#',
      '[4e-/',
      '4e_\\',
      '(8ggL',
      '2.dd-T;)',
      '4r',
      '4ggr',
      '16%3AAn',
      '4c 4e- 4g',
      '.',
      '12f#L',
      '{8aaJJ}',
    ]
  ) assert.deepEqual(readKern(`**kern\n${token}\n*-`).faults, [], token);
});

test('what stands in columns that are no music is not judged', () => {
  assert.deepEqual(readKern('**kern\t**dynam\n4c\tp <\n*-\t*-').faults, []);
  assert.deepEqual(readKern('**kern\n*+\n**kern\t**text\n4c\tAve\n*-\t*-').faults, []);
});

test('columns that exchange their places take their staves with them', () => {
  const { lines, faults } = readKern('**kern\t**kern\n*x\t*x\n4c\t4d\n*-\t*-');
  assert.deepEqual(faults, []);
  assert.deepEqual(lines[2]?.staves, [1, 0]);
});

test('neighbouring columns of two staves are joined staff by staff', () => {
  const { faults } = readKern('**kern\t**kern\n*^\t*^\n4c\t4d\t4e\t4f\n*v\t*v\t*v\t*v\n4c\t4d\n*-\t*-');
  assert.deepEqual(faults, []);
});

test('comments and references are kept and judged by nobody', () => {
  const { lines, faults } = readKern(
    '!!!COM: Bach, J. S.\n**kern\t**kern\n!! a remark\twith a tab\n!left\t!right\n4c\t4d\n*-\t*-',
  );
  assert.deepEqual(faults, []);
  assert.deepEqual(lines[2]?.fields, ['!! a remark\twith a tab']);
  assert.deepEqual(lines[3]?.staves, [0, 1]);
});

test('ekern and bekern are read as kern: the header renamed, the separators taken out', () => {
  const bekern = '**bekern\t**bekern\n*clefF4\t*clefG2\n4·FF@#\t8·aa·L\n=\t=\n*-\t*-';
  const { form, faults, lines } = readKern(bekern);
  assert.equal(form, 'bekern');
  assert.deepEqual(faults, []);
  assert.deepEqual(lines[0]?.fields, ['**kern', '**kern']);
  assert.deepEqual(lines[2]?.fields, ['4FF#', '8aaL']);
  assert.equal(kernForm('**ekern_1.0\t**ekern_1.0\n4·c\t.'), 'ekern');
  assert.deepEqual(readKern('**ekern_1.0\n4·c·#\n*-').lines[0]?.fields, ['**kern']);
  assert.equal(kernForm('4·c\t4@d'), 'bekern');
  assert.equal(kernForm('4·c\t4d'), 'ekern');
});

test('in plain kern an @ is a tremolo and stays', () => {
  assert.deepEqual(readKern('**kern\n4c@16@\n*-').lines[1]?.fields, ['4c@16@']);
});

test('hostile answers are read to an end, with few faults and few lines', () => {
  const many = 1_000_000;
  for (
    const text of [
      '\n'.repeat(many),
      '\t'.repeat(many),
      '4c\n'.repeat(many),
      '*^\n'.repeat(many),
      '**kern\n*^\n',
      '*v'.repeat(many),
      '*\t'.repeat(many),
      `4${'c'.repeat(many)}`,
      '4'.repeat(many),
      ' '.repeat(many),
      '\u0000\ud800\t<b>',
      '*x\t*x\t*x',
    ]
  ) {
    const { faults, lines } = readKern(text);
    assert.ok(faults.length > 0 && faults.length <= MOST_FAULTS, text.slice(0, 20));
    assert.ok(lines.length <= MOST_LINES);
  }
});

test('what comes behind the last line that is read is told', () => {
  assert.ok(readKern(`**kern\n${'4c\n'.repeat(MOST_LINES)}*-`).faults.some(({ reason }) => reason === 'tooLong'));
});

for (
  const [what, make] of [
    ['lines', (size: number) => `**kern\t**kern\n${'4c 4e\t8dL\n'.repeat(size / 4)}*-\t*-`],
    ['columns', (size: number) => `**kern${'\t**kern'.repeat(size)}\n4c${'\t4c'.repeat(size)}`],
    ['joins', (size: number) => `**kern\n*^\n${'*^\t*\n*v\t*v\t*\n'.repeat(size / 4)}`],
    ['letters', (size: number) => `**kern\n${'4c'.repeat(size)}`],
    ['blanks', (size: number) => `**kern\n4c${' '.repeat(size)}`],
    ['bar lines', (size: number) => '='.repeat(size)],
  ] as const
) {
  test(`time for ${what} grows with their number only`, () => {
    assert.equal(growthFault(readKern, make, 60_000), undefined);
  });
}
