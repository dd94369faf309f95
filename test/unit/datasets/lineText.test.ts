import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineText } from '../../../datasets/src/lines/lineText';
import { readSetLine } from '../../../datasets/src/lines/setLine';

/** The place as it is found with the tree, which a place of a key makes. */
function byTree(text: string, key: string) {
  const line = new LineText(text);
  line.place([key], 'key');
  const read = readSetLine(text);
  const found = 'form' in read
    ? [...read.images, read.prefix, read.suffix].find(each => each?.path[0] === key)
    : undefined;
  return found === undefined ? undefined : { found, span: line.span(found) };
}

test('a text is found at the same place with and without reading the line as a tree', () => {
  const lines = [
    '{"image":"a.png","prefix":"caption en","suffix":"a cat"}',
    '{ "image" :\t"a.png" , "prefix": "suffix", "suffix": "suffix" }',
    '{"prefix": "image", "image": "image", "suffix": "prefix"}',
    '{"meta": {"suffix": "x"}, "image": "a.png", "prefix": "p", "suffix": "x"}',
    '{"image": "a.png", "prefix": "p", "suffix": "x", "suffix": "y"}',
    '{"image": "a\\"b.png", "prefix": "p\\u0041", "suffix": "x"}',
    '{"image": "ü😀.png", "prefix": "", "suffix": "x"}',
    `{"image": "a.png", "prefix":${' '.repeat(50)}"p", "suffix": "x"}`,
    '{"image": ["a.png"], "prefix": "p", "suffix": "x"}',
  ];
  for (const text of lines) {
    for (const key of ['image', 'prefix', 'suffix']) {
      const expected = byTree(text, key);
      assert.ok(expected?.span !== undefined, `${key} in ${text}`);
      assert.deepEqual(new LineText(text).span(expected.found), expected.span, `${key} in ${text}`);
      const to = Math.min(1, expected.found.value.length);
      const part = new LineText(text).span(expected.found, 0, to);
      assert.equal(part?.start, expected.span.start, `${key} in ${text}`);
    }
  }
});
