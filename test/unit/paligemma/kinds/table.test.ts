// Tables as models write them, and as nobody should.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readAnswer } from '../../../../paligemma/src/kinds/kinds';
import { isTableMarkup, readTable, type TableElement } from '../../../../paligemma/src/kinds/tableTokens';
import { table, type TableAnswer } from '../../../../paligemma/src/kinds/table';
import { growthFault } from '../../../support/hostile/growth';
import { runResult } from '../../../support/results';
import { seededRandom } from '../../../support/seededRandom';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const read = (suffix: string, isTruncated = false) => table.read(suffix, { isTruncated, t });
const sentences = (suffix: string, isTruncated = false) =>
  read(suffix, isTruncated).faults.map(({ message }) => message);
const rowsOf = ({ cells }: TableAnswer) => cells.map(({ row, column, text }) => `${row},${column} ${text}`);
const form = (name: string, suffix: string) => table.exports?.[name]?.write(read(suffix).data);
const loc = (...bins: number[]) => bins.map(bin => `<loc${String(bin).padStart(4, '0')}>`).join('');

/** As PubTabNet has it, and as the paper prints it: x before y. */
const paper = '<table><thead><tr>'
  + `<td coords="${loc(100, 50, 300, 80)}">Gene</td><td coords="${loc(400, 50, 600, 80)}">p</td></tr></thead>`
  + `<tbody><tr><td coords="${loc(100, 100, 300, 130)}"><i>BRCA1</i></td>`
  + `<td coords="${loc(400, 100, 600, 130)}">p &lt; 0.05</td></tr></tbody></table>`;

describe('a table', () => {
  test('is known by its first tag, wherever in the table the answer begins', () => {
    for (
      const start of ['<table>', ' <html><body><table>', '<thead><tr>', '<tr><td>', '<td>a', `${loc(1, 2, 3, 4)}<td>`]
    ) {
      assert.ok(isTableMarkup(start), start);
    }
    for (const start of ['a <table>', '<b>bold</b>', '<tablet>', 'table', '<loc0001> cat']) {
      assert.ok(!isTableMarkup(start), start);
    }
  });

  test('is read with its header, its marks and its entities', () => {
    const { data, faults } = read(paper);
    assert.deepEqual(faults, []);
    assert.deepEqual([data.rows, data.columns, data.headerRows], [2, 2, 1]);
    assert.deepEqual(rowsOf(data), ['0,0 Gene', '0,1 p', '1,0 BRCA1', '1,1 p < 0.05']);
    assert.deepEqual(data.cells[2]?.runs, [{ text: 'BRCA1', marks: ['i'] }]);
    assert.deepEqual(data.cells.map(({ isHeader }) => isHeader), [true, true, false, false]);
  });

  test('is the same from the middle of a table as from its beginning', () => {
    const whole = read(paper).data;
    for (const start of ['<html><body><table>', '']) {
      assert.deepEqual(read(start + paper.slice('<table>'.length)).data, whole);
    }
  });

  test('has the places of its cells whichever of x and y stands first', () => {
    const places = (suffix: string) => read(suffix).data.regions.map(({ bins }) => bins);
    const expected = [[50, 100, 80, 300], [50, 400, 80, 600], [100, 100, 130, 300], [100, 400, 130, 600]];
    assert.deepEqual(places(paper), expected);
    const yFirst = paper.replace(/(<loc\d{4}>)(<loc\d{4}>)/g, '$2$1');
    assert.deepEqual(places(yFirst), expected);
  });

  test('takes places that stand before a cell or at its beginning, y first as everywhere', () => {
    const before = `<tr>${loc(1, 2, 3, 4)}<td>a</td><td>${loc(5, 6, 7, 8)}b</td></tr>`;
    assert.deepEqual(read(before).data.regions, [{ label: 'a', bins: [1, 2, 3, 4] }, {
      label: 'b',
      bins: [5, 6, 7, 8],
    }]);
  });

  test('says which coordinates are no boxes, and shows the cells all the same', () => {
    // As printed in the paper: the second value is that of the bottom.
    const misprint = `<tr><td coords="${loc(1, 9, 5, 9)}">a</td><td coords="<loc9999>">b</td></tr>`;
    assert.deepEqual(rowsOf(read(misprint).data), ['0,0 a', '0,1 b']);
    assert.deepEqual(read(misprint).data.regions, []);
    assert.deepEqual(sentences(misprint), ['The coordinates of 2 cells are no boxes in the picture.']);
  });

  test('places cells beside and below those that span, as browsers do', () => {
    const { data } = read('<tr><td rowspan="2">a</td><td colspan="2">b</td></tr><tr><td>c</td><td>d</td></tr>');
    assert.deepEqual(rowsOf(data), ['0,0 a', '0,1 b', '1,1 c', '1,2 d']);
    assert.deepEqual(data.cells.map(({ rowSpan, columnSpan }) => [rowSpan, columnSpan]), [[2, 1], [1, 2], [1, 1], [
      1,
      1,
    ]]);
  });

  test('ends a span at the end of the table and of its section', () => {
    const { data } = read(
      '<thead><tr><td rowspan="9">a</td></tr></thead><tbody><tr><td rowspan="3">b</td></tr></tbody>',
    );
    assert.deepEqual(data.cells.map(({ rowSpan }) => rowSpan), [1, 1]);
  });

  test('has a header only where no cell of it reaches below it', () => {
    assert.equal(read('<tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr>').data.headerRows, 1);
    assert.equal(read('<tr><th rowspan="2">a</th><th>b</th></tr><tr><td>d</td></tr>').data.headerRows, 0);
  });

  test('is shown as far as it goes where it was cut off, and says so once', () => {
    for (let length = 7; length < paper.length; length++) {
      const { data, faults } = read(paper.slice(0, length), true);
      assert.ok(data.cells.length <= 4);
      assert.equal(faults.filter(({ message }) => message === 'The answer ends before the table does.').length, 1);
    }
    assert.deepEqual(rowsOf(read(paper.slice(0, paper.indexOf('CA1')), true).data).at(-1), '1,0 BR');
  });

  test('says what is wrong with it, and where', () => {
    assert.deepEqual(sentences(''), ['There is no row of a table in this answer.']);
    assert.deepEqual(sentences('<tr><td>a<script>alert(1)</script></td></tr>'), [
      '“script” is no part of a table; only its text was taken.',
      '“script” is no part of a table; only its text was taken.',
    ]);
    assert.deepEqual(sentences('<tr><td>a</td>loose</tr>'), ['“loose” stands outside of any cell and is not shown.']);
    assert.deepEqual(sentences('<tr><td>a</td></tr></tbody>'), ['“tbody” ends here and was never begun.']);
    assert.deepEqual(sentences('<table><tr><td>a<table><tr><td>b</table>'), [
      'A second table begins here; its rows were added to the first.',
    ]);
    assert.deepEqual(sentences('<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>'), ['Row 2 has 1 of 2 columns.']);
    const [fault] = read('<tr><td>a</td></tr></tbody>').faults;
    assert.deepEqual([fault?.start, fault?.end], [19, 27]);
  });

  test('keeps a sign that begins no tag as text', () => {
    assert.deepEqual(rowsOf(read('<tr><td>a < b && c <3 d</td></tr>').data), ['0,0 a < b && c <3 d']);
  });

  test('is a tree that has every element, with sections only where they were written', () => {
    const { root } = readTable('<tr><td>a<b>b</b></td></tr>');
    const [row] = root.children as TableElement[];
    assert.equal(row?.tag, 'tr');
    const [cell] = row?.children as TableElement[];
    assert.deepEqual(cell?.children.map(child => 'tag' in child ? child.tag : child.text), ['a', 'b']);
  });
});

