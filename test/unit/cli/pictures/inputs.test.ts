import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { Failure } from '../../../../paligemma/src/failures';
import { blocksOf, decodeText, isStandardInput, placeOf } from '../../../../server/src/cli/pictures/inputs';
import { CancelledError } from '../../../../server/src/util/cancellation';

test('a byte order mark says which form of Unicode a text has, and is no part of it', () => {
  const text = '@image “ü”.png\r\ncaption en\r\n😀';
  const little = Buffer.from(`\ufeff${text}`, 'utf16le');
  assert.equal(decodeText(little), text);
  assert.equal(decodeText(Buffer.from(little).swap16()), text);
  assert.equal(decodeText(Buffer.from(`\ufeff${text}`)), text);
  assert.equal(decodeText(Buffer.from(text)), text);
  assert.equal(decodeText(Buffer.alloc(0)), '');
});

test('a word leads to a path, to the home folder where no shell has seen it, or where a file: URL says', () => {
  assert.deepEqual(placeOf('package.json'), { path: path.resolve('package.json'), isPath: true });
  assert.deepEqual(placeOf('no/such.png'), { path: path.resolve('no/such.png'), isPath: true });
  assert.deepEqual(placeOf('~/no such.png'), { path: path.join(os.homedir(), 'no such.png'), isPath: false });
  assert.equal(placeOf('~').path, os.homedir());
  assert.deepEqual(placeOf('~no.png'), { path: path.resolve('~no.png'), isPath: true });
  const file = path.resolve('no such 100%.png');
  assert.deepEqual(placeOf(pathToFileURL(file).href), { path: file, isPath: false });
});

test('a file: URL of another machine is refused with what to write', t => {
  if (process.platform === 'win32') return t.skip('Windows reaches files of other machines by name');
  assert.throws(
    () => placeOf('file://media/samples/01.png'),
    (error: unknown) => error instanceof Failure && error.reason === 'badArgument' && /file:\/\/\//.test(error.message),
  );
});

test('standard input has the names that shells and systems give it', () => {
  for (const word of ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']) assert.ok(isStandardInput(word), word);
  for (const word of ['', '--', './-', '/dev/fd/10', '/dev/fd/63', 'stdin']) assert.ok(!isStandardInput(word), word);
});

test('a pipe that brings too much is left, and closed', async () => {
  const stream = Readable.from([Buffer.alloc(6), Buffer.alloc(6), Buffer.alloc(6)]);
  const lengths: number[] = [];
  await assert.rejects(async () => {
    const limit = { mostBytes: 10, tooLong: () => new Error('too much') };
    for await (const block of blocksOf(stream, limit, CancellationToken.None)) lengths.push(block.length);
  }, /too much/);
  assert.deepEqual(lengths, [6]);
  assert.ok(stream.destroyed);
});

test('a pipe that brings nothing is given up where the command is cancelled', async () => {
  const stream = new Readable({ read: () => undefined });
  const source = new CancellationTokenSource();
  const read = blocksOf(stream, { mostBytes: 10, tooLong: () => new Error('too much') }, source.token).next();
  source.cancel();
  await assert.rejects(read, CancelledError);
  assert.ok(stream.destroyed);
});
