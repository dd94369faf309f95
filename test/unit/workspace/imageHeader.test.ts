import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { loadImage } from '../../../model-host/src/image/load';
import { parseHeader, readHeader, SIZE_BYTES } from '../../../server/src/workspace/imageHeader';
import { seededRandom } from '../../support/seededRandom';
import { bmpFile } from '../image/bmpFiles';
import { tempFile } from '../image/support';

const plain = sharp({ create: { width: 37, height: 21, channels: 3, background: '#808080' } });

for (const format of ['png', 'jpeg', 'gif', 'webp', 'avif'] as const) {
  test(`${format}: the size stands in the header`, async () => {
    const bytes = await plain.clone().toFormat(format).toBuffer();
    assert.deepEqual(parseHeader(bytes), { isPicture: true, widthPx: 37, heightPx: 21 });
  });
}

test('a lossless WebP tells its size', async () => {
  assert.deepEqual(parseHeader(await plain.clone().webp({ lossless: true }).toBuffer()), {
    isPicture: true,
    widthPx: 37,
    heightPx: 21,
  });
});

test('a photograph that lies on its side is told upright', async () => {
  for (const [orientation, size] of [[3, [37, 21]], [6, [21, 37]], [8, [21, 37]]] as const) {
    const { widthPx, heightPx } = parseHeader(await plain.clone().withMetadata({ orientation }).jpeg().toBuffer());
    assert.deepEqual([widthPx, heightPx], size, `orientation ${orientation}`);
  }
});

const pictures = path.resolve('test/fixtures/pictures');
const reference = JSON.parse(readFileSync(path.join(pictures, 'reference.json'), 'utf8')) as Readonly<
  Record<string, { readonly widthPx?: number; readonly heightPx?: number }>
>;

for (const name of readdirSync(pictures).filter(each => !/\.(?:py|md|json)$/.test(each))) {
  test(`${name}: the header says the size that the decoded picture has`, async () => {
    const { isPicture, ...size } = await readHeader(path.join(pictures, name), SIZE_BYTES);
    assert.equal(isPicture, true);
    // What Pillow does not read has the size of the drawing.
    const { widthPx = 31, heightPx = 23 } = reference[name] ?? {};
    // Offsets of a BigTIFF are not followed, and JPEG-LS is not read.
    assert.deepEqual(size, ['big.tif', 'jpeg-ls.jpg'].includes(name) ? {} : { widthPx, heightPx });
  });
}

test('a bitmap of OS/2 has sides of two bytes', () => {
  const bytes = bmpFile({ widthPx: 37, heightPx: 21, bitsPerPixel: 24, valueAt: () => 0, header: 'core' });
  assert.deepEqual(parseHeader(bytes), { isPicture: true, widthPx: 37, heightPx: 21 });
});

test('an orientation that is stored as a byte counts, as it does for the decoder', async context => {
  const bytes = await plain.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const entry = ['\x12\x01\x03\0', '\x01\x12\0\x03'].map(each => bytes.indexOf(each, 0, 'latin1')).find(at => at >= 0)!;
  const isLittle = bytes[entry] === 0x12;
  bytes[entry + (isLittle ? 2 : 3)] = 1;
  bytes[entry + 8] = 6;
  const { widthPx, heightPx } = parseHeader(bytes);
  const decoded = await loadImage(await tempFile(context, 'byte.jpg', bytes));
  assert.deepEqual([widthPx, heightPx], [21, 37]);
  assert.deepEqual([widthPx, heightPx], [decoded.widthPx, decoded.heightPx]);
});

test('what turns a WebP is found behind pixels that are not read', async context => {
  const random = seededRandom(2);
  const noise = Buffer.from(Array.from({ length: 400 * 300 * 3 }, () => random.below(256)));
  const long = await sharp(noise, { raw: { width: 400, height: 300, channels: 3 } }).withMetadata({ orientation: 6 })
    .webp({ lossless: true }).toBuffer();
  assert.ok(long.length > SIZE_BYTES, String(long.length));
  const { widthPx, heightPx } = await readHeader(await tempFile(context, 'long.webp', long), SIZE_BYTES);
  assert.deepEqual([widthPx, heightPx], [300, 400]);
});

test('an AVIF is as large as its primary picture, cut out and turned by its own properties only', async () => {
  const upright = await plain.clone().avif().toBuffer();
  const turned = readFileSync(path.join(pictures, 'turned-6.avif'));
  const { widthPx, heightPx } = parseHeader(turned);
  assert.deepEqual([widthPx, heightPx], [23, 31]);
  // A larger extent that no picture claims changes nothing.
  const beside = Buffer.concat([upright, Buffer.from('\0\0\0\x14ispe\0\0\0\0\0\0\x7f\xff\0\0\x7f\xff', 'latin1')]);
  assert.deepEqual(parseHeader(beside), { isPicture: true, widthPx: 37, heightPx: 21 });
});

test('an SVG is known, without a size; other files are no pictures', () => {
  assert.deepEqual(parseHeader(Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>')), {
    isPicture: true,
  });
  for (
    const text of [
      '',
      'text',
      '<html>',
      '<!DOCTYPE html><svg></svg>',
      'version https://git-lfs.github.com/spec/v1\n',
      'P1 comes first',
    ]
  ) {
    assert.deepEqual(parseHeader(Buffer.from(text)), { isPicture: false });
  }
  assert.deepEqual(parseHeader(Buffer.alloc(64)), { isPicture: false });
  assert.deepEqual(
    parseHeader(Buffer.from('%PDF-1.7')),
    { isPicture: true },
    'its page says its size when it is drawn',
  );
});

test('cut and damaged files never throw', () => {
  const folder = path.resolve('test/fixtures/golden/images');
  const random = seededRandom(1);
  for (const name of readdirSync(folder).filter(each => /\.(png|jpe?g|webp|gif)$/.test(each))) {
    const bytes = readFileSync(path.join(folder, name)).subarray(0, 3000);
    for (let length = 0; length < Math.min(bytes.length, 200); length++) parseHeader(bytes.subarray(0, length));
    for (let round = 0; round < 200; round++) {
      const damaged = Buffer.from(bytes);
      for (let change = 0; change < 5; change++) damaged[random.below(damaged.length)] = random.below(256);
      parseHeader(damaged);
    }
  }
});
