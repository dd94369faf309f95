import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { SplitChecks } from '../../../../datasets/src/findings/splitChecks';
import { checkFile, type Checks, type Leaks } from '../../../../server/src/dataSets/checks/checkFile';
import { ContentHashes } from '../../../../server/src/dataSets/checks/contentHashes';
import { DiskNames } from '../../../../server/src/dataSets/checks/diskNames';
import { KnownPictures } from '../../../../server/src/dataSets/checks/knownPictures';
import { PictureChecks } from '../../../../server/src/dataSets/checks/pictureFindings';
import { PictureSizes } from '../../../../server/src/dataSets/checks/pictureSizes';
import { findSetFiles } from '../../../../server/src/dataSets/checks/setFiles';
import { CancelledError } from '../../../../server/src/util/cancellation';
import { temporaryFolder } from '../../../support/temporary';

const folder = temporaryFolder('check-file');
const { None } = CancellationToken;
const png = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x02', 'latin1');

before(() => {
  mkdirSync(path.join(folder, 'shots'));
  writeFileSync(path.join(folder, 'shots', 'Cup.png'), png);
  writeFileSync(path.join(folder, 'a.png'), Buffer.concat([png, Buffer.from('a')]));
  writeFileSync(path.join(folder, 'copy.png'), Buffer.concat([png, Buffer.from('a')]));
  writeFileSync(path.join(folder, 'other.png'), Buffer.concat([png, Buffer.from('b')]));
  writeFileSync(path.join(folder, 'text.png'), 'not a picture');
});

function setOf(name: string, images: readonly string[]): string {
  const file = path.join(folder, name);
  const lines = images.map((image, index) =>
    JSON.stringify({ image, prefix: `caption ${index}`, suffix: `a ${index}` })
  );
  writeFileSync(file, lines.map(line => `${line}\n`).join(''));
  return file;
}

function checks(foldsCase = false): Checks {
  return { pictures: new PictureChecks(new KnownPictures(), new DiskNames(), foldsCase) };
}

async function found(file: string, given = checks(), leaks?: Leaks): Promise<readonly string[]> {
  const codes: string[] = [];
  for await (const item of checkFile(file, given, None, leaks)) {
    if ('finding' in item) codes.push(`${item.number} ${item.finding.code}`);
    else for (const { code } of item.findings) codes.push(`${item.line.number} ${code}`);
  }
  return codes;
}

test('each picture is looked for where the line says, from the folder of the file', async () => {
  const inside = path.join(folder, 'shots', 'Cup.png');
  const cases: readonly (readonly [image: string, code: string | undefined])[] = [
    ['a.png', undefined],
    ['shots/Cup.png', undefined],
    ['shots/../a.png', undefined],
    ['missing.png', 'picture-missing'],
    ['', 'picture-missing'],
    ['a\u0000.png', 'picture-missing'],
    ['/nowhere/at/all.png', 'picture-missing'],
    ['C:\\Users\\me\\a.png', process.platform === 'win32' ? 'picture-missing' : 'picture-missing'],
    ['shots', 'picture-folder'],
    ['text.png', 'picture-unreadable'],
    ['shots/cup.PNG', 'picture-letter-case'],
    ['Shots/Cup.png', 'picture-letter-case'],
    [inside, 'picture-absolute'],
    [`file://${inside}`, 'picture-absolute'],
    [`../${path.basename(folder)}x/../${path.basename(folder)}/a.png`, undefined],
    ['\\\\server\\share\\a.png', 'picture-elsewhere'],
    ['//server/share/a.png', 'picture-elsewhere'],
    ['file://server/share/a.png', 'picture-elsewhere'],
    ['https://example.org/a.png', 'picture-address'],
    ['gs://bucket/a.png', 'picture-address'],
  ];
  const codes = (await found(setOf('places.jsonl', cases.map(([image]) => image)))).filter(code =>
    /picture/.test(code)
  );
  assert.deepEqual(codes, cases.flatMap(([, code], index) => (code === undefined ? [] : [`${index + 1} ${code}`])));
});

test('a picture outside of the folder is told even though it is there', async () => {
  mkdirSync(path.join(folder, 'sub'), { recursive: true });
  assert.deepEqual(await found(setOf('sub/set.jsonl', ['../a.png'])), ['1 picture-outside']);
});

test('a system that takes capital and small letters for one is not believed', async () => {
  const names = new DiskNames();
  assert.deepEqual(await names.written(folder, ['SHOTS', 'cup.png']), ['shots', 'Cup.png']);
  assert.deepEqual(await names.written(folder, ['shots', 'Cup.png']), ['shots', 'Cup.png']);
  assert.equal(await names.written(folder, ['shots', 'plate.png']), undefined);
  writeFileSync(path.join(folder, 'two.png'), png);
  writeFileSync(path.join(folder, 'TWO.png'), png);
  // Where both can be, which one is meant cannot be told.
  const both = await new DiskNames().written(folder, ['Two.png']);
  assert.ok(both === undefined || process.platform !== 'linux');
});

