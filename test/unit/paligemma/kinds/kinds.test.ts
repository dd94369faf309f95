// What an answer is, and how those that are no tables are read.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kindNames, kindOf, readAnswer, type KindName } from '../../../../paligemma/src/kinds/kinds';
import { latex } from '../../../../paligemma/src/kinds/latex';
import { report } from '../../../../paligemma/src/kinds/report';
import { spotting } from '../../../../paligemma/src/kinds/spotting';
import { value } from '../../../../paligemma/src/kinds/value';
import { tasks } from '../../../../paligemma/src/tasks';
import { growthFault } from '../../../support/hostile/growth';
import { runResult } from '../../../support/results';
import { seededRandom } from '../../../support/seededRandom';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const reading = { isTruncated: false, t };
const box = (...bins: number[]) => bins.map(bin => `<loc${String(bin).padStart(4, '0')}>`).join('');
const mask = Array.from({ length: 16 }, (_, code) => `<seg${String(code).padStart(3, '0')}>`).join('');
const cat = `${box(1, 2, 30, 40)} cat`;
const kind = (prompt: string, suffix: string, model = 'm') => kindOf({ prompt, model, suffix });

describe('the kind of an answer', () => {
  test('is text or regions for every task of the model, as its example has it', () => {
    for (const { example: { prompt, suffix } } of tasks) {
      assert.ok(['text', 'boxes', 'masks'].includes(kind(prompt, suffix)), `${prompt} → ${suffix}`);
    }
    for (
      const suffix of ['a cat in a kitchen', 'Milk 2.50 Bread 3.00', 'x < 3', 'findings of a study', '', ' ', '\\o/']
    ) {
      assert.equal(kind('ocr', suffix), 'text', suffix);
    }
  });

  test('is text where digits were read or described, and not asked for', () => {
    for (const prompt of ['ocr', 'OCR', 'caption en', 'cap de', 'describe en', 'question en how many']) {
      for (const suffix of ['42', '0301234567', '+49301234567', '192.168.0.1', '12 %']) {
        assert.equal(kind(prompt, suffix), 'text', `${prompt} → ${suffix}`);
      }
    }
    assert.equal(kind('answer en how many cups are there', '3'), 'value');
  });

  test('does not follow from what a question names', () => {
    const cases = [
      ['answer en are the gloves made of latex', 'yes'],
      ['are the gloves made of latex', 'yes'],
      ['answer en is there a structure in the picture', 'no'],
      ['is there a chemical structure', 'no'],
      ['answer en which molecule is it', 'CO'],
      ['is it a molecule', 'Inn'],
      ['smiles', 'cops'],
      ['answer en what do the notes say', '4c\n4d\n4e'],
    ] as const;
    for (const [prompt, suffix] of cases) assert.equal(kind(prompt, suffix), 'text', `${prompt} → ${suffix}`);
  });

  test('follows from what the answer clearly is', () => {
    const cases: readonly (readonly [KindName, string, string])[] = [
      ['boxes', 'detect cat', cat],
      ['boxes', 'detect text', `${cat} ; ${cat}`],
      ['boxes', 'caption en', cat],
      ['masks', 'the cat on the left', box(1, 2, 3, 4) + mask],
      ['spotting', 'ocr', cat],
      ['spotting', 'Read all words', `${cat} ; ${cat}`],
      ['spotting', 'caption en', `A ${cat} ; and ${box(1, 2, 30, 50)} a dog`],
      ['table', 'anything', '<table><tr><td>a</td></tr></table>'],
      ['report', '', 'FINDINGS: The lungs are clear. IMPRESSION: Normal.'],
      ['latex', 'read in latex', 'x^2'],
      ['latex', 'read in latex', '{x}'],
      ['text', 'read in latex', 'x'],
      ['latex', 'formula', '\\frac{a}{b} = \\sqrt{c}'],
      ['value', 'What is the value of 2019?', '12.5 %'],
      ['text', 'What is the value of 2019?', 'about 12 %'],
    ];
    for (const [expected, prompt, suffix] of cases) {
      assert.equal(kind(prompt, suffix), expected, `${prompt} → ${suffix}`);
    }
    assert.equal(kind('', 'x_1', 'me/paligemma-im2latex'), 'latex');
  });

  test('is what the person says', () => {
    for (const show of kindNames) {
      assert.equal(kindOf({ prompt: 'caption en', model: 'm', suffix: 'a cat', show }), show);
      assert.equal(readAnswer(runResult(), show, t).kind, show);
    }
  });

  test('names what is missing where the person says what it is not', () => {
    const faults = kindNames.map(show => readAnswer(runResult(), show, t).faults.map(({ message }) => message).join());
    const { molecule, music, ...others } = Object.fromEntries(kindNames.map((name, index) => [name, faults[index]]));
    assert.match(String(molecule), /^“a”, character 1, is no element/);
    assert.match(String(music), /^Line 1, column 1: “a cup” has no duration/);
    assert.deepEqual(others, {
      text: '',
      boxes: 'There is no box in this answer.',
      masks: 'There is no box in this answer.',
      latex: '',
      report: 'There is no heading such as “FINDINGS:” in this answer.',
      spotting: 'There is no text with a place in this answer.',
      table: 'There is no row of a table in this answer.',
      value: 'This is not one number with at most a unit.',
    });
  });
});

