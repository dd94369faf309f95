import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { Failure } from '../../../../paligemma/src/failures';
import { packedName } from '../../../../server/src/dataSets/sources/packedName';
import { ParquetSource } from '../../../../server/src/dataSets/sources/tableSource';

const folder = mkdtempSync(path.join(tmpdir(), 'paligemma-parquet-'));
after(() => rmSync(folder, { recursive: true }));
const { token } = new CancellationTokenSource();
const whole = readFileSync(path.resolve('test/fixtures/parquet/pictures.parquet'));

/** How many rows are read, or why none are. */
async function rowsOf(bytes: Uint8Array): Promise<number | Failure> {
  const file = path.join(folder, 'table.parquet');
  writeFileSync(file, bytes);
  let rows = 0;
  try {
    for await (const _ of new ParquetSource(file, undefined).items(token)) rows++;
    return rows;
  } catch (error) {
    assert.ok(error instanceof Failure && error.reason === 'fileUnreadable', String(error));
    return error;
  }
}

test('a table of pictures is read row by row, over groups of rows', async () => {
  const file = path.join(folder, 'pictures.parquet');
  writeFileSync(file, whole);
  const read: unknown[] = [];
  for await (const { entry, refusals } of new ParquetSource(file, undefined).items(token)) {
    read.push(entry?.kind === 'text' ? [entry.pictures[0]?.written, entry.prefix, entry.suffix] : refusals.length);
  }
  assert.deepEqual(read, [
    ['one.png', 'caption en', 'picture 1'],
    ['two.jpg', 'caption en', 'picture 2'],
    ['one.jpg', 'caption en', 'picture 3'],
    ['pictures-4-1.jpg', 'caption en', 'picture 4'],
    ['four.png', 'caption en', 'picture 5'],
    ['pictures-6-1.png', 'caption en', 'picture 6'],
    1,
  ]);
});

test('a table that lies about its sizes is read or refused, and never fills memory', async () => {
  const footer = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
  const before = process.memoryUsage().rss;
  let refused = 0;
  for (let at = footer; at < whole.length; at += 11) {
    for (const value of [0x00, 0x7f, 0xff]) {
      const lying = Buffer.from(whole);
      lying[at] = value;
      if (await rowsOf(lying) instanceof Failure) refused++;
    }
  }
  assert.ok(refused > 50, String(refused));
  assert.ok(process.memoryUsage().rss - before < 2 ** 29);
  for (const length of [0, 4, 12, footer, whole.length - 1]) {
    assert.ok(await rowsOf(whole.subarray(0, length)) instanceof Failure, String(length));
  }
});

test('no name that a table tells leads out of the folder, or to a file of another kind', () => {
  const png = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const hostile = [
    '../../x',
    '..',
    '.',
    '/etc/passwd',
    'C:\\x\\..',
    '.bashrc',
    'nul',
    'com1.png',
    'a\0b.png',
    'a:b.png',
    'x ',
  ];
  for (const told of [...hostile, `${'x'.repeat(500)}.png`]) {
    assert.match(packedName(told, 'stem', png) ?? '', /^(?:stem|x|passwd)\.png$/, told);
  }
  assert.equal(packedName('Photo.JPEG', 'stem', Buffer.from([0xff, 0xd8, 0xff])), 'Photo.JPEG');
  assert.equal(packedName('run.sh', 'stem', Buffer.from('#!/bin/sh')), undefined);
});
