import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { countPages, loadImage } from '../../../model-host/src/image/load';
import { countTiffPages, makeFirstPage } from '../../../model-host/src/image/tiffPages';
import { temporaryFolder } from '../../support/commandLine';

const folder = temporaryFolder();
after(() => folder.remove());

interface Order {
  readonly isBig: boolean;
  readonly isLittle: boolean;
}

/** A TIFF with one grey pixel a directory; those of the greys that `reduced` names say that they are smaller copies. */
function tiff(greys: readonly number[], { isBig, isLittle }: Order, reduced: readonly number[] = []): Buffer {
  const file = Buffer.alloc(16 + greys.length * 256);
  const write = (bytes: 2 | 4 | 8, value: number, at: number) => {
    if (bytes === 8) {
      if (isLittle) file.writeBigUInt64LE(BigInt(value), at);
      else file.writeBigUInt64BE(BigInt(value), at);
    } else if (isLittle) file.writeUIntLE(value, at, bytes);
    else file.writeUIntBE(value, at, bytes);
  };
  file.write(isLittle ? 'II' : 'MM', 'latin1');
  write(2, isBig ? 43 : 42, 2);
  if (isBig) write(2, 8, 4);
  write(isBig ? 8 : 4, 16, isBig ? 8 : 4);
  greys.forEach((grey, index) => {
    const at = 16 + index * 256;
    const pixel = at + 250;
    file[pixel] = grey;
    const type = reduced.includes(grey) ? 1 : 0;
    const entries = [[254, type], [256, 1], [257, 1], [258, 8], [259, 1], [262, 1], [273, pixel], [277, 1], [278, 1], [
      279,
      1,
    ]];
    write(isBig ? 8 : 2, entries.length, at);
    const [head, size] = isBig ? [8, 20] : [2, 12];
    entries.forEach(([tag = 0, value = 0], row) => {
      const entry = at + head + row * size;
      write(2, tag, entry);
      write(2, isBig ? 16 : 4, entry + 2);
      write(isBig ? 8 : 4, 1, entry + 4);
      write(isBig ? 8 : 4, value, entry + (isBig ? 12 : 8));
    });
    const isLast = index === greys.length - 1;
    write(isBig ? 8 : 4, isLast ? 0 : at + 256, at + head + entries.length * size);
  });
  return file;
}

for (const isBig of [false, true]) {
  for (const isLittle of [true, false]) {
    test(`${isBig ? 'BigTIFF' : 'TIFF'}, ${isLittle ? 'little' : 'big'} end first: each page is its own picture`, async () => {
      const place = path.join(folder.path, `${isBig}-${isLittle}.tif`);
      writeFileSync(place, tiff([10, 120, 250], { isBig, isLittle }));
      assert.equal(await countPages(place), 3);
      const found = await Promise.all(
        [place, `${place}#page=1`, `${place}#page=2`, `${place}#page=3`].map(each => loadImage(each)),
      );
      assert.deepEqual(found.map(({ data }) => data[0]), [10, 10, 120, 250]);
      assert.equal(found[0]?.sha256, found[1]?.sha256, 'the first page is the picture that the file always was');
      assert.equal(new Set(found.map(({ sha256 }) => sha256)).size, 3);
      await assert.rejects(loadImage(`${place}#page=4`), {
        reason: 'imageMissing',
        message: /has no page 4: it has 3/,
      });
    });
  }
}

test('smaller copies of a page are no pages', async () => {
  const place = path.join(folder.path, 'pyramid.tif');
  writeFileSync(place, tiff([10, 120, 130, 250], { isBig: false, isLittle: true }, [120, 130]));
  assert.equal(await countPages(place), 2);
  assert.equal((await loadImage(`${place}#page=2`)).data[0], 250);
});

test('a chain of pages that leads back to itself ends, and one that leads out of the file is damage', () => {
  const little = { isBig: false, isLittle: true };
  const circle = tiff([1, 2], little);
  circle.writeUInt32LE(16, 16 + 256 + 2 + 10 * 12);
  assert.equal(countTiffPages(circle), 2);
  assert.equal(makeFirstPage(circle, 3), false);
  const lost = tiff([1, 2], little);
  lost.writeUInt32LE(0xfffffff0, 16 + 2 + 10 * 12);
  assert.equal(countTiffPages(lost), 1);
  assert.throws(() => makeFirstPage(lost, 3), { name: 'PictureError' });
  for (const bytes of [Buffer.alloc(0), Buffer.from('II*\0'), Buffer.from('II*\0\x08\0\0\0')]) {
    assert.ok(countTiffPages(bytes) >= 1);
  }
});

test('of directories that claim thousands of entries a few bytes are looked at', () => {
  const [directories, entries] = [5_000, 4_095];
  const file = Buffer.alloc(16 + directories * 16 + 2 + entries * 12 + 4);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(16, 4);
  for (let index = 0; index < directories; index++) {
    const at = 16 + index * 16;
    file.writeUInt16LE(entries, at);
    file.writeUInt32LE(index + 1 === directories ? 0 : at + 16, at + 2 + entries * 12);
  }
  let reads = 0;
  const read = file.readUInt16LE.bind(file);
  file.readUInt16LE = offset => {
    reads++;
    return read(offset);
  };
  assert.equal(countTiffPages(file), directories);
  assert.ok(reads > 0 && reads < directories * 10, `${reads} reads`);
});
