import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  changeDocument,
  createDocument,
  documentText,
  offsetOf,
  positionOf,
  promptAt,
  promptsBetween,
  shapeOf,
  stateAt,
  withEdits,
} from '../../../server/src/language/syntax/document';
import type { PromptDocument } from '../../../server/src/language/syntax/document';
import { encodePositions, fromUtf16, toUtf16 } from '../../../server/src/language/text/encoding';
import { slotAt } from '../../../server/src/language/syntax/slots';
import { seededRandom } from '../../support/seededRandom';
import { documentUri, parse, parseWithCursor, textIn } from './promptSupport';

test('edits in order give the document of the edited text', () => {
  const random = seededRandom(3);
  const words = ['caption en', '\n', '@image a.png', '\\', '  => x', '"', '# c', '\r\n', 'detect a ; b', '\r'];
  for (let round = 0; round < 300; round++) {
    let document = parse(Array.from({ length: random.below(12) }, () => random.pick(words)).join(''));
    for (let step = 0; step < 5; step++) {
      const line = random.below(document.lines.length);
      const character = random.below((document.lines[line]?.text.length ?? 0) + 1);
      const last = random.below(document.lines.length);
      const start = { line: Math.min(line, last), character: line <= last ? character : 0 };
      const end = line === last ? { line, character } : { line: Math.max(line, last), character: 0 };
      document = changeDocument(document, [{ range: { start, end }, text: random.pick(words) }], step);
      assert.deepEqual(plain(document), plain(createDocument(documentUri, step, documentText(document))));
    }
  }
});

test('edits within lines give the document of the edited text too, and keep the prompts around them', () => {
  const random = seededRandom(31);
  const lines = [
    'caption en',
    'detect a ; b',
    '',
    '# c',
    '  => x',
    '  => y\\',
    'a\\',
    '@set device cpu',
    '@image a.png',
    '\\lit',
    '""',
  ];
  const letters = ['x', ' ', '#', '@', '\\', '=>', '  => '];
  let kept = 0;
  for (let round = 0; round < 200; round++) {
    let document = parse(Array.from({ length: 20 }, () => random.pick(lines)).join('\n'));
    for (let step = 0; step < 10; step++) {
      const line = random.below(document.lines.length);
      const length = document.lines[line]!.text.length;
      const start = { line, character: random.pick([0, length, random.below(length + 1)]) };
      const end = { line, character: Math.min(length, start.character + random.below(3)) };
      const before = document;
      document = changeDocument(document, [{ range: { start, end }, text: random.pick(letters) }], step);
      assert.deepEqual(plain(document), plain(createDocument(documentUri, step, documentText(document))));
      kept += document.prompts.filter(prompt => before.prompts.includes(prompt)).length;
    }
  }
  assert.ok(kept > 200 * 10, 'prompts are parsed anew that did not change');
});

test('a letter typed into one of thousands of prompts parses that one alone', () => {
  const before = parse('caption en\n'.repeat(3000));
  const at = { line: 1500, character: 3 };
  const after = changeDocument(before, [{ range: { start: at, end: at }, text: 'x' }], 2);
  assert.equal(after.prompts.filter((prompt, index) => prompt !== before.prompts[index]).length, 1);
});

function plain(document: PromptDocument): unknown {
  const { lines, prompts, directives, states, strayExpectations } = document;
  return { lines, prompts, directives, states, strayExpectations };
}

test('a change without a range replaces the text', () => {
  assert.equal(documentText(changeDocument(parse('a'), [{ text: 'b\nc' }], 2)), 'b\nc');
});

test('several edits of one document are applied at once', () => {
  const document = parse('ab\ncd\r\nef');
  const at = (line: number, from: number, to: number, toLine = line) => ({
    start: { line, character: from },
    end: { line: toLine, character: to },
  });
  assert.equal(
    documentText(
      withEdits(document, [{ range: at(2, 2, 2), newText: '!' }, { range: at(0, 1, 1, 1), newText: '-' }, {
        range: at(0, 0, 0),
        newText: '>',
      }]),
    ),
    '>a-d\r\nef!',
  );
  assert.equal(documentText(withEdits(document, [])), 'ab\ncd\r\nef');
});

test('what was read of a prompt is kept while its text stays', () => {
  const before = parse('caption en\ndetect cup');
  const shape = shapeOf(before, before.prompts[1]!);
  const at = { line: 0, character: 10 };
  const after = changeDocument(before, [{ range: { start: at, end: at }, text: '\n# new' }], 2);
  assert.equal(shapeOf(after, after.prompts[1]!), shape);
  assert.equal(after.shapes.size, 1, 'texts that are gone are dropped');
});

test('offsets of a prompt over several lines become positions and back', () => {
  const document = parse('\\lit\nab\\\n cd\\\ne');
  const prompt = document.prompts[1]!;
  assert.equal(prompt.text, 'ab\n cd\ne');
  for (let offset = 0; offset <= prompt.text.length; offset++) {
    assert.equal(offsetOf(prompt.parts, positionOf(prompt.parts, offset)), offset);
  }
  assert.deepEqual(positionOf(prompt.parts, 4), { line: 2, character: 1 });
});

