import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { errorCode, writeAtomically } from '../../../server/src/util/files';
import { temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('files');

test('a file is written into folders that do not exist yet, and replaced as a whole', async () => {
  const file = path.join(folder, 'a', 'b', 'c.json');
  await writeAtomically(file, 'one');
  await writeAtomically(file, 'two');
  assert.equal(readFileSync(file, 'utf8'), 'two');
  assert.deepEqual(readdirSync(path.dirname(file)), ['c.json']);
});

test('many writers at once leave one whole file', async () => {
  const file = path.join(folder, 'race.json');
  const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
  await Promise.all(contents.map(content => writeAtomically(file, content)));
  assert.ok(contents.includes(readFileSync(file, 'utf8')));
});

test('a failure leaves nothing behind', async () => {
  const place = path.join(folder, 'taken');
  mkdirSync(path.join(place, 'inner'), { recursive: true });
  await assert.rejects(writeAtomically(place, 'x'), error => errorCode(error) !== undefined);
  assert.deepEqual(readdirSync(folder).filter(name => name.startsWith('taken')), ['taken']);
});

test('only failures of the system have a code', () => {
  assert.equal(errorCode(Object.assign(new Error('x'), { code: 'ENOENT' })), 'ENOENT');
  for (const error of [new Error('x'), 'ENOENT', undefined, Object.assign(new Error('x'), { code: 5 })]) {
    assert.equal(errorCode(error), undefined);
  }
});