describe('a value', () => {
  const read = (suffix: string) => value.read(suffix, reading).data;

  test('keeps its number and its unit', () => {
    const cases = [
      ['42', 42, ''],
      ['-3.5%', -3.5, '%'],
      ['$1,234.50', 1234.5, '$'],
      ['1,234,567', 1_234_567, ''],
      ['12 million', 12, 'million'],
      ['20 km', 20, 'km'],
    ] as const;
    for (const [suffix, number, unit] of cases) assert.deepEqual(read(suffix), { text: suffix, number, unit }, suffix);
  });

  test('has no number where it may be read in two ways', () => {
    for (const suffix of ['1,234', '1.234,5', '1.2.3']) assert.ok(!('number' in read(suffix)), suffix);
  });

  test('has no number where it is the number of a telephone or a machine', () => {
    for (const suffix of ['0301234567', '+49301234567', '012,345,678', '192.168.0.1']) {
      assert.ok(!('number' in read(suffix)), suffix);
    }
    assert.equal(read('+0.5').number, 0.5);
  });
});

describe('a report', () => {
  const suffix = 'FINDINGS: The lungs are clear.\n\nNo effusion.  IMPRESSION: No acute process.';

  test('is paragraphs under its headings', () => {
    assert.deepEqual(report.read(suffix, reading), {
      data: {
        sections: [
          { heading: 'FINDINGS', paragraphs: ['The lungs are clear.', 'No effusion.'] },
          { heading: 'IMPRESSION', paragraphs: ['No acute process.'] },
        ],
      },
      faults: [],
    });
  });

  test('is copied as text and exported as Markdown in which nothing of it means anything', () => {
    const { data } = report.read('FINDINGS: *a* <b>\nIMPRESSION: # c', reading);
    assert.equal(report.text(data, t), 'FINDINGS:\n*a* <b>\n\nIMPRESSION:\n# c');
    assert.equal(
      report.exports?.['markdown']?.write(data),
      '## FINDINGS\n\n\\*a\\* \\<b\\>\n\n## IMPRESSION\n\n\\# c\n',
    );
  });

  test('says which heading has nothing under it, unless the answer was cut off there', () => {
    const messages = (isTruncated: boolean) =>
      report.read('FINDINGS: IMPRESSION:', { isTruncated, t }).faults.map(({ message, start }) => [message, start]);
    assert.deepEqual(messages(false), [
      ['Nothing stands under “FINDINGS”.', 0],
      ['Nothing stands under “IMPRESSION”.', 10],
    ]);
    assert.deepEqual(messages(true), [['Nothing stands under “FINDINGS”.', 0]]);
  });

  test('says so at the heading that is meant, where another one has the same name', () => {
    const { faults } = report.read('FINDINGS: all fine. FINDINGS:', reading);
    assert.deepEqual(faults, [{ message: 'Nothing stands under “FINDINGS”.', start: 20, end: 29 }]);
  });
});

describe('text with places', () => {
  const lines = (suffix: string, isTruncated = false) =>
    spotting.text(spotting.read(suffix, { isTruncated, t }).data, t).split('\n');

  test('is read line by line, whatever order the model has written it in', () => {
    const words = [
      `${box(100, 500, 130, 600)} world`,
      `${box(200, 100, 230, 200)} second`,
      `${box(104, 100, 133, 300)} hello`,
    ].join(' ; ');
    assert.deepEqual(lines(words), ['hello world', 'second']);
  });

  test('is read column by column where a strip parts running text', () => {
    const line = (y: number, x: number, text: string) => `${box(y, x, y + 20, x + 350)} ${text}`;
    const words = [0, 40, 80].flatMap(y => [line(y, 0, `left line ${y}`), line(y, 500, `right line ${y}`)]).join(' ; ');
    assert.deepEqual(lines(words), [
      'left line 0',
      'left line 40',
      'left line 80',
      'right line 0',
      'right line 40',
      'right line 80',
    ]);
  });

  test('keeps the lines of a price list, whose prices stand apart', () => {
    const line = (y: number, name: string, price: string) =>
      `${box(y, 0, y + 20, 200)} ${name} ; ${box(y, 800, y + 20, 900)} ${price}`;
    assert.deepEqual(lines([line(0, 'Milk', '2.50'), line(40, 'Bread', '3.00')].join(' ; ')), [
      'Milk 2.50',
      'Bread 3.00',
    ]);
  });

  test('keeps the order of a caption whose parts have places', () => {
    const suffix = `In a kitchen ${box(1, 2, 30, 40)} a cat ; looks at ${box(5, 2, 30, 40)} a fish`;
    const { data } = spotting.read(suffix, reading);
    assert.deepEqual(data.lines, [[
      { text: 'In a kitchen' },
      { text: 'a cat', region: 0 },
      { text: 'looks at' },
      { text: 'a fish', region: 1 },
    ]]);
  });

  test('says where a place has no text, and leaves out one that was cut off', () => {
    const { data, faults } = spotting.read(`${box(1, 2, 3, 4)} ; ${cat} ; ${box(1, 2, 3, 4)} ca`, {
      isTruncated: true,
      t,
    });
    assert.deepEqual(data.lines.flat().map(({ region }) => region), [1]);
    assert.deepEqual(faults, [{ message: 'A place has no text.', start: 0, end: 37 }]);
  });
});

