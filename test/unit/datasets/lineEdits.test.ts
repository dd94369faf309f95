import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lineEdits, type LineChange } from '../../../datasets/src/edits/lineEdits';
import { readLineChange } from '../../../datasets/src/edits/readLineChange';
import { editedText } from '../../../datasets/src/edits/textEdit';
import { growthFault } from '../../support/hostile/growth';

const box = '<loc0100><loc0200><loc0300><loc0400>';

function after(line: string, change: LineChange): string | undefined {
  const edits = lineEdits(line, change);
  return edits && editedText(line, edits);
}

describe('an edit of a line', () => {
  test('changes the tokens of a box within the suffix and no other byte', () => {
    const line = `{ "x":[1,  2],"suffix" : "caf\\u00e9 ; ${box} cup\\n", "image":"a.png" , "prefix":"detect cup" }`;
    assert.equal(
      after(line, { kind: 'bins', box: 0, bins: [1, 2, 3, 4] }),
      line.replace(box, '<loc0001><loc0002><loc0003><loc0004>'),
    );
  });

  test('takes what is typed as text, and escapes that stay are as they were written', () => {
    const line = '{"image":"a.png","prefix":"caption en","suffix":"caf\\u00e9 \\ud83d\\ude00 a\\/b"}';
    assert.equal(
      after(line, { kind: 'text', field: 'suffix', value: 'café 😀 a/b "c"\n' }),
      '{"image":"a.png","prefix":"caption en","suffix":"caf\\u00e9 \\ud83d\\ude00 a\\/b \\"c\\"\\n"}',
    );
    const typed = after(line, { kind: 'text', field: 'prefix', value: '\ud800' });
    assert.equal(typed, line.replace('caption en', '\\ud800'));
  });

  test('finds the answer in every form of line', () => {
    const change: LineChange = { kind: 'text', field: 'suffix', value: 'new' };
    const lines = [
      '{"file_name":"a.png","prefix":"p","suffix":"old"}',
      '{"image":"a.png","prompt":"p","completion":"old"}',
      '{"image":"a.png","query":"p","response":"old"}',
      '{"messages":[{"role":"user","content":"<image>p"},{"role":"assistant","content":"old"}],"images":["a.png"]}',
    ];
    for (const line of lines) assert.equal(after(line, change), line.replace('old', 'new'));
    assert.equal(
      after(lines[3]!, { kind: 'text', field: 'prefix', value: 'q' }),
      lines[3]!.replace('<image>p', '<image>q'),
    );
  });

  test('adds the key that a line lacks behind the others, spaced as they are', () => {
    assert.equal(
      after('{"image": "a.png", "prefix": "p" }', { kind: 'text', field: 'suffix', value: 'a' }),
      '{"image": "a.png", "prefix": "p", "suffix": "a" }',
    );
    assert.equal(
      after('{"image":"a.png","prefix":"p"}', { kind: 'add', bins: [1, 2, 3, 4], label: 'cup' }),
      '{"image":"a.png","prefix":"p","suffix":"<loc0001><loc0002><loc0003><loc0004> cup"}',
    );
    assert.equal(
      after('{"image":"a.png","query":"p"}', { kind: 'text', field: 'suffix', value: 'a' }),
      '{"image":"a.png","query":"p","response":"a"}',
    );
    assert.equal(after('{}', { kind: 'text', field: 'prefix', value: 'a' }), '{"prefix":"a"}');
  });

  test('is refused where there is no text to change', () => {
    const change: LineChange = { kind: 'text', field: 'suffix', value: 'a' };
    for (const line of ['no line', '[]', '{"suffix":3}', '{"messages":[{"role":"user","content":"p"}]}']) {
      assert.equal(lineEdits(line, change), undefined, line);
    }
  });

  test('accepts a draft by taking its key away with its comma', () => {
    const accept: LineChange = { kind: 'accept' };
    assert.equal(after('{"draft": true, "image":"a"}', accept), '{"image":"a"}');
    assert.equal(after('{"image":"a" , "draft":true }', accept), '{"image":"a"  }');
    assert.equal(after('{"a":1,"draft":true,"b":2}', accept), '{"a":1,"b":2}');
    assert.equal(after('{"draft":true}', accept), '{}');
    assert.deepEqual(lineEdits('{"draft":false}', accept), []);
  });

  test('of a line with a thousand boxes takes time that grows with the line only', () => {
    const line = (boxes: number) =>
      JSON.stringify({ image: 'a', prefix: 'p', suffix: Array(boxes).fill(`${box} cup`).join(' ; ') });
    const edit = (text: string) => lineEdits(text, { kind: 'delete', box: 900 });
    assert.equal(growthFault(edit, line, 4000), undefined);
  });
});

describe('a change that a page sent', () => {
  test('is read where it is one, and dropped where it is not', () => {
    const changes: readonly LineChange[] = [
      { kind: 'bins', box: 0, bins: [1, 2, 3, 4] },
      { kind: 'label', box: 1, label: 'a' },
      { kind: 'delete', box: 0 },
      { kind: 'duplicate', box: 0 },
      { kind: 'add', bins: [1, 2, 3, 4], label: '' },
      { kind: 'text', field: 'prefix', value: '' },
      { kind: 'accept' },
    ];
    for (const change of changes) assert.deepEqual(readLineChange({ ...change, more: 1 }), change);
    const others = [
      undefined,
      null,
      [],
      { kind: 'bins', box: 0, bins: [3, 2, 3, 4] },
      { kind: 'bins', box: 0, bins: [1, 2, 3, 1024] },
      { kind: 'bins', box: -1, bins: [1, 2, 3, 4] },
      { kind: 'text', field: 'image', value: '' },
      { kind: 'toString' },
    ];
    for (const other of others) assert.equal(readLineChange(other), undefined);
  });
});