describe('a table that nobody should have written', () => {
  test('of a million cells is read up to a bound, and says so', () => {
    const row = `<tr>${'<td>1</td>'.repeat(1000)}</tr>`;
    const { data, faults } = read(row.repeat(1000));
    assert.ok(data.cells.length <= 10_000 && data.rows * data.columns <= 100_000);
    assert.match(faults.at(-1)?.message ?? '', /^The table is too large: its first 10 rows and 1000 columns are shown/);
  });

  test('of empty rows with a wide one below them stays small', () => {
    const { data } = read('<tr>'.repeat(40_000) + '<td colspan="1000">a'.repeat(3));
    assert.ok(data.rows * data.columns <= 100_000, `${data.rows} × ${data.columns}`);
    assert.ok(table.text(data, t).length < 5_000_000);
  });

  test('whose spans are huge, none or no numbers stays small', () => {
    const cells = ['99999999', '0', '-1', 'x', '1000'].map(span => `<td colspan="${span}" rowspan="${span}">a</td>`);
    const { data } = read(`<tr>${cells.join('')}</tr>`.repeat(2000));
    assert.ok(data.columns <= 1000 && data.rows * data.columns <= 100_000);
    for (const { rowSpan, columnSpan, row, column } of data.cells) {
      assert.ok(rowSpan >= 1 && row + rowSpan <= data.rows && columnSpan >= 1 && column + columnSpan <= data.columns);
    }
    assert.ok(
      sentences('<td colspan="0">a').includes(
        'A cell spans rows or columns that cannot be: from 1 to 1000, and none over another cell.',
      ),
    );
  });

  test('of a hundred thousand nested tags has no deeper tree than a table needs', () => {
    for (const tag of ['b', 'table', 'td', 'tr', 'tbody']) {
      const { data } = read(`<tr><td>${`<${tag}>`.repeat(100_000)}x`);
      assert.ok(JSON.stringify(data).includes('x'), tag);
    }
  });

  test('holds nothing that controls what shows it, in no form', () => {
    const wild = '\u202e\u0000\u001b[31m\ud800\u2028=1';
    const suffix = `<tr><td coords="${loc(1, 2, 3, 4)}">a${wild}|b\tc"d"&#8238;&#0;</td></tr>`;
    for (const name of Object.keys(table.exports ?? {})) {
      assert.doesNotMatch(
        form(name, suffix) ?? '',
        /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u2028]|\p{Cs}/u,
        name,
      );
    }
    assert.doesNotMatch(read(suffix).data.regions[0]?.label ?? '', /[\u0000-\u001f\u202e]/);
  });

  test('takes time that grows with its length only', () => {
    const pieces = [
      '<td>',
      '<td coords="',
      '<loc0001>',
      '<',
      '&#',
      '&lt',
      '<td a=',
      '"',
      '<b>',
      '<tr>',
      ' ',
      '<td a a a',
      '</',
      '<td colspan=1000 rowspan=1000>',
    ];
    for (const piece of pieces) {
      const work = (size: number) => read(piece.repeat(size));
      assert.equal(growthFault(work, size => size, 40_000), undefined, piece);
    }
  });

  test('never throws, and never has a cell outside of itself', () => {
    const random = seededRandom(7);
    const pieces = [
      '<table>',
      '</table>',
      '<tr>',
      '</tr>',
      '<td rowspan="3">',
      '<td colspan=2>',
      '</td>',
      '<th>',
      'a',
      '<b>',
      '</b>',
      '<br>',
      '<thead>',
      '</thead>',
      loc(1, 2, 3, 4),
      '<loc',
      '"',
      '>',
      '<x y="',
    ];
    for (let round = 0; round < 500; round++) {
      const suffix = Array.from({ length: random.below(40) }, () => random.pick(pieces)).join('');
      const { data, faults } = read(suffix, round % 2 === 0);
      const taken = new Set<string>();
      for (const { row, column, rowSpan, columnSpan } of data.cells) {
        assert.ok(row + rowSpan <= data.rows && column + columnSpan <= data.columns, suffix);
        for (let y = row; y < row + rowSpan; y++) {
          for (let x = column; x < column + columnSpan; x++) {
            assert.ok(!taken.has(`${y},${x}`), suffix);
            taken.add(`${y},${x}`);
          }
        }
      }
      for (const { start, end } of faults) assert.ok(start >= 0 && start <= end && end <= suffix.length, suffix);
    }
  });
});

