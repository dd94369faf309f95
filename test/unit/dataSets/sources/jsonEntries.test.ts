import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesOfBlocks } from '../../../../server/src/dataSets/sources/jsonEntries';

async function entries(
  file: Buffer,
  size: number,
): Promise<readonly (readonly [string, string | undefined, string])[]> {
  const found: (readonly [string, string | undefined, string])[] = [];
  async function* blocks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < file.length; at += size) yield await Promise.resolve(file.subarray(at, at + size));
  }
  for await (const { list, text, offset, bytes } of entriesOfBlocks(blocks(), 'a.json')) {
    found.push([list, text, file.subarray(offset, offset + bytes).toString()]);
  }
  return found;
}

test('entries of lists come whole whatever the blocks, with their place', async () => {
  const file = Buffer.from(
    '\ufeff{"info":{"images":[{"no":1}]}, "ima\\"ges":[], "images" : [{"a":"}]ä","b":[{}]}, 7, {}],"n":[[{}]]}',
  );
  for (let size = 1; size <= file.length; size++) {
    assert.deepEqual(await entries(file, size), [
      ['images', '{"a":"}]ä","b":[{}]}', '{"a":"}]ä","b":[{}]}'],
      ['images', '{}', '{}'],
    ], `blocks of ${size}`);
  }
  assert.deepEqual(await entries(Buffer.from(' [ {"x":[1]} , {} ] '), 5), [['', '{"x":[1]}', '{"x":[1]}'], [
    '',
    '{}',
    '{}',
  ]]);
});

test('what ends in the middle, or is no JSON, is refused', async () => {
  for (const text of ['', '{', '{"images":[{', '[{"a":"', 'images', '{}{}', ']', '['.repeat(2000)]) {
    await assert.rejects(entries(Buffer.from(text), 64), { reason: 'fileUnreadable' }, text.slice(0, 20));
  }
});
