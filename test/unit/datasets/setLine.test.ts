import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineText } from '../../../datasets/src/lines/lineText';
import { readSetLine, type SetLine } from '../../../datasets/src/lines/setLine';

function read(value: unknown): SetLine {
  const line = readSetLine(JSON.stringify(value));
  assert.ok('form' in line);
  return line;
}

function said(value: unknown): unknown {
  const { form, images, prefix, suffix, faults } = read(value);
  assert.deepEqual(faults, []);
  return [form, images.map(({ value: image }) => image), prefix?.value, suffix?.value];
}

test('each form of a line says its pictures, its prompt and its answer', () => {
  assert.deepEqual(said({ image: 'a.png', prefix: 'ocr', suffix: 'A' }), ['bigVision', ['a.png'], 'ocr', 'A']);
  assert.deepEqual(said({ image: ['a.png', 'b.png'], prefix: 'p', suffix: '' }), [
    'bigVision',
    ['a.png', 'b.png'],
    'p',
    '',
  ]);
  assert.deepEqual(said({ image_left: 'l', image_right: 'r', prefix: '', suffix: 's' }), [
    'bigVision',
    ['l', 'r'],
    '',
    's',
  ]);
  assert.deepEqual(said({ file_name: 'a', prefix: 'p', suffix: 's' }), ['imagefolder', ['a'], 'p', 's']);
  assert.deepEqual(said({ prompt: 'p', completion: 'c', images: ['a'] }), ['pairs', ['a'], 'p', 'c']);
  assert.deepEqual(said({ query: 'q', response: 'r', images: [{ path: 'a' }] }), ['pairs', ['a'], 'q', 'r']);
  const content = { role: 'user', content: '<image>caption en' };
  assert.deepEqual(
    said({ messages: [content, { role: 'assistant', content: 'a bus' }], images: ['a.jpg'] }),
    ['messages', ['a.jpg'], 'caption en', 'a bus'],
  );
  assert.deepEqual(
    said({ conversations: [{ from: 'human', value: '<image>\nq' }, { from: 'gpt', value: 'r' }], images: ['a'] }),
    ['messages', ['a'], 'q', 'r'],
  );
});

test('of a line that lacks something the rest is read', () => {
  const line = read({ image: 'a.png', prefix: 3 });
  assert.deepEqual(line.images[0]?.value, 'a.png');
  assert.deepEqual(line.faults.map(({ kind }) => kind), ['notText', 'missing']);
  assert.deepEqual(read({}).faults.map(({ kind }) => kind), ['missing', 'missing', 'missing']);
  assert.deepEqual(readSetLine('[1]'), { faults: [{ kind: 'notObject' }] });
  assert.deepEqual(readSetLine('{"image":'), { faults: [{ kind: 'notJson' }] });
  assert.deepEqual(read({ messages: 'x', images: [] }).faults.map(({ kind }) => kind), ['turns']);
});

test('a part of a text is found where it stands, behind escapes and marks too', () => {
  const text = String
    .raw`{"image":"a.png", "messages":[{"role":"user","content":"<image>\u0061 \"b\" \\ c"}, {"role":"assistant","content":"x"}]}`;
  const line = readSetLine(text);
  assert.ok('form' in line && line.prefix !== undefined);
  assert.equal(line.prefix.value, 'a "b" \\ c');
  const places = new LineText(text);
  const piece = (from: number, to: number) => {
    const span = places.span(line.prefix!, from, to);
    return text.slice(span?.start, span?.end);
  };
  assert.deepEqual([piece(0, 1), piece(2, 5), piece(6, 7), piece(8, 9)], [
    String.raw`\u0061`,
    String.raw`\"b\"`,
    '\\\\',
    'c',
  ]);
  for (const unit of [0, 2, 6, 8]) {
    assert.equal(places.unitAt(line.prefix, places.span(line.prefix, unit)!.start), unit);
  }
  assert.deepEqual(new LineText('{"a":1,"b":2,"a":3}').repeatedKeys(), [{ key: 'a', span: { start: 13, end: 16 } }]);
});
