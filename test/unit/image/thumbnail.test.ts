import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { writeThumbnail } from '../../../model-host/src/image/thumbnail';
import { greyPng } from '../../../model-host/src/image/png';
import { blackPng } from '../../support/badPictures';
import { failureOf } from '../../support/temporary';
import { golden, sha256, tempFile, tempFolder } from './support';

const photo = golden('images/photo.png'); // 330 × 220

async function pixelsOf(file: string) {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return {
    width: info.width,
    height: info.height,
    at: (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)],
  };
}

test('a large picture becomes small, its size and hash are told, and the second call finds the file', async context => {
  const cache = await tempFolder(context);
  const first = await writeThumbnail({ imagePath: photo, maxSidePx: 100 }, cache);
  assert.deepEqual([first.widthPx, first.heightPx, first.sha256], [330, 220, sha256(await readFile(photo))]);
  assert.ok(first.path.startsWith(path.join(cache, 'thumbnails')));
  const { width, height } = await pixelsOf(first.path);
  assert.deepEqual([width, height], [100, 67]);
  const before = await stat(first.path);
  assert.deepEqual(await writeThumbnail({ imagePath: photo, maxSidePx: 100 }, cache), first);
  assert.equal((await stat(first.path)).mtimeMs, before.mtimeMs);
  assert.deepEqual(await readdir(path.dirname(first.path)), [path.basename(first.path)], 'nothing else is left there');
});

test('a small picture stays as it is', async context => {
  const { path: file, widthPx, heightPx } = await writeThumbnail({
    imagePath: golden('images/one-pixel.png'),
    maxSidePx: 100,
  }, await tempFolder(context));
  const { width, height } = await pixelsOf(file);
  assert.deepEqual([width, height, widthPx, heightPx], [1, 1, 1, 1]);
});

test('the EXIF orientation is applied, to the size too', async context => {
  const upright = await sharp(golden('images/exif-6.jpg')).autoOrient().toBuffer({ resolveWithObject: true });
  const { widthPx, heightPx } = await writeThumbnail(
    { imagePath: golden('images/exif-6.jpg'), maxSidePx: 50 },
    await tempFolder(context),
  );
  assert.deepEqual([widthPx, heightPx], [upright.info.width, upright.info.height]);
});

for (
  const name of [
    'animated.gif',
    'bilevel.png',
    'cmyk.jpg',
    'gray-16.png',
    'lossless-alpha.webp',
    'palette-transparent.png',
    'photo.bmp',
    'photo.tiff',
    'rgb-16.png',
    'very-tall.png',
    'very-wide.png',
    'photo-444-progressive.jpg',
  ]
) {
  test(`${name} is read`, async context => {
    const { path: file, widthPx, heightPx } = await writeThumbnail(
      { imagePath: golden('images', name), maxSidePx: 64 },
      await tempFolder(context),
    );
    const { width, height } = await pixelsOf(file);
    assert.ok(width <= 64 && height <= 64 && widthPx >= width && heightPx >= height);
    assert.ok(width === 64 || height === 64 || (width === widthPx && height === heightPx));
  });
}

test('a picture of 20,000 × 20,000 pixels, more than a run reads, gets a thumbnail', async context => {
  const file = path.join(await tempFolder(context), 'huge.png');
  blackPng(file, 20_000);
  const { path: small, widthPx, heightPx } = await writeThumbnail(
    { imagePath: file, maxSidePx: 64 },
    await tempFolder(context),
  );
  const { width, height, at } = await pixelsOf(small);
  assert.deepEqual([widthPx, heightPx, width, height], [20_000, 20_000, 64, 64]);
  assert.deepEqual(at(32, 32), [0, 0, 0]);
});

test('SVG is drawn on white; AVIF is read', async context => {
  const cache = await tempFolder(context);
  const svg = await tempFile(
    context,
    'a.svg',
    '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200"><rect x="200" width="200" height="200" fill="#f00"/></svg>',
  );
  const drawn = await writeThumbnail({ imagePath: svg, maxSidePx: 100 }, cache);
  const { width, height, at } = await pixelsOf(drawn.path);
  assert.deepEqual([width, height, drawn.widthPx, drawn.heightPx], [100, 50, 400, 200]);
  assert.deepEqual([at(10, 25), at(90, 25)], [[255, 255, 255], [255, 0, 0]]);
  const avif = await tempFile(context, 'a.avif', await sharp(photo).avif({ effort: 0 }).toBuffer());
  assert.equal((await writeThumbnail({ imagePath: avif, maxSidePx: 100 }, cache)).widthPx, 330);
});

