import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CancellationToken } from 'vscode-jsonrpc/node';
import type { FailureReason } from '../../../../paligemma/src/failures';
import { namedPictures, namesIn, type PictureWords } from '../../../../server/src/cli/pictures/namedPictures';
import { UsageError } from '../../../../server/src/cli/terminal/options';
import { temporaryFolder } from '../../../support/temporary';

const folder = temporaryFolder('named');
const place = (...names: string[]) => path.join(folder, ...names);
before(() => {
  for (
    const name of ['shots/10.png', 'shots/9.png', 'shots/below/1.JPG', 'shots/.git/2.png', 'shots/note.txt', 'a[1].png']
  ) {
    mkdirSync(path.dirname(place(name)), { recursive: true });
    writeFileSync(place(name), 'x');
  }
});

const find = (words: readonly string[], more: Omit<PictureWords, 'words'> = {}) =>
  namedPictures({ words, ...more }, CancellationToken.None);
const imagesOf = async (words: readonly string[], more: Omit<PictureWords, 'words'> = {}) =>
  (await find(words, more)).pictures.map(({ image }) => image);

test('a name is a picture, there or not, as it was given', async () => {
  const { pictures, isOpen } = await find(['media/samples/01.png', './nothing.png']);
  assert.deepEqual(pictures, [
    { image: 'media/samples/01.png', imagePath: path.resolve('media/samples/01.png') },
    { image: './nothing.png', imagePath: path.resolve('nothing.png') },
  ]);
  assert.equal(isOpen, false);
});

test('a pattern that no shell has expanded is, relative where it was, and tells that their number may change', async () => {
  const { pictures, isOpen } = await find(['media/samples/0[12].png']);
  const names = [path.join('media', 'samples', '01.png'), path.join('media', 'samples', '02.png')];
  assert.deepEqual(pictures, names.map(name => ({ image: name, imagePath: path.resolve(name) })));
  assert.equal(isOpen, true);
  assert.deepEqual(await imagesOf([place('shots', '*.png')]), [place('shots', '10.png'), place('shots', '9.png')]);
});

test('a file whose name looks like a pattern is that file', async () => {
  const { pictures, isOpen } = await find([place('a[1].png')]);
  assert.deepEqual(pictures.map(({ imagePath }) => imagePath), [place('a[1].png')]);
  assert.equal(isOpen, false);
});

test('a file: URL is the file, shown as it was given', async () => {
  const url = pathToFileURL(place('shots', '9.png')).href;
  assert.deepEqual((await find([url])).pictures, [{ image: url, imagePath: place('shots', '9.png') }]);
});

test('a folder with --recursive is its pictures and those below, in the order of numbers, without what versions keep', async () => {
  const { pictures, isOpen } = await find([place('shots')], { isRecursive: true });
  assert.deepEqual(pictures.map(({ imagePath }) => imagePath), [
    place('shots', '9.png'),
    place('shots', '10.png'),
    place('shots', 'below', '1.JPG'),
  ]);
  assert.equal(isOpen, true);
  const [first] = await imagesOf(['media/samples'], { isRecursive: true });
  assert.equal(first, path.join('media', 'samples', '01.png'));
});

const refused: readonly (readonly [word: string, isRecursive: boolean, reason: FailureReason, says: RegExp])[] = [
  ['https://example.org/a.png', false, 'badArgument', /not fetched. Download it/],
  ['data:image/png;base64,AAAA', false, 'badArgument', /not fetched/],
  ['media/samples', false, 'imageUnsupported', /--recursive.*\*\.png/],
  ['docs/guides', true, 'imageMissing', /no picture in the folder/],
  ['media/samples/zz*.png', false, 'imageMissing', /pattern/],
];
for (const [word, isRecursive, reason, says] of refused) {
  test(`${word}${isRecursive ? ' with --recursive' : ''} fails in its turn, and says why: ${reason}`, async () => {
    const { pictures } = await find([word, 'media/samples/01.png'], { isRecursive });
    assert.deepEqual(pictures.map(({ failure }) => failure?.reason), [reason, undefined]);
    assert.equal(pictures[0]?.image, word);
    assert.match(pictures[0]?.failure?.message ?? '', says);
  });
}

test('a list names pictures behind those of the command line; nothing in it is a pattern', async () => {
  const list = place('list.txt');
  writeFileSync(list, Buffer.from('\ufeffmedia/samples/02.png\r\n\r\nmedia/samples/0*.png\n', 'utf16le'));
  const { pictures, isOpen } = await find(['media/samples/01.png'], { listWord: list });
  assert.deepEqual(pictures.map(({ image }) => image), [
    'media/samples/01.png',
    'media/samples/02.png',
    'media/samples/0*.png',
  ]);
  assert.equal(isOpen, true);
  assert.deepEqual(namesIn('a\nb\0c.png\0'), ['a\nb', 'c.png'], 'with NUL a line break is part of a name');
});

test('what cannot be meant is a mistake of usage', async () => {
  const empty = place('empty.txt');
  writeFileSync(empty, '\n');
  await assert.rejects(find(['']), UsageError);
  await assert.rejects(find(['-', '-']), UsageError);
  await assert.rejects(find(['-'], { listWord: '-' }), UsageError);
  await assert.rejects(find([], { listWord: '' }), UsageError);
  await assert.rejects(find([], { listWord: empty }), UsageError);
  await assert.rejects(find([], { listWord: place('no list') }), /There is no list at .*no list\. Check the path\./);
});
