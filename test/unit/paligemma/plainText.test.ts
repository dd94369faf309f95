import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdownReport } from '../../../client/src/runs/report';
import { tooltipOf } from '../../../client/src/altText/tooltipText';
import { altText } from '../../../paligemma/src/answers/altText';
import { cocoJson } from '../../../paligemma/src/answers/coco';
import { jsonText, resultJson } from '../../../paligemma/src/answers/json';
import { jsonlLine } from '../../../paligemma/src/answers/jsonl';
import { imageLink, markdownLine } from '../../../paligemma/src/answers/markdown';
import { readText } from '../../../paligemma/src/answers/readText';
import { pascalVocXml } from '../../../paligemma/src/answers/pascalVoc';
import { classesText, extendedClasses } from '../../../paligemma/src/answers/yolo';
import { Failure } from '../../../paligemma/src/failures';
import { plainLine, plainText, tameRecord, tameText } from '../../../paligemma/src/plainText';
import { escapeLine, jsonLine, textLine } from '../../../server/src/cli/terminal/output';
import { altEdit } from '../../../server/src/imageLinks/altEdit';
import { imageLinks } from '../../../server/src/imageLinks/imageLinks';
import { clip, codeBlock, inlineCode } from '../../../server/src/language/text/markdown';
import { runResult } from '../../support/results';

/** What a model may have been made to write: overrides, isolates, C0, C1, line ends of every kind, half a character. */
const hostile = 'a\u202eb\u2066c\u2069\u0000d\u001b[31me\u009bf\u007fg\r\nh\u0085i\u2028j\u000bk\ufeffl\ud800m';
const box = { x1: 0, y1: 0, x2: 9, y2: 9 };
const result = runResult({ suffix: hostile, text: hostile, regions: [{ label: hostile, box }] });
const caption = runResult({ suffix: hostile, text: hostile });
const source = {
  fileName: 'a.png',
  widthPx: 40,
  heightPx: 30,
  prompt: 'detect',
  suffix: hostile,
  regions: result.regions,
};
const harm = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u;
const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const [link] = imageLinks('![](a.png)', 'markdown');

const lines: Readonly<Record<string, string>> = {
  'a Markdown list': markdownLine({ ...caption, image: 'a.png' }).trimEnd(),
  'a pasted image link': imageLink({ ...caption, image: 'a.png' }),
  'alt text': altText(caption),
  'alt text of names': altText({ ...result, text: '' }),
  'an edit of alt text': link === undefined ? '' : altEdit(link, hostile)?.newText ?? '',
  'a YOLO class': classesText(extendedClasses([], source)).trimEnd(),
  'a line of a hover': clip(hostile, 200),
  'code in a hover': inlineCode(hostile),
  'a tooltip': tooltipOf(hostile),
  'a line of the terminal': textLine('a.png', caption, true),
  'a name in the terminal': escapeLine(hostile),
  'JSON of the terminal': jsonLine('a.png', result),
  'a JSONL line': jsonlLine({ image: 'a.png', prompt: hostile, suffix: hostile }).trimEnd(),
};
for (const [what, written] of Object.entries(lines)) {
  test(`${what} is one line that neither turns the text around it nor controls what shows it`, () => {
    assert.ok(written.includes('a') && written.includes('m'), written);
    assert.doesNotMatch(written, harm);
    assert.doesNotMatch(written, /\n/);
  });
}

const texts: Readonly<Record<string, string>> = {
  'COCO': cocoJson(source),
  'Pascal VOC': pascalVocXml(source, 'folder'),
  'a list of answers': markdownReport(
    'ocr',
    [{ path: 'a.png', outcome: { imageUri: 'file:///a.png', result } }],
    undefined,
    t,
  ),
  'a block in a hover': codeBlock(hostile),
  'text read into a document': readText(caption),
};
for (const [what, written] of Object.entries(texts)) {
  test(`${what} holds nothing that turns the text around it or controls what shows it`, () => {
    assert.ok(written.includes('m'), written);
    assert.doesNotMatch(written, harm);
  });
}

test('the JSON forms keep the raw answer exactly', () => {
  assert.equal((JSON.parse(jsonLine('a.png', result)) as { suffix: string }).suffix, hostile);
  assert.equal((JSON.parse(jsonText(resultJson('a.png', result, t), 2)) as { suffix: string }).suffix, hostile);
  const line = JSON.parse(jsonlLine({ image: 'a.png', prompt: hostile, suffix: hostile })) as Record<string, string>;
  assert.deepEqual(line, { image: 'a.png', prefix: hostile, suffix: hostile });
  assert.equal(JSON.parse(`"${escapeLine(hostile)}"`), hostile);
});

test('line ends of every kind become \\n, and one line has spaces for them', () => {
  assert.equal(plainText('a\r\nb\rc\u0085d\u2028e\tf'), 'a\nb\nc\nd\ne\tf');
  assert.equal(plainLine(' a\r\n\tb\u202e  c '), 'a b c');
});

test('letters of every script, emoji and their joiners stay as they are', () => {
  for (const text of ['قطة سوداء', 'חתול', '黒い猫', '👩\u200d👩\u200d👧', 'é e\u0301', 'ไทย', '\u200f(2)']) {
    assert.equal(plainLine(text), text);
  }
});

test('a text for a person is one line that controls nothing, and may be made so twice', () => {
  const evil = 'a\u0000\n\r\t\u001b\u007f\u0085\u009b\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\ud800\\b';
  const tame = tameText(evil);
  assert.equal(
    tame,
    'a\\u0000\\n\\r\\t\\u001b\\u007f\\u0085\\u009b\\u2028\\u2029\\u202a\\u202e\\u2066\\u2069\\ufeff\\ud800\\b',
  );
  assert.equal(tameText(tame), tame);
  for (const text of ['né 日本 עברית مرحبا 👩‍👩‍👧 “a”', '\u200e\u200f\u00ad']) assert.equal(tameText(text), text);
});

test('of a record of the log only the lines of a stack are lines', () => {
  const { stack = '' } = new Error('a\n1.000 error host.load forged\u001b');
  const lines = tameRecord(stack).split('\n');
  assert.equal(lines[0], 'Error: a\\n1.000 error host.load forged\\u001b');
  for (const line of lines.slice(1)) assert.match(line, /^ {4}at /);
  assert.ok(lines.length > 2);
});

test('a failure is one line that controls nothing from its birth, whatever it names', () => {
  const { message, stack = '' } = new Failure('imageMissing', 'There is no picture at “a\n\u001b[31m\u202e”.');
  assert.equal(message, 'There is no picture at “a\\n\\u001b[31m\\u202e”.');
  assert.ok(stack.includes(message));
});
