import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { PictureHashes } from '../../../server/src/runs/pictureHashes';
import { WatchedPictures } from '../../../server/src/runs/watchedPictures';
import { CancelledError } from '../../../server/src/util/cancellation';
import { failureOf, temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('hash');
const hashImage = async (imagePath: string, token = CancellationToken.None) =>
  (await new PictureHashes().of(imagePath, token)).sha256;
const failure = (name: string) => failureOf(hashImage(path.join(folder, name)));

test('the hash is SHA-256 of the bytes, whatever their number', async () => {
  for (const length of [1, 1 << 20, (1 << 20) + 1, 3_000_000]) {
    const bytes = Buffer.alloc(length, length % 251);
    writeFileSync(path.join(folder, 'picture'), bytes);
    assert.equal(
      await hashImage(path.join(folder, 'picture')),
      createHash('sha256').update(bytes).digest('hex'),
    );
  }
});

test('a file that is not there is missing', async () => {
  const { reason, message } = await failure('nothing.png');
  assert.equal(reason, 'imageMissing');
  assert.match(message, /nothing\.png/);
});

test('a path that goes through a file is missing', async () => {
  writeFileSync(path.join(folder, 'file'), 'x');
  assert.equal((await failure('file/picture.png')).reason, 'imageMissing');
});

test('a folder is refused, with a hint at its pictures', async () => {
  const { reason, message } = await failureOf(hashImage(folder));
  assert.equal(reason, 'imageUnsupported');
  assert.match(message, /\*\.png/);
});

test('an empty file is refused as empty', async () => {
  writeFileSync(path.join(folder, 'empty.png'), '');
  assert.equal((await failure('empty.png')).reason, 'imageEmpty');
});

test('a pipe is refused, not waited for', async t => {
  if (process.platform === 'win32') return t.skip('Windows has no named pipes in folders');
  execFileSync('mkfifo', [path.join(folder, 'pipe')]);
  assert.equal((await failure('pipe')).reason, 'imageUnsupported');
});

test('a file that this user is not allowed to read is unreadable', async t => {
  if (process.getuid?.() === 0) return t.skip('root may read everything, whatever the permissions say');
  if (process.platform === 'win32') return t.skip('Windows has no permission bits');
  writeFileSync(path.join(folder, 'secret.png'), 'x');
  chmodSync(path.join(folder, 'secret.png'), 0);
  assert.equal((await failure('secret.png')).reason, 'imageUnreadable');
});

test('a name that no file system takes is unreadable', async () => {
  assert.equal((await failure('x'.repeat(5000))).reason, 'imageUnreadable');
});

test('a hash that is cancelled is not computed', async () => {
  await assert.rejects(hashImage(path.join(folder, 'file'), CancellationToken.Cancelled), CancelledError);
});

/** A picture that was last written long ago as far as the hashes can tell: their clock is ahead. */
const aWhileLater = () => Date.now() + 60_000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('a file is read once for as long as it is not written, and again after it was', async () => {
  const file = path.join(folder, 'kept.png');
  writeFileSync(file, 'first');
  const hashes = new PictureHashes(aWhileLater);
  const [first, second] = await Promise.all([
    hashes.of(file, CancellationToken.None),
    hashes.of(file, CancellationToken.None),
  ]);
  assert.deepEqual([first.sha256, first.bytes], [sha256('first'), 5]);
  assert.equal(second, first, 'who asks meanwhile shares the reading');
  assert.equal(await hashes.of(file, CancellationToken.None), first);
  writeFileSync(file, 'other');
  assert.equal((await hashes.of(file, CancellationToken.None)).sha256, sha256('other'));
});

test('other contents of the same length and time are noticed: the time of the change is no program to set', async t => {
  if (process.platform === 'win32') return t.skip('Windows does not count a write that sets the times back');
  const file = path.join(folder, 'set-back.png');
  writeFileSync(file, 'first');
  const { atime, mtime, ctimeMs } = statSync(file);
  const hashes = new PictureHashes(aWhileLater);
  assert.equal((await hashes.of(file, CancellationToken.None)).sha256, sha256('first'));
  do {
    writeFileSync(file, 'other');
    utimesSync(file, atime, mtime);
  } while (statSync(file).ctimeMs === ctimeMs);
  assert.equal((await hashes.of(file, CancellationToken.None)).sha256, sha256('other'));
});

test('a file that was written just now is read again: its times may not tell the next write', async () => {
  const file = path.join(folder, 'new.png');
  writeFileSync(file, 'first');
  const hashes = new PictureHashes(() => statSync(file).mtimeMs);
  const first = await hashes.of(file, CancellationToken.None);
  const again = await hashes.of(file, CancellationToken.None);
  assert.deepEqual(again, first);
  assert.notEqual(again, first);
});

test('who gives up does not take the others along, and a later asker gets the whole hash', async () => {
  const file = path.join(folder, 'large.png');
  writeFileSync(file, Buffer.alloc(8 << 20, 7));
  const hashes = new PictureHashes(aWhileLater);
  const source = new CancellationTokenSource();
  const [impatient, patient] = [hashes.of(file, source.token), hashes.of(file, CancellationToken.None)];
  source.cancel();
  await assert.rejects(impatient, CancelledError);
  const expected = createHash('sha256').update(Buffer.alloc(8 << 20, 7)).digest('hex');
  assert.equal((await patient).sha256, expected);
  const alone = new CancellationTokenSource();
  const other = new PictureHashes(aWhileLater);
  const givenUp = other.of(file, alone.token);
  alone.cancel();
  await assert.rejects(givenUp, CancelledError);
  assert.equal((await other.of(file, CancellationToken.None)).sha256, expected);
});

test('a failure is not kept: the file may be there the next time', async () => {
  const file = path.join(folder, 'later.png');
  const hashes = new PictureHashes(aWhileLater);
  await assert.rejects(hashes.of(file, CancellationToken.None), { reason: 'imageMissing' });
  writeFileSync(file, 'x');
  assert.equal((await hashes.of(file, CancellationToken.None)).sha256, sha256('x'));
});

test('who watches pictures hears of those that were written or removed, also where another one hashed them since', async () => {
  const [kept, written, removed] = ['w1.png', 'w2.png', 'w3.png'].map(name => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const file of [kept, written, removed]) writeFileSync(file, 'x');
  const hashes = new PictureHashes(aWhileLater);
  const watched = new WatchedPictures(hashes);
  for (const file of [kept, written, removed]) assert.equal(await watched.get(file), sha256('x'));
  assert.equal(await watched.get(path.join(folder, 'never.png')), undefined);
  assert.deepEqual(await watched.takeChanged(), []);
  writeFileSync(written, 'longer');
  rmSync(removed);
  await hashes.of(written, CancellationToken.None);
  assert.deepEqual(await watched.takeChanged(), [written, removed]);
  assert.deepEqual(await watched.takeChanged(), []);
});
