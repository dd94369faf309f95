import assert from 'node:assert/strict';
import test from 'node:test';
import { findingCodes } from '../../../../datasets/src/findings/findingCodes';
import { lineFindings, type LineOptions } from '../../../../datasets/src/findings/lineFindings';
import { mendLine } from '../../../../datasets/src/findings/mendLine';

const box = '<loc0100><loc0200><loc0300><loc0400>';
const codes = '<seg000>'.repeat(16);

function line(prefix: string, suffix: string): string {
  return JSON.stringify({ image: 'a.png', prefix, suffix });
}

interface Case {
  readonly code: keyof typeof findingCodes;
  readonly bad: string;
  /** What the finding stands on. */
  readonly place?: string;
  /** After the fix. */
  readonly mended?: string;
  /** A neighbour that is right. */
  readonly good?: string;
  readonly options?: LineOptions;
}

const caption = line('caption en', 'a red bus');
const words = (text: string) => text.split(/\s+/).filter(word => word !== '').length;
const limited: LineOptions = { countTokens: words, textLimit: 5, imageTokens: 256 };

const cases: readonly Case[] = [
  { code: 'unreadable-line', bad: '{"image": "a.png" "prefix": ""}', place: '"prefix"' },
  { code: 'unreadable-line', bad: "{'image': 'a.png'}", place: "'image'" },
  { code: 'unreadable-line', bad: '[1, 2]', place: '[1, 2]' },
  { code: 'unreadable-line', bad: '[', place: '[' },
  { code: 'unreadable-line', bad: `${'['.repeat(100_000)}`, place: '['.repeat(100_000) },
  { code: 'unreadable-line', bad: `${caption},`, place: ',', mended: caption },
  { code: 'blank-line', bad: '  ', place: '  ' },
  { code: 'missing-value', bad: '{"image":"a.png","prefix":""}', place: '{"image":"a.png","prefix":""}' },
  { code: 'missing-value', bad: '{"prefix":"","suffix":"x"}' },
  { code: 'value-not-text', bad: '{"image":"a.png","prefix":7,"suffix":"x"}', place: '7' },
  { code: 'unclear-turns', bad: '{"messages":[{"role":"assistant","content":"x"}],"images":["a.png"]}' },
  { code: 'nested-value', bad: '{"image":["a.png","b.png"],"prefix":"","suffix":"x"}', place: '["a.png","b.png"]' },
  { code: 'repeated-key', bad: '{"image":"a.png","prefix":"a","suffix":"x","prefix":"b"}', place: '"prefix"' },
  { code: 'byte-order-mark', bad: caption, options: { hasMark: true }, place: '{' },
  { code: 'carriage-return', bad: caption, options: { isFirst: true, end: '\r\n' }, place: '' },
  {
    code: 'control-character',
    bad: line('caption en', 'a\u0000b'),
    place: '\\u0000',
    good: line('caption en', 'a\tb\nc'),
  },
  {
    code: 'control-character',
    bad: line('caption en', 'a\r\nb'),
    place: '\\r',
    mended: line('caption en', 'a\nb'),
  },
  { code: 'broken-character', bad: line('caption en', 'a \ud83d b'), place: '\\ud83d', good: line('ocr', 'a 😀 b') },
  {
    code: 'invisible-character',
    bad: line('caption en', 'a\u202eb'),
    place: '\u202e',
    good: line('ocr', 'نمی\u200cخواهم'),
  },
  {
    code: 'location-token',
    bad: line('detect cup', '<loc10><loc0020><loc0300><loc0400> cup'),
    place: '<loc10>',
    mended: line('detect cup', '<loc0010><loc0020><loc0300><loc0400> cup'),
    good: line('ocr', 'see <loc12> there'),
  },
  {
    code: 'location-token',
    bad: line('detect cup', '<loc0010><loc0020><loc0300><loc1024> cup'),
    place: '<loc1024>',
    mended: line('detect cup', '<loc0010><loc0020><loc0300><loc1023> cup'),
  },
  {
    code: 'location-token',
    bad: line('detect cup', '<loc0010><loc0020><loc0300><loc2000> cup'),
    place: '<loc2000>',
  },
  {
    code: 'location-token',
    bad: line('caption <LOC 0001><loc0002><loc0003><loc0004', 'a cup'),
    place: '<LOC 0001>',
    mended: line('caption <loc0001><loc0002><loc0003><loc0004>', 'a cup'),
  },
  {
    code: 'mask-token',
    bad: line('segment cup', `${box}<seg128>${'<seg000>'.repeat(15)} cup`),
    place: '<seg128>',
    good: line('ocr', '<seg1>markup</seg1>'),
  },
  {
    code: 'mask-token',
    bad: line('segment cup', `${box}<seg7>${'<seg000>'.repeat(15)} cup`),
    place: '<seg7>',
    mended: line('segment cup', `${box}<seg007>${'<seg000>'.repeat(15)} cup`),
  },
  {
    code: 'typed-token',
    bad: line('<image>caption en', 'a red bus'),
    place: '<image>',
    mended: caption,
    good:
      '{"messages":[{"role":"user","content":"<image>caption en"},{"role":"assistant","content":"a"}],"images":["a.png"]}',
  },
  { code: 'typed-token', bad: line('caption en', 'a red bus <eos>'), place: '<eos>', mended: caption },
  { code: 'image-token', bad: line('caption en', 'a <image> red bus'), place: '<image>', mended: caption },
  { code: 'location-count', bad: line('detect cup', '<loc0100><loc0200> cup'), place: '<loc0100><loc0200>' },
  {
    code: 'box-order',
    bad: line('detect cup', '<loc0300><loc0200><loc0100><loc0400> cup'),
    place: '<loc0300><loc0200><loc0100><loc0400>',
    good: line('detect cup', `${box} cup`),
  },
  { code: 'box-order', bad: line('detect cup', '<loc0300><loc0200><loc0300><loc0400> cup') },
  {
    code: 'mask-length',
    bad: line('segment cup', `${box}<seg000><seg001> cup`),
    place: '<seg000><seg001>',
    good: line('segment cup', `${box}${codes} cup`),
  },
  { code: 'unlabelled-box', bad: line('detect cup', box), place: box, good: line('segment cup', `${box}${codes}`) },
  { code: 'label-without-box', bad: line('detect cup', 'two cups'), place: 'two cups', good: line('detect cup', '') },
  { code: 'label-without-box', bad: line('detect cup', `cup ${box} cup`), place: 'cup' },
  { code: 'label-without-box', bad: line('detect cup', `${box} cup ; cup ; ${box} cup`), place: 'cup' },
  {
    code: 'separator',
    bad: line('detect cup', `${box} cup;${box} cup`),
    place: ';',
    mended: line('detect cup', `${box} cup ; ${box} cup`),
    good: line('detect cup', `${box} cup ; ${box} cup`),
  },
  {
    code: 'separator',
    bad: line('detect cup', `${box} cup\n${box} cup`),
    place: '\\n',
    mended: line('detect cup', `${box} cup ; ${box} cup`),
  },
  {
    code: 'separator',
    bad: line('detect cup;plate', `${box} cup`),
    place: ';',
    mended: line('detect cup ; plate', `${box} cup`),
  },
  {
    code: 'dangling-separator',
    bad: line('detect cup', `${box} cup ; `),
    place: ';',
    mended: line('detect cup', `${box} cup`),
  },
  { code: 'dangling-separator', bad: line('detect cup ;', `${box} cup`), mended: line('detect cup', `${box} cup`) },
  { code: 'dangling-separator', bad: line('detect ; cup', `${box} cup`), mended: line('detect cup', `${box} cup`) },
  {
    code: 'box-spaces',
    bad: line('detect cup', `${box}cup`),
    place: 'cup',
    mended: line('detect cup', `${box} cup`),
  },
  {
    code: 'box-spaces',
    bad: line('detect cup', `${box.replaceAll('><', '> <')} cup`),
    place: ' ',
    mended: line('detect cup', `${box} cup`),
  },
  {
    code: 'label-not-asked',
    bad: line('detect cup', `${box} plate`),
    place: 'plate',
    good: line('detect', `${box} cup`),
  },
  { code: 'label-not-asked', bad: line('detect Cup', `${box} cup`), place: 'cup' },
  {
    code: 'label-spaces',
    bad: line('detect jack  of clubs', `${box} jack  of clubs`),
    place: 'jack  of clubs',
    mended: line('detect jack of clubs', `${box} jack of clubs`),
  },
  {
    code: 'label-characters',
    bad: line('detect dr. pepper', `${box} dr. pepper`),
    place: 'dr. pepper',
    good: line('detect straßen-bahn_2', `${box} straßen-bahn_2`),
  },
  { code: 'edge-blank', bad: line('caption en', ' a red bus'), place: ' ', mended: caption },
  { code: 'edge-blank', bad: line('caption en', 'a red bus\n'), place: '\\n', mended: caption },
  { code: 'edge-blank', bad: line(' caption en', 'a red bus'), place: ' ', mended: caption },
  { code: 'prefix-newline', bad: line('caption en\n', 'a red bus'), place: '\\n', mended: caption },
  { code: 'newline-in-prefix', bad: line('caption\nen', 'a red bus'), place: '\\n' },
  { code: 'empty-suffix', bad: line('detect cup', ''), place: '' },
  {
    code: 'too-long',
    bad: line('caption en', 'a red bus'),
    place: 'a red bus',
    options: limited,
    good: line('caption', 'a'),
  },
];

