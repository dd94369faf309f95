import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { mendFile } from '../../../../server/src/dataSets/checks/mendFile';
import { PictureChecks, type PictureVerdict } from '../../../../server/src/dataSets/checks/pictureFindings';
import { CancelledError } from '../../../../server/src/util/cancellation';
import { failureOf, temporaryFolder } from '../../../support/temporary';

const folder = temporaryFolder('mend-file');
const { None } = CancellationToken;
const isWindows = process.platform === 'win32';
const box = '<loc0100><loc0200><loc0300><loc0400>';
const checks = { pictures: new PictureChecks() };

function fileOf(name: string, content: string | Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

function line(suffix: string, space = ' '): string {
  return `{"image":${space}"a.png","prefix":${space}"detect cup","suffix":${space}${JSON.stringify(suffix)}}`;
}

test('mended lines change where they were wrong, and all others keep their bytes', async () => {
  const [bad, good] = [line(`${box} cup;${box} cup `, '  '), line(`${box} cup ; ${box} cup`, '  ')];
  const broken = Buffer.from([0x7b, 0xff, 0xfe, 0x0a]);
  const content = (mended: string, mark: string) =>
    Buffer.concat([
      Buffer.from(`${mark}${line(`${box} cup`)}\r\n\n`),
      broken,
      Buffer.from(`not json ;\n${mended}\r\n`),
      Buffer.alloc(17 * 2 ** 20, ' '),
      Buffer.from(`\n${mended}`),
    ]);
  const file = fileOf('set.jsonl', content(bad, '\ufeff'));
  const { lines, codes } = await mendFile(file, checks, None);
  assert.ok(readFileSync(file).equals(content(good, '')));
  assert.equal(lines, 3);
  assert.deepEqual(Object.fromEntries(codes), { 'byte-order-mark': 1, 'separator': 2, 'edge-blank': 2 });
  assert.deepEqual((await mendFile(file, checks, None)).lines, 0);
});

test('a file without anything certain is not touched', async () => {
  const file = fileOf('good.jsonl', `${line(`${box} plate`)}\nnot json\n`);
  const before = statSync(file);
  assert.equal((await mendFile(file, checks, None)).lines, 0);
  const { ino, mtimeMs } = statSync(file);
  assert.deepEqual([ino, mtimeMs], [before.ino, before.mtimeMs]);
});

test('the mode stays, and of a link the file behind it is mended', { skip: isWindows && 'no modes' }, async () => {
  mkdirSync(path.join(folder, 'behind'));
  const file = fileOf('behind/set.jsonl', `${line(`${box} cup `)}\n`);
  chmodSync(file, 0o640);
  const link = path.join(folder, 'link.jsonl');
  symlinkSync(file, link);
  await mendFile(link, checks, None);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(statSync(file).mode & 0o777, 0o640);
  assert.equal(readFileSync(file, 'utf8'), `${line(`${box} cup`)}\n`);
});

test('a file that may not be written stays, with a sentence', {
  skip: (isWindows || process.getuid?.() === 0) && 'this user may write everything',
}, async () => {
  const file = fileOf('fixed.jsonl', `${line(`${box} cup `)}\n`);
  chmodSync(file, 0o444);
  const { reason, message } = await failureOf(mendFile(file, checks, None));
  assert.equal(reason, 'fileUnwritable');
  assert.match(message, /may not be written/);
  assert.equal(readFileSync(file, 'utf8'), `${line(`${box} cup `)}\n`);
});

/** Does something while the pictures of a file are asked for. */
class Meanwhile extends PictureChecks {
  constructor(private readonly act: () => void) {
    super();
  }

  override verdict(): Promise<PictureVerdict> {
    this.act();
    return Promise.resolve({});
  }
}

test('a cancelled or overtaken mending leaves the file as it is, and nothing beside it', async () => {
  const many = `${line(`${box} cup `)}\n`.repeat(2_000);
  const file = fileOf('cancelled.jsonl', many);
  const source = new CancellationTokenSource();
  await assert.rejects(
    mendFile(file, { pictures: new Meanwhile(() => source.cancel()) }, source.token),
    CancelledError,
  );
  assert.equal(readFileSync(file, 'utf8'), many);
  const other = fileOf('changed.jsonl', many);
  const changed = `${many}{}\n`;
  const meanwhile = new Meanwhile(() => writeFileSync(other, changed));
  const { reason, message } = await failureOf(mendFile(other, { pictures: meanwhile }, None));
  assert.equal(reason, 'fileUnwritable');
  assert.match(message, /was changed while it was being mended/);
  assert.equal(readFileSync(other, 'utf8'), changed);
  assert.deepEqual(readdirSync(folder).filter(name => name.includes('.partial-')), []);
});

test('what a killed process left is cleared away', async () => {
  const file = fileOf('left.jsonl', `${line(`${box} cup `)}\n`);
  // No process has so high a number.
  const left = fileOf(`left.jsonl.partial-${2 ** 30}-0123abcd`, 'half');
  await mendFile(file, checks, None);
  assert.equal(existsSync(left), false);
  assert.deepEqual(readdirSync(folder).filter(name => name.startsWith('left.')), ['left.jsonl']);
});

test('a name in other letters becomes the name on the disk', async () => {
  fileOf('Photo.png', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
  const set = (image: string) => `${JSON.stringify({ image, prefix: 'ocr', suffix: 'A' })}\n`;
  const file = fileOf('names.jsonl', set('photo.PNG'));
  const { codes } = await mendFile(file, { pictures: new PictureChecks() }, None);
  if (process.platform === 'linux') assert.deepEqual(Object.fromEntries(codes), { 'picture-letter-case': 1 });
  assert.equal(readFileSync(file, 'utf8'), set('Photo.png'));
});
