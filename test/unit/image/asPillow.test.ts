// Pictures in the colour spaces, depths and compressions that programs write: each is what Pillow makes of it, or is
// refused by a sentence that names what is not read. test/fixtures/pictures says where they come from.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { loadImage } from '../../../model-host/src/image/load';
import { writeThumbnail } from '../../../model-host/src/image/thumbnail';
import { sha256, tempFile, tempFolder } from './support';

const folder = path.resolve('test/fixtures/pictures');
const file = (name: string) => path.join(folder, name);

interface Reference {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sha256: string;
}

const reference = JSON.parse(readFileSync(file('reference.json'), 'utf8')) as
  & Readonly<Record<string, Reference>>
  & { readonly drawing: { readonly rgb: string; readonly grey: string } };

/** What is not read here, and what the sentence calls it. */
const refused: Readonly<Record<string, RegExp>> = {
  'zstd.tif': /its compression is ZSTD\. Save it as PNG/,
  'lzma.tif': /its compression is LZMA\. Save it as PNG/,
  'jpeg2000.tif': /its compression is JPEG 2000\. Save it as PNG/,
  'lab.tif': /its colours are CIELab\. Save it as PNG/,
  'float-rgb.tif': /it has 3 × 32 bits of floating point a pixel\. Save it as PNG/,
  'half.tif': /it has 16 bits of floating point a pixel\. Save it as PNG/,
};
/** Greys that Pillow would show as white or as black nearly everywhere. docs/accuracy.md names them. */
const ownWay: readonly string[] = [
  'grey16.tif',
  'grey12-in16.tif',
  'grey10-told.tif',
  'unit-float.tif',
  'grey16.png',
  'grey12-in16.png',
];
const pictures = readdirSync(folder).filter(name => !/\.(?:py|md|json)$/.test(name));

for (const name of pictures.filter(each => refused[each] === undefined && !ownWay.includes(each))) {
  test(`${name} has the pixels that Pillow gives it`, async () => {
    const { data, widthPx, heightPx } = await loadImage(file(name));
    assert.deepEqual({ widthPx, heightPx, sha256: sha256(data) }, reference[name]);
  });
}

for (const [name, message] of Object.entries(refused)) {
  test(`${name} is refused, and the sentence names what is not read`, async () => {
    await assert.rejects(loadImage(file(name)), { name: 'HostError', reason: 'imageUnsupported', message });
  });
}

for (const name of ownWay) {
  test(`${name} has the greys of the drawing, whichever bits they stand in`, async () => {
    assert.equal(sha256((await loadImage(file(name))).data), reference.drawing.grey);
  });
}

/** Compressions, in strips and in tiles, by pictures of which the second half is pixels. */
const compressed = [
  'ycbcr-raw.tif',
  'ycbcr-lzw.tif',
  'ycbcr-deflate.tif',
  'cmyk16-raw.tif',
  'cmyk16-lzw.tif',
  'cmyk16-deflate.tif',
  'planes.tif',
  'planes-in-tiles.tif',
  'jpeg-420.tif',
];

for (const name of compressed) {
  test(`${name} is refused where it is cut off: a strip or tile that cannot be decoded is a failure`, async context => {
    const whole = readFileSync(file(name));
    for (const share of [0.6, 0.8, 0.95]) {
      const cut = await tempFile(context, name, whole.subarray(0, Math.floor(whole.length * share)));
      await assert.rejects(loadImage(cut), {
        name: 'HostError',
        reason: 'imageUnreadable',
        message: /cut off or damaged/,
      });
    }
  });
}

for (const name of ['ycbcr-lzw.tif', 'ycbcr-deflate.tif', 'cmyk16-lzw.tif', 'cmyk16-deflate.tif']) {
  test(`${name} is refused where bytes of a strip or tile are damaged`, async context => {
    const bytes = Buffer.from(readFileSync(file(name)));
    bytes.fill(0x5a, Math.floor(bytes.length * 0.5), Math.floor(bytes.length * 0.5) + 40);
    const damaged = await tempFile(context, name, bytes);
    await assert.rejects(loadImage(damaged), { name: 'HostError', reason: 'imageUnreadable' });
  });
}

test('a thumbnail of damaged tiles is refused like the picture', async context => {
  const folderOfCache = await tempFolder(context);
  const whole = readFileSync(file('cmyk16-deflate.tif'));
  const cut = await tempFile(context, 'cut.tif', whole.subarray(0, Math.floor(whole.length * 0.8)));
  await assert.rejects(writeThumbnail({ imagePath: cut, maxSidePx: 16 }, folderOfCache), { reason: 'imageUnreadable' });
});

test('tiles that cannot make up their picture are refused before their pixels are allocated', async context => {
  const bytes = Buffer.from(readFileSync(file('big.tif')));
  const tileWidth = bytes.indexOf(Buffer.from([322 & 255, 322 >> 8, 3, 0]));
  bytes.writeUInt16LE(0x6000, tileWidth + 12);
  bytes.writeUInt16LE(0x6000, tileWidth + 32); // the length of a tile follows its width
  await assert.rejects(loadImage(await tempFile(context, 'tiles.tif', bytes)), { reason: 'imageUnreadable' });
});