describe('a table for other programs', () => {
  const small = '<thead><tr><td>Name</td><td>a|b</td></tr></thead><tr><td>x<br>y, "z"</td><td>=1+1</td></tr>';

  test('is CSV after RFC 4180, in which nothing is a formula and numbers stay numbers', () => {
    assert.equal(form('csv', small), 'Name,a|b\r\n"x\ny, ""z""",\'=1+1\r\n');
    const numbers = '<tr><td>-5.2</td><td>+3 %</td><td>@a</td><td>-a</td><td>＝1</td></tr>';
    assert.equal(form('csv', numbers), "-5.2,+3 %,'@a,'-a,'＝1\r\n");
  });

  test('is TSV with a line for each row', () => assert.equal(form('tsv', small), 'Name\ta|b\nx y, "z"\t\'=1+1\n'));

  test('is Markdown in which nothing of the answer means anything', () => {
    assert.equal(
      form('markdown', '<tr><td>a|b</td><td>*x*</td></tr><tr><td><b>1</b></td><td>&lt;img&gt;</td></tr>'),
      '| a\\|b | \\*x\\*   |\n| ---- | ------- |\n| 1    | \\<img\\> |\n',
    );
  });

  test('is HTML with its spans and marks, and with nothing else of what was written', () => {
    const written = '<tr><td colspan="2" onclick="x()" coords="a"><b>1 &lt; 2</b><br>&amp;</td></tr>';
    assert.equal(
      form('html', written),
      '<table>\n<tbody>\n<tr><td colspan="2"><b>1 &lt; 2</b><br>&amp;</td></tr>\n</tbody>\n</table>\n',
    );
  });

  test('is JSON, row by row', () =>
    assert.deepEqual(JSON.parse(form('json', small) ?? ''), [['Name', 'a|b'], ['x\ny, "z"', '=1+1']]));

  test('says in a result’s JSON what its cells are and where they lie, in pixels', () => {
    const result = runResult({ suffix: paper, image: { path: 'a', widthPx: 1024, heightPx: 2048, sha256: 'a' } });
    const { kind, rows, headerRows, cells } = readAnswer(result, undefined, t).json() as {
      kind: string;
      rows: string[][];
      headerRows: number;
      cells: Readonly<Record<string, unknown>>[];
    };
    assert.deepEqual([kind, headerRows, rows], ['table', 1, [['Gene', 'p'], ['BRCA1', 'p < 0.05']]]);
    assert.deepEqual(cells[0], {
      row: 0,
      column: 0,
      isHeader: true,
      text: 'Gene',
      box: { x1: 100, y1: 100, x2: 300, y2: 160 },
    });
  });
});
