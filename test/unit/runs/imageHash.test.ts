import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { hashImage } from '../../../server/src/runs/imageHash';
import { CancelledError } from '../../../server/src/util/cancellation';
import { failureOf, temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('hash');
const failure = (name: string) => failureOf(hashImage(path.join(folder, name), CancellationToken.None));

test('the hash is SHA-256 of the bytes, whatever their number', async () => {
  for (const length of [1, 1 << 20, (1 << 20) + 1, 3_000_000]) {
    const bytes = Buffer.alloc(length, length % 251);
    writeFileSync(path.join(folder, 'picture'), bytes);
    assert.equal(
      await hashImage(path.join(folder, 'picture'), CancellationToken.None),
      createHash('sha256').update(bytes).digest('hex'),
    );
  }
});

test('a file that is not there', async () => {
  const { reason, message } = await failure('nothing.png');
  assert.equal(reason, 'imageMissing');
  assert.match(message, /nothing\.png/);
});

test('a path that goes through a file', async () => {
  writeFileSync(path.join(folder, 'file'), 'x');
  assert.equal((await failure('file/picture.png')).reason, 'imageMissing');
});

test('a folder, with a hint at its pictures', async () => {
  const { reason, message } = await failureOf(hashImage(folder, CancellationToken.None));
  assert.equal(reason, 'imageUnsupported');
  assert.match(message, /\*\.png/);
});

test('an empty file', async () => {
  writeFileSync(path.join(folder, 'empty.png'), '');
  assert.equal((await failure('empty.png')).reason, 'imageEmpty');
});

test('a pipe is refused, not waited for', async t => {
  if (process.platform === 'win32') return t.skip('Windows has no named pipes in folders');
  execFileSync('mkfifo', [path.join(folder, 'pipe')]);
  assert.equal((await failure('pipe')).reason, 'imageUnreadable');
});

test('a file that may not be read', async t => {
  if (process.getuid?.() === 0) return t.skip('root may read everything, whatever the permissions say');
  if (process.platform === 'win32') return t.skip('Windows has no permission bits');
  writeFileSync(path.join(folder, 'secret.png'), 'x');
  chmodSync(path.join(folder, 'secret.png'), 0);
  assert.equal((await failure('secret.png')).reason, 'imageUnreadable');
});

test('a name that no file system takes', async () => {
  assert.equal((await failure('x'.repeat(5000))).reason, 'imageUnreadable');
});

test('cancelled', async () => {
  await assert.rejects(hashImage(path.join(folder, 'file'), CancellationToken.Cancelled), CancelledError);
});
