import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { readLines } from '../../../server/src/util/lines';

async function linesOf(...chunks: (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  readLines(stream, line => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, 'end');
  return lines;
}

test('lines come whole, whatever the blocks, without blank ones', async () => {
  assert.deepEqual(await linesOf('a\nb', 'c\r\n\n  \nd', 'e'), ['a', 'bc', 'de']);
});

test('a character cut in two is put together', async () => {
  const [first, second] = [Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1)];
  assert.deepEqual(await linesOf(first, second, '\n'), ['ü']);
});

test('a line without end does not fill the memory: it comes in pieces', async () => {
  const lines = await linesOf('x'.repeat(10_000), '\nlast\n');
  assert.deepEqual(lines.map(line => line.length), [4096, 4096, 1808, 4]);
});
