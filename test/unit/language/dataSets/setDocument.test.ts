import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONGEST_LINE, LONGEST_TEXT, SetDocument } from '../../../../server/src/language/dataSets/setDocument';
import { seededRandom } from '../../../support/seededRandom';

const example = '{"image": "a.png", "prefix": "caption en", "suffix": "a cat"}';
const uri = 'file:///set/train.jsonl';
const at = (line: number, character: number) => ({ line, character });
const textOf = ({ lines }: SetDocument) => lines.map(({ text, eol }) => text + eol).join('');

test('a file is a data set by what its lines say, whatever else stands in its first ones', () => {
  const isSet = (text: string) => new SetDocument(uri, 1, text).isDataSet;
  assert.ok(isSet(example));
  assert.ok(isSet(`{"image": \n\n${example}\n`), 'a line that is being written');
  assert.ok(isSet('{"file_name": "a.png", "prefix": "x", "suffix": ""}\n'));
  assert.ok(
    isSet(
      '{"messages": [{"role": "user", "content": "<image>x"}, {"role": "assistant", "content": "y"}], "images": ["a.png"]}',
    ),
  );
  assert.ok(!isSet('{"name": "thing", "version": "1.0.0"}'));
  assert.ok(!isSet('{\n  "image": "a.png",\n  "prefix": "x"\n}\n'), 'one object over several lines');
  assert.ok(!isSet('{"image": "a.png"}'), 'a picture alone');
  assert.ok(!isSet('[1, 2]\n"text"\n'));
  assert.ok(!isSet(''));
});

test('a data set stays one while its only line is being written, and stops being one when it says something else', () => {
  const document = new SetDocument(uri, 1, example);
  document.change([{ range: { start: at(0, 20), end: at(0, 40) }, text: '' }], 2, 'utf-16');
  assert.ok(document.isDataSet, document.lines[0]?.text);
  document.change([{ text: '{"name": "thing"}' }], 3, 'utf-16');
  assert.ok(!document.isDataSet);
  document.change([{ text: example }], 4, 'utf-16');
  assert.ok(document.isDataSet);
  document.change([{ text: '' }], 5, 'utf-16');
  assert.ok(!document.isDataSet);
});

test('an edit makes new lines of those that it touches, and leaves the others the same objects', () => {
  const document = new SetDocument(uri, 1, [example, example, example, ''].join('\n'));
  const [first, , third] = document.lines;
  const touched = document.change([{ range: { start: at(1, 3), end: at(1, 3) }, text: 'x\ny' }], 2, 'utf-16');
  assert.deepEqual(touched, { from: 1, to: 3 });
  assert.equal(document.lines[0], first);
  assert.equal(document.lines[3], third);
  assert.equal(document.lines[1]?.text, '{"ix');
});

test('any edits give the text that an editor has', () => {
  const random = seededRandom(5);
  const pick = (most: number) => random.below(most + 1);
  for (let round = 0; round < 300; round++) {
    let text = `${example}\r\nab\rcd\n\nef`;
    const document = new SetDocument(uri, 1, text);
    for (let step = 0; step < 6; step++) {
      const from = pick(text.length);
      const to = Math.min(text.length, from + pick(4));
      // No editor has a cursor between the two characters of a line end.
      if (/\r$/.test(text.slice(0, from)) && text[from] === '\n') continue;
      if (/\r$/.test(text.slice(0, to)) && text[to] === '\n') continue;
      const inserted = ['', 'x', '\n', 'p\nq', '\r\n', '\r'][pick(5)] ?? '';
      const place = (offset: number) => {
        const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
        return at(lines.length - 1, lines.at(-1)?.length ?? 0);
      };
      document.change([{ range: { start: place(from), end: place(to) }, text: inserted }], step + 2, 'utf-16');
      text = text.slice(0, from) + inserted + text.slice(to);
      assert.equal(textOf(document), text);
      assert.deepEqual(
        document.lines.map(line => line.text),
        new SetDocument(uri, 1, text).lines.map(line => line.text),
      );
    }
  }
});

test('positions count what the client counts', () => {
  const document = new SetDocument(uri, 1, '{"a": "äö😀x"}');
  document.change([{ range: { start: at(0, 15), end: at(0, 16) }, text: 'y' }], 2, 'utf-8');
  assert.equal(document.lines[0]?.text, '{"a": "äö😀y"}');
});

test('a text that is too long is not held, and one that is short again is read again', () => {
  const document = new SetDocument(uri, 1, `${example}\n${' '.repeat(LONGEST_TEXT)}`);
  assert.ok(document.isTooLong && !document.isDataSet && document.lines.length === 0);
  document.change([{ range: { start: at(0, 0), end: at(0, 1) }, text: '' }], 2, 'utf-16');
  assert.ok(document.isTooLong);
  document.change([{ text: example }], 3, 'utf-16');
  assert.ok(document.isDataSet);
});

test('a line that is too long is not read', () => {
  const long = JSON.stringify({ image: 'a.png', prefix: 'x', suffix: 'y'.repeat(LONGEST_LINE) });
  const document = new SetDocument(uri, 1, `${example}\n${long}`);
  assert.ok(document.isDataSet);
  assert.equal(document.exampleAt(1), undefined);
  assert.equal(document.exampleAt(0)?.suffix?.value, 'a cat');
  assert.equal(document.exampleAt(7), undefined);
});