test('a picture 20,000 pixels wide gets a thumbnail that fits', async context => {
  const wide = await tempFile(
    context,
    'wide.png',
    await sharp({ create: { width: 20_000, height: 10, channels: 3, background: 'red' } }).png().toBuffer(),
  );
  const { path: file, widthPx } = await writeThumbnail({ imagePath: wide, maxSidePx: 200 }, await tempFolder(context));
  assert.equal(widthPx, 20_000);
  assert.deepEqual([(await pixelsOf(file)).width, (await pixelsOf(file)).height], [200, 1]);
});

test('boxes and masks are drawn at their place in the small picture', async context => {
  const cache = await tempFolder(context);
  const imagePath = await tempFile(
    context,
    'white.png',
    await sharp({ create: { width: 400, height: 200, channels: 3, background: 'white' } }).png().toBuffer(),
  );
  const mask = new Uint8Array(400 * 200);
  for (let y = 100; y < 200; y++) mask.fill(255, y * 400 + 200, y * 400 + 400);
  const regions = [{
    label: '',
    box: { x1: 200, y1: 100, x2: 400, y2: 200 },
    mask: { width: 400, height: 200, png: (await greyPng(mask, 400, 200)).toString('base64') },
  }];
  const drawn = await writeThumbnail({ imagePath, maxSidePx: 100, regions }, cache);
  const { at, width } = await pixelsOf(drawn.path);
  assert.equal(width, 100);
  assert.notDeepEqual(at(75, 38), [255, 255, 255], 'inside of the mask');
  assert.deepEqual(at(25, 12), [255, 255, 255], 'outside');
  const plain = await writeThumbnail({ imagePath, maxSidePx: 100 }, cache);
  assert.notEqual(plain.path, drawn.path);
  assert.deepEqual(await writeThumbnail({ imagePath, maxSidePx: 100, regions }, cache), drawn);
});

test('what is no picture gets a sentence, and nothing is written', async context => {
  const cache = await tempFolder(context);
  const damaged = await tempFile(context, 'cut.png', (await readFile(photo)).subarray(0, 500));
  const cases = [
    [path.join(cache, 'missing.png'), 'imageMissing'],
    [await tempFile(context, 'empty.png', ''), 'imageEmpty'],
    [await tempFile(context, 'a.png', 'just text'), 'imageUnreadable'],
    [await tempFile(context, 'a.pdf', '%PDF-1.4'), 'imageUnreadable'],
    [damaged, 'imageUnreadable'],
    [cache, 'imageUnsupported'],
  ] as const;
  for (const [imagePath, reason] of cases) {
    assert.equal((await failureOf(writeThumbnail({ imagePath, maxSidePx: 100 }, cache))).reason, reason, imagePath);
  }
  for (const maxSidePx of [0, 15, 2049, 1.5, Number.NaN]) {
    assert.equal((await failureOf(writeThumbnail({ imagePath: photo, maxSidePx }, cache))).reason, 'badArgument');
  }
  assert.deepEqual(await readdir(cache), []);
});

test('a cache that cannot be written to fails the thumbnail', async context => {
  const file = await tempFile(context, 'cache', '');
  assert.equal((await failureOf(writeThumbnail({ imagePath: photo, maxSidePx: 100 }, file))).reason, 'fileUnwritable');
});

test('a thumbnail that is cancelled before it starts is not written', async context => {
  const cache = path.join(await tempFolder(context), 'cache');
  await mkdir(cache);
  await copyFile(photo, path.join(cache, 'photo.png'));
  await assert.rejects(writeThumbnail({ imagePath: photo, maxSidePx: 100 }, cache, AbortSignal.abort()), {
    name: 'AbortError',
  });
  await writeFile(path.join(cache, 'after'), '');
  assert.deepEqual((await readdir(cache)).sort(), ['after', 'photo.png']);
});
