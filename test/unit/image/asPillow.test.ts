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
  'grey-alpha-planes.tif': /its channels lie in separate planes\. Save it as PNG/,
  'ycbcr-planes.tif': /its channels lie in separate planes\. Save it as PNG/,
  'jpeg-planes-in-tiles.tif': /its channels lie in separate planes\. Save it as PNG/,
  '12bit.jpg': /it has 12 bits a sample\. Save it as PNG/,
  'jpeg-ls.jpg': /it is JPEG-LS\. Save it as PNG/,
};
/** Greys that Pillow would show as white or as black nearly everywhere. docs/accuracy.md names them. */
const ownWay: readonly string[] = [
  'grey16.tif',
  'grey12-in16.tif',
  'grey10-told.tif',
  'unit-float.tif',
  'grey16.png',
  'grey12-in16.png',
  'grey16.pgm',
];
/** Decoded by another library than Pillow's, up to one level apart. docs/accuracy.md says more. */
const almost = /(?<!narrow-grey)\.avif$|\.heic$/;
const pictures = readdirSync(folder).filter(name => !/\.(?:py|md|json)$/.test(name));

for (
  const name of pictures.filter(each => refused[each] === undefined && !ownWay.includes(each) && !almost.test(each))
) {
  test(`${name} has the pixels that Pillow gives it`, async () => {
    const { data, widthPx, heightPx } = await loadImage(file(name));
    assert.deepEqual({ widthPx, heightPx, sha256: sha256(data) }, reference[name]);
  });
}

for (const [name, message] of Object.entries(refused)) {
  test(`${name} is refused, and the sentence names what is not read`, async () => {
    await assert.rejects(loadImage(file(name)), { name: 'Failure', reason: 'imageUnsupported', message });
  });
}

for (const name of ownWay) {
  test(`${name} has the greys of the drawing, whichever bits they stand in`, async () => {
    assert.equal(sha256((await loadImage(file(name))).data), reference.drawing.grey);
  });
}

/** Compressions, in strips and in tiles, and other kinds, by pictures of which the second half is pixels. */
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
  'raw.pbm',
  'text.pbm',
  'raw.pgm',
  'text-100.pgm',
  'raw-1023.ppm',
  'raw.tga',
  'runs.tga',
  'palette.tga',
  'transparent.gif',
  'interlaced.gif',
];