describe('a formula', () => {
  const read = (suffix: string, isTruncated = false) => latex.read(suffix, { isTruncated, t });

  test('is its source without the signs around it', () => {
    const cases = [['$$a$$', 'a', true], ['\\[ a \\]', 'a', true], ['$a$', 'a', false], ['\\(a\\)', 'a', false], [
      'a',
      'a',
      true,
    ]] as const;
    for (const [suffix, source, isDisplay] of cases) assert.deepEqual(read(suffix).data, { source, isDisplay });
  });

  test('keeps the signs of several formulas in one text', () => {
    for (const source of ['$$a$$ and $$b$$', '\\(a\\) and \\(b\\)', '\\[a\\] \\[b\\]', '$a$ and $b$', '$', '$$$']) {
      assert.deepEqual(read(source).data, { source, isDisplay: true });
    }
  });

  test('says which brace has no partner, and that it was cut off', () => {
    assert.deepEqual(read('\\frac{a}{b').faults, [{
      message: 'A brace is opened here and never closed.',
      start: 8,
      end: 9,
    }]);
    assert.deepEqual(read('a}').faults, [{
      message: 'A brace is closed here that was never opened.',
      start: 1,
      end: 2,
    }]);
    assert.deepEqual(read('\\{a').faults, []);
    assert.deepEqual(read('\\frac{a', true).faults.map(({ message }) => message), [
      'The answer ends before the formula does.',
    ]);
  });
});

describe('whatever the answer is', () => {
  const wild = 'a\u202e\u0000\u001b[31m\ud800\r\u2028 FINDINGS: $x$ ';

  for (const show of kindNames) {
    test(`${show}: no form of it holds what controls what shows it`, () => {
      const suffixes = [wild, `${box(1, 2, 3, 4)} ${wild}`, `<tr><td>${wild}</td></tr>`, '', '\u0000'];
      for (const suffix of suffixes) {
        const read = readAnswer(runResult({ prompt: '', suffix }), show, t);
        const written = [read.text(), read.line(), read.markdown() ?? '', ...read.forms.map(form => form.write())];
        for (const text of written) {
          assert.doesNotMatch(text, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e\u2028]|\p{Cs}/u);
        }
        assert.ok(!read.line().includes('\n'));
      }
    });

    test(`${show}: time grows with its length only`, () => {
      const pieces = [
        '{',
        '\\frac',
        'FINDINGS:',
        '<td>',
        `${cat} ; `,
        '1,',
        ' ',
        '$$',
        '<loc0001>',
        '<loc0001> ',
        'a ',
        '\n\n',
      ];
      for (const piece of pieces) {
        const work = (suffix: string) => readAnswer(runResult({ prompt: '', suffix }), show, t).text();
        assert.equal(growthFault(work, size => piece.repeat(size), 10_000), undefined, piece);
        assert.equal(growthFault(work, size => `<tr><td>${piece.repeat(size)}`, 10_000), undefined, `<td>${piece}`);
      }
    });

    test(`${show}: nothing throws, and faults lie within the answer`, () => {
      const random = seededRandom(11);
      const pieces = [
        cat,
        box(1, 2, 3, 4),
        mask,
        '<tr>',
        '<td>',
        'FINDINGS:',
        '$',
        '\\[',
        '{',
        '}',
        '12',
        '%',
        ' ; ',
        '\n',
        'a',
      ];
      for (let round = 0; round < 300; round++) {
        const suffix = Array.from({ length: random.below(12) }, () => random.pick(pieces)).join('');
        const stopReason = round % 2 === 0 ? 'eos' : 'maxNewTokens';
        const read = readAnswer(runResult({ suffix, stopReason }), show, t);
        for (const { start, end } of read.faults) assert.ok(0 <= start && start <= end && end <= suffix.length, suffix);
        assert.equal(read.json()['kind'], show);
        for (const form of read.forms) form.write();
      }
    });
  }

  test('the kind itself is found in time that grows with the length only', () => {
    for (const piece of ['<td>', '\\frac', `${cat} ; `, '1', '1.', 'a', ' ', '<loc0001>', 'FINDINGS:']) {
      const fault = growthFault(
        (suffix: string) => kind('read in latex or ocr', suffix),
        size => piece.repeat(size),
        10_000,
      );
      assert.equal(fault, undefined, piece);
    }
  });
});
