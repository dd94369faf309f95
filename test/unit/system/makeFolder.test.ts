import assert from 'node:assert/strict';
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../system/src/makeFolder';
import { temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('make-folder');
const timeout = 10_000;

test('a folder is made with those above it; one that is there stays', { timeout }, async () => {
  const place = path.join(folder, 'a', 'b', 'c');
  await makeFolder(place, 0o700);
  assert.ok(statSync(place).isDirectory());
  if (process.platform !== 'win32') assert.equal(statSync(path.join(folder, 'a')).mode & 0o777, 0o700);
  await makeFolder(place);
  await makeFolder(folder);
  await makeFolder(path.parse(folder).root);
});

test('many make the same folders at once', { timeout }, async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => makeFolder(path.join(folder, 'x', 'y', `${index % 2}`))));
});

test('a link to a folder counts as one; a file in the way does not', { timeout }, async () => {
  mkdirSync(path.join(folder, 'target'));
  symlinkSync(path.join(folder, 'target'), path.join(folder, 'link'), 'junction');
  await makeFolder(path.join(folder, 'link'));
  await makeFolder(path.join(folder, 'link', 'inner'));
  writeFileSync(path.join(folder, 'file'), '');
  await assert.rejects(makeFolder(path.join(folder, 'file')), { code: 'EEXIST' });
  await assert.rejects(
    makeFolder(path.join(folder, 'file', 'inner')),
    (error: NodeJS.ErrnoException) => error.code === 'ENOTDIR' || error.code === 'ENOENT' || error.code === 'EEXIST',
  );
});

test('a folder that takes none, though it is there, is told at once', {
  timeout,
  skip: process.platform === 'linux' ? false : 'asks /proc',
}, async () => {
  await assert.rejects(makeFolder('/proc/nothing-of-this-name'), { code: 'ENOENT' });
  await assert.rejects(makeFolder('/proc/nothing-of-this-name/a/b'), { code: 'ENOENT' });
});