for (const name of compressed) {
  test(`${name} is refused where it is cut off`, async context => {
    const whole = readFileSync(file(name));
    for (const share of [0.6, 0.8, 0.95]) {
      const cut = await tempFile(context, name, whole.subarray(0, Math.floor(whole.length * share)));
      await assert.rejects(loadImage(cut), {
        name: 'Failure',
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
    await assert.rejects(loadImage(damaged), { name: 'Failure', reason: 'imageUnreadable' });
  });
}

test('a GIF is refused where its codes make no sense, whichever bytes they are overwritten with', async context => {
  const whole = readFileSync(file('interlaced.gif'));
  for (const byte of [0x00, 0xff]) {
    const bytes = Buffer.from(whole);
    bytes.fill(byte, Math.floor(bytes.length * 0.6), Math.floor(bytes.length * 0.6) + 40);
    await assert.rejects(loadImage(await tempFile(context, 'damaged.gif', bytes)), { reason: 'imageUnreadable' });
  }
});

test('a GIF without a frame, or with one that has no pixels, is refused', async context => {
  const whole = readFileSync(file('part-of-screen.gif'));
  const withoutFrame = await tempFile(context, 'a.gif', Buffer.concat([whole.subarray(0, 25), Buffer.from(';')]));
  await assert.rejects(loadImage(withoutFrame), { reason: 'imageUnreadable', message: /it holds no frame/ });
  const empty = Buffer.from(whole);
  empty.writeUInt16LE(0, 30);
  await assert.rejects(loadImage(await tempFile(context, 'b.gif', empty)), { message: /has no pixels/ });
});

test('a thumbnail shows white behind a transparent GIF', async context => {
  const small = await writeThumbnail(
    { imagePath: file('part-of-screen-transparent.gif'), maxSidePx: 16 },
    await tempFolder(context),
  );
  const { data } = await loadImage(small.path);
  assert.deepEqual([...data.subarray(0, 3)], [255, 255, 255]);
});

test('an animated AVIF is read as its first picture', async () => {
  const [still, animation] = await Promise.all([
    loadImage(file('six-channels.tif')),
    loadImage(file('animation.avif')),
  ]);
  const distance = animation.data.reduce((sum, level, at) => sum + Math.abs(level - still.data[at]!), 0);
  assert.ok(distance / still.data.length < 4, `${distance / still.data.length} levels apart`);
});

test('a JPEG with a marker that means nothing is refused, unless the search for a restart passes over it', async context => {
  const bytes = Buffer.from(readFileSync(file('damaged.jpg')));
  bytes.fill(0xff, bytes.length - 300, bytes.length - 290);
  bytes[bytes.length - 290] = 0x5a;
  await assert.rejects(loadImage(await tempFile(context, 'marker.jpg', bytes)), {
    reason: 'imageUnreadable',
    message: /the marker FF 5a in it means nothing/,
  });
  const interval = Buffer.from([0xff, 0xdd, 0, 4, 0, 9]);
  const restarts = Buffer.concat([bytes.subarray(0, 2), interval, bytes.subarray(2)]);
  await assert.rejects(loadImage(await tempFile(context, 'last.jpg', restarts)), { reason: 'imageUnreadable' });
  restarts.writeUInt16BE(0xffd0, restarts.length - 200);
  await loadImage(await tempFile(context, 'restarts.jpg', restarts));
});

test('a PNG is refused where the checksum of a chunk before its pixels is wrong', async context => {
  const bytes = Buffer.from(readFileSync(file('turned-6.png')));
  const exif = bytes.indexOf('eXIf', 0, 'latin1');
  bytes[exif + 4 + bytes.readUInt32BE(exif - 4)]! ^= 1;
  await assert.rejects(loadImage(await tempFile(context, 'sum.png', bytes)), {
    reason: 'imageUnreadable',
    message: /the checksum of its chunk eXIf is wrong/,
  });
});

test('a TIFF of palette colours without a palette is refused', async context => {
  const bytes = Buffer.from(readFileSync(file('palette.tif')));
  bytes.writeUInt16LE(65_000, bytes.indexOf(Buffer.from([320 & 255, 320 >> 8, 3, 0])));
  await assert.rejects(loadImage(await tempFile(context, 'palette.tif', bytes)), { message: /its palette is missing/ });
});

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

const wrong: readonly (readonly [string, string, RegExp])[] = [
  ['PGM of no width', 'P5 0 4 255\n0000', /width or height is zero/],
  ['PGM whose white is 0', 'P5 1 1 0\n0', /its white is 0/],
  ['PGM whose white is too large', 'P5 1 1 65536\n0', /its white is 65536/],
  ['PGM with a value beyond white', 'P2 2 1 9\n1 10', /it holds 10, and its white is 9/],
  ['PGM with a word in it', 'P2 2 1 9\n1 x2', /something else than a number/],
  ['PGM with a number that does not end', `P2 2 1 9\n1 ${'0'.repeat(40)}`, /too many digits/],
  ['PBM with a 2 in it', 'P1 2 1\n0 2', /something else than 0 and 1/],
  ['PPM without its pixels', 'P3 16383 16383 255\n1 2 3', /it ends after 24 of/],
];
for (const [what, content, message] of wrong) {
  test(`a ${what} is refused`, async context => {
    await assert.rejects(loadImage(await tempFile(context, 'wrong.ppm', content)), {
      reason: 'imageUnreadable',
      message,
    });
  });
}

test('a Targa of a depth that is not read is refused by it, text that begins like a PBM is text', async context => {
  const bytes = Buffer.from(readFileSync(file('palette.tga')));
  bytes[16] = 16;
  await assert.rejects(loadImage(await tempFile(context, 'deep.tga', bytes)), {
    reason: 'imageUnsupported',
    message: /it has 16 bits a pixel\. Save it as PNG/,
  });
  await assert.rejects(loadImage(await tempFile(context, 'note.txt', 'P1 comes first')), { message: /is a text file/ });
});

test('a Targa and a PPM that claim more pixels than are read are refused from their headers', async context => {
  const tga = Buffer.from(readFileSync(file('raw.tga')));
  tga.writeUInt16LE(0xffff, 12);
  tga.writeUInt16LE(0xffff, 14);
  await assert.rejects(loadImage(await tempFile(context, 'huge.tga', tga)), { reason: 'imageTooLarge' });
  await assert.rejects(loadImage(await tempFile(context, 'huge.ppm', 'P6 90000 90000 255\n')), {
    reason: 'imageTooLarge',
  });
});

test('a thumbnail is made of a PPM and of a Targa', async context => {
  const cache = await tempFolder(context);
  for (const name of ['raw.ppm', 'runs.tga']) {
    const { widthPx, heightPx } = await writeThumbnail({ imagePath: file(name), maxSidePx: 16 }, cache);
    assert.deepEqual([widthPx, heightPx], [31, 23]);
  }
});
