import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../paligemma/src/failures';
import { withPages } from '../../../server/src/cli/pictures/documentPages';
import type { NamedPicture } from '../../../server/src/cli/pictures/namedPictures';

/** What becomes of pictures; a document has as many pages as `counts` says, and cannot be opened where it says none. */
async function expanded(pictures: readonly NamedPicture[], counts: Readonly<Record<string, number>> = {}) {
  const notes: string[] = [];
  const found = await withPages({ pictures, isOpen: false, base: '/a' }, {
    count: file => {
      const count = counts[file];
      return count === undefined ? Promise.reject(new Failure('imageUnreadable', 'No.')) : Promise.resolve(count);
    },
    note: line => notes.push(line),
  });
  return { ...found, notes };
}

const named = (image: string): NamedPicture => ({ image, imagePath: `/a/${image}` });
const images = ({ pictures }: { readonly pictures: readonly NamedPicture[] }) => pictures.map(({ image }) => image);

test('each page is a picture where its document stood, and others stay as they are', async () => {
  const found = await expanded([named('1.png'), named('b.pdf'), named('2.png')], { '/a/b.pdf': 2 });
  assert.deepEqual(images(found), ['1.png', 'b.pdf#page=1', 'b.pdf#page=2', '2.png']);
  assert.deepEqual(found.pictures[1]?.imagePath, '/a/b.pdf#page=1');
  assert.deepEqual(found.notes, ['b.pdf has 2 pages.']);
});

test('pages that are named are not counted, and one of them is one answer', async () => {
  const found = await expanded([named('b.pdf#page=2-3'), named('c.pdf#page=9')]);
  assert.deepEqual(images(found), ['b.pdf#page=2', 'b.pdf#page=3', 'c.pdf#page=9']);
  assert.equal(found.isOpen, false);
});

test('how many pages a PDF has today never decides over columns; a TIFF with one picture stays one', async () => {
  assert.equal((await expanded([named('b.pdf')], { '/a/b.pdf': 1 })).isOpen, true);
  const single = await expanded([named('s.tif')], { '/a/s.tif': 1 });
  assert.deepEqual([images(single), single.isOpen], [['s.tif'], false]);
  const several = await expanded([named('s.tif')], { '/a/s.tif': 2 });
  assert.deepEqual([images(several), several.isOpen], [['s.tif#page=1', 's.tif#page=2'], true]);
});

test('a document that cannot be opened stays for its run to say why', async () => {
  assert.deepEqual(images(await expanded([named('b.pdf'), named('c.pdf#page=3-')])), ['b.pdf', 'c.pdf#page=3-']);
});

test('of a long document the first 200 pages run, and a sentence names the others', async () => {
  for (
    const [picture, cure] of [['b.pdf', 'b.pdf#page=201-400'], ['b.pdf#page=5-999', 'b.pdf#page=205-404']] as const
  ) {
    const { pictures } = await expanded([named(picture)], { '/a/b.pdf': 1_000_000 });
    assert.equal(pictures.length, 201);
    const { failure } = pictures[200] ?? {};
    assert.match(failure?.message ?? '', /more than 200 pages; the first 200 are run\./);
    assert.ok(failure?.message.includes(cure), failure?.message);
  }
});
