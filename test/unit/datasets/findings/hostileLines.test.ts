// Lines that nobody meant: nothing throws, every place lies in the line, and what is mended stays mended.
import assert from 'node:assert/strict';
import test from 'node:test';
import { FileChecks } from '../../../../datasets/src/findings/fileChecks';
import { lineFindings } from '../../../../datasets/src/findings/lineFindings';
import { mendLine } from '../../../../datasets/src/findings/mendLine';
import { readSetLine } from '../../../../datasets/src/lines/setLine';
import { growthFault } from '../../../support/hostile/growth';
import { seededRandom } from '../../../support/seededRandom';

const pieces = [
  ...['<loc0100><loc0200><loc0300><loc0400>', '<loc0001>', '<loc1024>', '<loc12>', '<LOC 3', '<loc9999>', '<seg001>'],
  ...['<seg200>', '<seg0', ' ; ', ';', '; ;', ' ', '  ', '\n', '\r\n', '\t', '\u0000', '\u202e', '\ud800', '😀', '"'],
  ...['\\', 'cup', 'Cup', 'dr. pepper', 'a  b', 'detect ', 'segment ', 'caption en', '<image>', '<bos>', '<eos>'],
  ...['<im<image>age>', '\ufeff', 'é', '\u2028', '{', '}', 'ignored, and'],
];

test('random texts are judged in their places, and mended once and for all', () => {
  const random = seededRandom(11);
  const text = (most: number) => Array.from({ length: random.below(most) }, () => random.pick(pieces)).join('');
  for (let round = 0; round < 1_500; round++) {
    const prefix = random.below(10) < 6 ? `detect ${text(5)}` : text(6);
    const json = JSON.stringify({
      image: 'a.png',
      prefix,
      suffix: text(14),
      ...(random.below(10) < 1 ? { more: [1] } : {}),
    });
    const line = random.below(10) < 3 ? json.replaceAll('<', '\\u003c') : json;
    for (const { start, end, fix } of lineFindings(line)) {
      for (const span of [{ start, end }, ...fix?.edits ?? []]) {
        assert.ok(span.start >= 0 && span.start <= span.end && span.end <= line.length, line);
      }
    }
    const mended = mendLine(line, lineFindings);
    assert.doesNotThrow(() => JSON.parse(mended.text), line);
    const left = lineFindings(mended.text).filter(({ fix }) => fix !== undefined).map(({ code }) => code);
    assert.deepEqual(left, [], `${line}\n${mended.text}`);
    assert.equal(mendLine(mended.text, lineFindings).text, mended.text);
  }
});

test('random bytes and cut lines are judged without throwing', () => {
  const random = seededRandom(12);
  const whole = JSON.stringify({
    image: 'a.png',
    prefix: 'detect cup',
    suffix: '<loc0100><loc0200> cup',
    x: { y: [] },
  });
  for (let round = 0; round < 1_000; round++) {
    const at = random.below(whole.length);
    const changed = whole.slice(0, at) + String.fromCharCode(random.below(256))
      + whole.slice(at + random.below(3));
    for (const line of [changed, whole.slice(0, at)]) {
      for (const { start, end } of lineFindings(line)) assert.ok(start <= end && end <= line.length, line);
    }
  }
});

const hostile: Readonly<Record<string, (size: number) => string>> = {
  'tokens that are none': size => answer('detect cup', '<loc1>'.repeat(size)),
  'tokens that are right': size => answer('detect cup', '<loc0001>'.repeat(size)),
  'openings of tokens': size => answer('detect cup', '<loc'.repeat(size)),
  'semicolons': size => answer('detect cup', `<loc0001>${' ; '.repeat(size)}`),
  'objects': size => answer(`detect ${'cup;'.repeat(size)}`, ''),
  'white space': size => answer('detect cup', `<loc0001>${' '.repeat(size)}cup${' '.repeat(size)}`),
  'control characters': size => answer('ocr', '\u0001'.repeat(size)),
  'escapes': size => answer('ocr', `${'\\"'.repeat(size)} `),
  'typed tokens': size => answer('ocr', '<image>'.repeat(size)),
  'boxes without labels': size => answer('detect cup', '<loc0100><loc0200><loc0300><loc0400>;'.repeat(size)),
  'keys': size => `{${'"a":1,'.repeat(size)}"b":2}`,
  'quotes with colons': size => answer('ocr', '" : '.repeat(size)),
  'brackets': size => '['.repeat(size),
  'commas': size => `[${','.repeat(size)}`,
  'blanks': size => ' '.repeat(size),
};

function answer(prefix: string, suffix: string): string {
  return JSON.stringify({ image: 'a.png', prefix, suffix });
}

for (const [name, make] of Object.entries(hostile)) {
  test(`the time for a line of many ${name} grows with its length only`, () => {
    const judge = (line: string) => {
      lineFindings(line);
      const read = readSetLine(line);
      if ('form' in read) new FileChecks('a.jsonl').take(1, read, line);
    };
    assert.equal(growthFault(judge, make, 20_000), undefined);
  });
}