test('pictures of two parts are the same by place, by content, and by the name before augmenting', async () => {
  const hex = '0123456789abcdef0123456789abcdef';
  const train = setOf('_annotations.train.jsonl', ['a.png', 'other.png', `x_jpg.rf.${hex}.jpg`]);
  const valid = setOf('_annotations.valid.jsonl', [
    'copy.png',
    'shots/Cup.png',
    `x_jpg.rf.${hex.replace('0', '1')}.jpg`,
  ]);
  const given = checks();
  const sizes = new PictureSizes();
  for (const file of [train, valid]) await sizes.add(file, given.pictures, None);
  const leaks = { splits: new SplitChecks(), contents: new ContentHashes(bytes => sizes.isShared(bytes)) };
  assert.deepEqual((await found(train, given, leaks)).filter(code => code.includes('splits')), []);
  assert.deepEqual((await found(valid, given, leaks)).filter(code => code.includes('splits')), [
    '1 picture-in-two-splits',
    '3 picture-in-two-splits',
  ]);
});

test('tokens are counted for lines only that may be too long', async () => {
  const asked: string[] = [];
  const file = path.join(folder, 'long.jsonl');
  const suffixes = ['short', 'w '.repeat(30).trim(), 'a '.repeat(60).trim()];
  writeFileSync(
    file,
    suffixes.map((suffix, index) => `${JSON.stringify({ image: 'a.png', prefix: `p${index}`, suffix })}\n`).join(''),
  );
  const limits = {
    textLimit: 40,
    imageTokens: 256,
    count: (texts: readonly string[]) => {
      asked.push(...texts);
      return Promise.resolve(texts.map(text => text.split(' ').length));
    },
  };
  assert.deepEqual(await found(file, { ...checks(), limits }), ['3 too-long']);
  assert.deepEqual(asked.filter(text => text === 'short'), []);
});

test('lines that cannot be read are told and the others are judged', async () => {
  const file = path.join(folder, 'broken.jsonl');
  const good = JSON.stringify({ image: 'a.png', prefix: 'ocr', suffix: 'A' });
  writeFileSync(
    file,
    Buffer.concat([
      Buffer.from(`\ufeff${good}\r\n`),
      Buffer.from([0x7b, 0xff, 0x0a]),
      Buffer.alloc(17 * 2 ** 20, 'x'),
      Buffer.from(`\n${good}\n`),
    ]),
  );
  assert.deepEqual(await found(file), [
    '1 byte-order-mark',
    '1 carriage-return',
    '2 unreadable-line',
    '3 unreadable-line',
    '4 repeated-line',
  ]);
});

test('what the end of the file tells comes with its line', async () => {
  const file = path.join(folder, 'same.jsonl');
  const line = (index: number) => JSON.stringify({ image: 'a.png', prefix: `answer en ${index}`, suffix: 'no' });
  writeFileSync(file, Array.from({ length: 12 }, (_, index) => `${line(index)}\n`).join(''));
  assert.deepEqual(await found(file), ['1 one-suffix']);
});

test('a cancelled check ends', async () => {
  const source = new CancellationTokenSource();
  source.cancel();
  const lines = checkFile(setOf('cancelled.jsonl', ['a.png']), checks(), source.token);
  await assert.rejects(lines.next(), CancelledError);
});

test('a picture is looked at again once it was written, and no sooner than needed', async () => {
  let now = 0;
  const pictures = new KnownPictures(() => now);
  const place = path.join(folder, 'later.png');
  assert.equal((await pictures.facts(place)).state, 'missing');
  writeFileSync(place, png);
  assert.equal((await pictures.facts(place)).state, 'missing');
  now = 10_000;
  assert.equal((await pictures.facts(place)).state, 'picture');
});

test('a folder means the files of lines in it, and a file itself', async () => {
  const set = path.join(folder, 'set');
  mkdirSync(path.join(set, 'train'), { recursive: true });
  for (const name of ['train/annotations.jsonl', 'metadata.jsonl', 'notes.txt']) {
    writeFileSync(path.join(set, name), '');
  }
  if (process.platform !== 'win32') symlinkSync(set, path.join(set, 'circle'));
  const empty = path.join(folder, 'shots');
  const { files, missing, empty: without } = await findSetFiles([set, path.join(set, 'notes.txt'), empty, 'no-such']);
  assert.deepEqual(files.map(file => path.relative(set, file).split(path.sep).join('/')), [
    'metadata.jsonl',
    'train/annotations.jsonl',
    'notes.txt',
  ]);
  assert.deepEqual([missing, without], [['no-such'], [empty]]);
});
