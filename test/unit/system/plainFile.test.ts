import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import {
  FileRefused,
  openPlainFile,
  openPlainFileSync,
  plainFileBlocks,
  readPlainFile,
  readPlainJson,
  readPlainText,
  readStart,
  writePlainFile,
} from '../../../system/src/plainFile';
import { temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('plain-file');
const at = (name: string) => path.join(folder, name);
const timeout = 10_000;
const isUnix = process.platform !== 'win32';

async function blocksOf(file: string): Promise<string> {
  const blocks: Buffer[] = [];
  for await (const block of plainFileBlocks(file, 1 << 20)) blocks.push(block);
  return Buffer.concat(blocks).toString();
}

/** Every way to read a file. */
const readers: readonly (readonly [name: string, read: (file: string) => Promise<unknown>])[] = [
  ['whole', file => readPlainFile(file, 1 << 20)],
  ['in blocks', blocksOf],
  ['open', async file => (await openPlainFile(file, 1 << 20)).close()],
  // What never throws says nothing of what it refused.
  ['text', async file => await readPlainText(file, 1 << 20) ?? Promise.reject(new FileRefused())],
  ['JSON', async file => await readPlainJson(file, 1 << 20) ?? Promise.reject(new FileRefused())],
];

/** What is no file, by what it is. */
const others: readonly (readonly [name: string, make: (place: string) => void | Promise<void>])[] = [
  ['a folder', place => void mkdirSync(place)],
  ...(isUnix
    ? [
      ['a pipe', (place: string) => void execFileSync('mkfifo', [place])],
      ['a device', (place: string) => void execFileSync('ln', ['-s', '/dev/zero', place])],
    ] as const
    : []),
  ['a file of unlikely length', place => {
    writeFileSync(place, '');
    truncateSync(place, 2 ** 40);
  }],
];

test('a file is read, whole or in part', { timeout }, async () => {
  writeFileSync(at('file'), '[1]');
  assert.equal((await readPlainFile(at('file'), 3)).toString(), '[1]');
  assert.equal(await readPlainText(at('file'), 3), '[1]');
  assert.deepEqual(await readPlainJson(at('file'), 3), [1]);
  assert.equal(await blocksOf(at('file')), '[1]');
  assert.equal((await readStart(at('file'), 2))?.toString(), '[1');
  assert.equal((await readStart(at('file'), 9))?.toString(), '[1]');
  await assert.rejects(readPlainFile(at('file'), 2), { name: 'FileRefused', message: /has 3 bytes/ });
  await assert.rejects(readPlainFile(at('none'), 10), { code: 'ENOENT' });
  assert.deepEqual([await readPlainText(at('none'), 10), await readPlainJson(at('none'), 10)], [undefined, undefined]);
  assert.equal(await readStart(at('none'), 10), undefined);
});

for (const [name, make] of others) {
  test(`${name} is refused by every way to read, at once`, { timeout }, async () => {
    const place = at(name);
    await make(place);
    for (const [way, read] of readers) await assert.rejects(read(place), { name: 'FileRefused' }, way);
    if (name !== 'a file of unlikely length') {
      assert.equal(await readStart(place, 10), undefined);
      await assert.rejects(writePlainFile(place, 'x', 'append'), { name: 'FileRefused' });
      await assert.rejects(writePlainFile(place, 'x', 'replace'), { name: 'FileRefused' });
      assert.throws(() => openPlainFileSync(place), error => error instanceof Error);
    }
    rmSync(place, { recursive: true });
  });
}

test('a socket is refused', { timeout, skip: isUnix ? false : 'has no sockets in folders' }, async () => {
  const server = net.createServer().listen(at('socket'));
  await once(server, 'listening');
  for (const [way, read] of readers) await assert.rejects(read(at('socket')), { name: 'FileRefused' }, way);
  server.close();
});

test('a file that says it is empty is read to its end, and no further than is allowed', {
  timeout,
  skip: process.platform === 'linux' ? false : 'reads a file of /proc',
}, async () => {
  const whole = readFileSync('/proc/self/maps', 'utf8');
  assert.ok(whole.length > 4096);
  assert.ok((await readPlainFile('/proc/self/maps', 1 << 24)).length > 4096);
  await assert.rejects(readPlainFile('/proc/self/maps', 1000), { name: 'FileRefused' });
});

test('a text is written into a new file, behind what a file holds, or in its place', { timeout }, async () => {
  await writePlainFile(at('written'), 'a', 'append');
  await writePlainFile(at('written'), 'b', 'append');
  assert.equal(readFileSync(at('written'), 'utf8'), 'ab');
  await writePlainFile(at('written'), 'c', 'replace');
  assert.equal(readFileSync(at('written'), 'utf8'), 'c');
});

test('reading is ended by its signal', { timeout }, async () => {
  writeFileSync(at('long'), 'x'.repeat(1000));
  await assert.rejects(readPlainFile(at('long'), 2000, AbortSignal.abort()), { name: 'AbortError' });
});