for (const { code, bad, place, mended, good, options } of cases) {
  test(`${code} is found in ${bad.slice(0, 90)}`, () => {
    const found = lineFindings(bad, options).filter(finding => finding.code === code);
    assert.notEqual(found.length, 0);
    const [{ start, end, severity, message }] = found as [(typeof found)[number]];
    if (place !== undefined) assert.equal(bad.slice(start, end), place);
    assert.equal(severity, findingCodes[code].severity);
    assert.doesNotMatch(message, /\{\d\}/);
    assert.equal(found.some(({ fix }) => fix !== undefined), mended !== undefined || false);
    const result = mendLine(bad, text => lineFindings(text, options).filter(({ fix }) => fix !== undefined));
    assert.equal(result.text, mended ?? bad);
    const isLeft = good !== undefined && lineFindings(good, options).some(finding => finding.code === code);
    assert.equal(isLeft, false);
  });
}

test('every fix belongs to a code that says so', () => {
  for (const { code, bad, options } of cases) {
    for (const { fix } of lineFindings(bad, options).filter(finding => finding.code === code && finding.fix)) {
      assert.ok(fix !== undefined && 'isMended' in findingCodes[code], code);
    }
  }
});

test('a line in the usual form of each task has no finding', () => {
  const lines = [
    caption,
    line('detect cup', `${box} cup`),
    line('detect cup ; plate', `${box} cup ; ${box} plate ; ${box} cup`),
    line('segment cup', `${box}${codes} cup ; ${box}${codes} cup`),
    line('segment cup', `${box}${codes}`),
    line('read in latex', '\\frac{1}{2} \\\\ < loc'),
    line('<JSON>', '{"menu": [{"nm": "TEA","price": "1,000"}]}'),
    line('answer en where is it?', box),
    line('', 'the empty prompt'),
    '{"file_name":"a.png","prefix":"caption en","suffix":"a"}',
    '{"prompt":"caption en","completion":"a","images":["a.png"]}',
    '{"image_left":"a.png","image_right":"b.png","prefix":"answer en same?","suffix":"no"}',
  ];
  for (const good of lines) assert.deepEqual(lineFindings(good, { isFirst: true, end: '\n' }), [], good);
});

test('places count the escapes of what stands in front', () => {
  const bad =
    '{"image":"a.png","prefix":"detect \\u0063up","suffix":"\\u003cloc0100><loc0200><loc0300><loc0400> c\\u0075p\\t;\\t'
    + `${box} cup"}`;
  const [found] = lineFindings(bad);
  assert.equal(found?.code, 'separator');
  assert.equal(bad.slice(found.start, found.end), '\\t;\\t');
});
