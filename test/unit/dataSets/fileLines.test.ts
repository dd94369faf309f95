import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONGEST_LINE_BYTES, linesOfBlocks, type FileLine } from '../../../server/src/dataSets/fileLines';

async function lines(...blocks: readonly (string | Buffer)[]): Promise<readonly FileLine[]> {
  const found: FileLine[] = [];
  async function* given(): AsyncGenerator<Buffer> {
    for (const block of blocks) yield await Promise.resolve(Buffer.from(block));
  }
  for await (const line of linesOfBlocks(given())) found.push(line);
  return found;
}

test('lines come whole whatever the blocks, each with its end and its place', async () => {
  const file = Buffer.from('\ufeff{"a":"ä"}\r\n\nlast');
  for (let size = 1; size <= file.length; size++) {
    const blocks = Array.from(
      { length: Math.ceil(file.length / size) },
      (_, i) => file.subarray(i * size, (i + 1) * size),
    );
    const found = await lines(...blocks);
    assert.deepEqual(found.map(({ number, text, end, hasMark }) => [number, text, end, hasMark]), [
      [1, '{"a":"ä"}', '\r\n', true],
      [2, '', '\n', false],
      [3, 'last', '', false],
    ]);
    for (const { offset, bytes, text, hasMark } of found) {
      assert.equal(file.subarray(offset, offset + bytes).toString(), `${hasMark ? '\ufeff' : ''}${text}`);
    }
  }
  assert.deepEqual(await lines(), []);
  assert.equal((await lines('a\n')).length, 1);
});

test('a line that is far too long is passed over, and so is one that is no text', async () => {
  const long = Buffer.alloc(LONGEST_LINE_BYTES / 4 + 1, 'x');
  const found = await lines('a\n', long, long, long, long, '\nb\n', Buffer.from([0xff, 0x0a]), 'c');
  assert.deepEqual(found.map(({ number, text, fault }) => [number, text, fault]), [
    [1, 'a', undefined],
    [2, undefined, 'tooLong'],
    [3, 'b', undefined],
    [4, undefined, 'notUtf8'],
    [5, 'c', undefined],
  ]);
  assert.equal(found[2]?.offset, 2 + 4 * long.length + 1);
});