test('prompts by line, expectations included', () => {
  const document = parse('# c\na\n  => x\n\nb\\\nc\nd');
  assert.equal(promptAt(document, 0), undefined);
  assert.equal(promptAt(document, 2)?.text, 'a');
  assert.equal(promptAt(document, 3), undefined);
  assert.equal(promptAt(document, 5)?.text, 'b\nc');
  assert.deepEqual(promptsBetween(document, 2, 4).map(prompt => prompt.text), ['a', 'b\nc']);
  assert.deepEqual(promptsBetween(document, 3, 3), []);
  assert.deepEqual(promptsBetween(document, 0, 99).length, 3);
});

test('the state of a line is that of the directives above it', () => {
  const document = parse('x\n@set device cpu\n\n@set device auto\n');
  assert.deepEqual([0, 1, 2, 4].map(line => stateAt(document, line).settings.device), [
    undefined,
    undefined,
    'cpu',
    'auto',
  ]);
});

const mixed = [{ text: 'aé中😀\ud83dz' }];

test('positions are converted to UTF-8 and UTF-32 and back', () => {
  const utf16 = [0, 1, 2, 3, 5, 6, 7];
  const utf8 = [0, 1, 3, 6, 10, 13, 14];
  const utf32 = [0, 1, 2, 3, 4, 5, 6];
  utf16.forEach((character, index) => {
    assert.equal(fromUtf16(mixed, { line: 0, character }, 'utf-8').character, utf8[index]);
    assert.equal(fromUtf16(mixed, { line: 0, character }, 'utf-32').character, utf32[index]);
    assert.equal(toUtf16(mixed, { line: 0, character: utf8[index]! }, 'utf-8').character, character);
    assert.equal(toUtf16(mixed, { line: 0, character: utf32[index]! }, 'utf-32').character, character);
  });
  assert.equal(toUtf16(mixed, { line: 0, character: 8 }, 'utf-8').character, 3, 'inside of a character: its start');
  assert.equal(toUtf16(mixed, { line: 0, character: 99 }, 'utf-8').character, 7);
});

test("a whole answer is converted, the server's own data is not", () => {
  const value = {
    range: { start: { line: 0, character: 5 }, end: { line: 0, character: 6 } },
    data: { line: 0, character: 5 },
    label: 'x',
  };
  assert.deepEqual(encodePositions(value, mixed, 'utf-8'), {
    range: { start: { line: 0, character: 10 }, end: { line: 0, character: 13 } },
    data: { line: 0, character: 5 },
    label: 'x',
  });
});

test('edits in UTF-8 positions land where they are meant', () => {
  const document = changeDocument(
    parse('aé😀b'),
    [{ range: { start: { line: 0, character: 7 }, end: { line: 0, character: 8 } }, text: 'X' }],
    2,
    'utf-8',
  );
  assert.equal(documentText(document), 'aé😀X');
});

test('each place in a prompt belongs to its slot', () => {
  const cases: readonly [string, string, string?][] = [
    ['|', 'task'],
    ['cap|tion en', 'task', 'caption'],
    ['caption |', 'language', ''],
    ['caption e|n', 'language', 'en'],
    ['caption en|', 'language', 'en'],
    ['answer en |', 'freeText'],
    ['answer en wh|at', 'freeText'],
    ['question de|', 'language', 'de'],
    ['detect |', 'object', ''],
    ['detect cup ; pl|ate', 'object', 'plate'],
    ['detect cup ;|', 'object', ''],
    ['detect red c|up ; x', 'object', 'red cup'],
    ['caption <lo|', 'box'],
    ['what is |this', 'freeText'],
    ['@|', 'directive', '@'],
    ['@im|age a', 'directive', '@image'],
    ['@image |', 'image', ''],
    ['@image a.png, b|.png', 'image', 'b.png'],
    ['@image "a, |b"', 'image', '"a, b"'],
    ['@image a.png, |', 'image', ''],
    ['@model goo|gle', 'model', 'google'],
    ['@set |', 'settingKey', ''],
    ['@set dev|', 'settingKey', 'dev'],
    ['@set device |', 'settingValue', ''],
    ['@set device=c|pu', 'settingValue', 'cpu'],
    ['# |x', 'comment'],
    ['a\n  => |x', 'expected'],
    ['a\\\nb|', 'freeText'],
    ['Caption: a\\\ndetect |', 'freeText'],
  ];
  for (const [text, kind, covered] of cases) {
    const { document, position } = parseWithCursor(text);
    const slot = slotAt(document, position);
    assert.equal(slot?.kind, kind, text);
    if (covered !== undefined) {
      assert.equal(slot !== undefined && 'range' in slot ? textIn(document, slot.range) : undefined, covered, text);
    }
  }
  for (const text of ['\\caption |', '"|"']) assert.equal(slotAt(...args(text)), undefined, text);
});

function args(text: string): [PromptDocument, { line: number; character: number }] {
  const { document, position } = parseWithCursor(text);
  return [document, position];
}

test('an indented line below a prompt takes an arrow', () => {
  for (
    const [text, isArrow] of [['a\n  |', true], ['a\n\n  |', true], ['  |', false], ['a\n|', false], [
      'a\n@set device cpu\n  |',
      false,
    ], ['a\n  =|', true]] as const
  ) {
    const slot = slotAt(...args(text));
    assert.equal(slot?.kind === 'task' && slot.isIndentedBelow, isArrow, text);
  }
});
