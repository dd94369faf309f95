import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { trimFolder } from '../../../server/src/util/trimFolder';
import { temporaryFolder } from '../../support/temporary';

const root = temporaryFolder('trim');

/** Files `0` (oldest) to `count - 1`, in two folders, of `bytes` each. */
function filled(name: string, count: number, bytes: number): string {
  const folder = path.join(root, name);
  for (let index = 0; index < count; index++) {
    const file = path.join(folder, String(index % 2), String(index));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, Buffer.alloc(bytes));
    const time = new Date(Date.UTC(2020, 0, 1 + index));
    utimesSync(file, time, time);
  }
  return folder;
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry =>
    Number(entry.name)
  ).sort((a, b) => a - b);

test('nothing is deleted within the limits, nor in a folder that is not there', async () => {
  const folder = filled('within', 10, 100);
  assert.equal(await trimFolder(folder, { files: 10, bytes: 1000 }), 0);
  assert.equal(filesIn(folder).length, 10);
  assert.equal(await trimFolder(path.join(root, 'absent'), { files: 1, bytes: 1 }), 0);
});

test('too many files: the oldest go, to nine tenths of the limit', async () => {
  const folder = filled('many', 25, 1);
  assert.equal(await trimFolder(folder, { files: 20, bytes: 1000 }), 7);
  assert.deepEqual(filesIn(folder), Array.from({ length: 18 }, (_, index) => index + 7));
});

test('too many bytes: the oldest go, to nine tenths of the limit', async () => {
  const folder = filled('large', 10, 1000);
  assert.equal(await trimFolder(folder, { files: 1000, bytes: 5000 }), 6);
  assert.deepEqual(filesIn(folder), [6, 7, 8, 9]);
});

test('two processes that clean up at once do not disturb each other', async () => {
  const folder = filled('both', 300, 1);
  await Promise.all([trimFolder(folder, { files: 100, bytes: 1000 }), trimFolder(folder, { files: 100, bytes: 1000 })]);
  assert.equal(filesIn(folder).length, 90);
  assert.ok(existsSync(path.join(folder, '1', '299')));
});

test('what a killed process was writing goes after an hour, what is being written stays', async () => {
  const folder = filled('leftovers', 4, 1);
  const [old, fresh] = ['x.json.17.abcd.tmp', 'y.json.18.abcd.tmp'].map(name => path.join(folder, '0', name));
  for (const file of [old, fresh]) writeFileSync(file ?? '', 'half');
  utimesSync(old ?? '', new Date(Date.now() - 2 * 3600_000), new Date(Date.now() - 2 * 3600_000));
  assert.equal(await trimFolder(folder, { files: 100, bytes: 1000 }), 0);
  assert.deepEqual([old, fresh].map(file => existsSync(file ?? '')), [false, true]);
});
