import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import sharp from 'sharp';
import { loadPart, openPicture } from '../../../model-host/src/engines/picture';
import { loadImage } from '../../../model-host/src/image/load';
import { PartedPictures } from '../../../model-host/src/image/partedPictures';
import { blankLines, cropped, isBlankPart } from '../../../model-host/src/image/parts';
import { planParts } from '../../../model-host/src/image/planParts';
import { pixelValues } from '../../../model-host/src/image/preprocess';
import type { TilesParams } from '../../../model-host/src/contract/protocol';
import { failureOf } from '../../support/temporary';
import { golden, tempFile, tempFolder } from './support';

const signal = new AbortController().signal;
const photo = golden('images/photo.png'); // 330 × 220

/** White, with black bars. */
async function barsOn(
  widthPx: number,
  heightPx: number,
  bars: readonly { left: number; top: number; width: number; height: number }[],
) {
  const layers = bars.map(({ left, top, width, height }) => ({
    input: { create: { width, height, channels: 3 as const, background: 'black' } },
    left,
    top,
  }));
  return sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: 'white' } }).composite(layers)
    .png().toBuffer();
}

async function planOf(
  context: TestContext,
  bytes: Buffer,
  tiles: TilesParams['tiles'],
  { resolutionPx = 224, kind = 'text' }: Partial<Pick<TilesParams, 'resolutionPx' | 'kind'>> = {},
) {
  const imagePath = await tempFile(context, 'a.png', bytes);
  return planParts(await loadImage(imagePath), { imagePath, tiles, resolutionPx, kind, takesTextLayer: false }, signal);
}

test('a part is the pixels of the picture at its place', async () => {
  const image = await loadImage(photo);
  const part = cropped(image, { x1: 20, y1: 30, x2: 120, y2: 90 });
  const expected = await sharp(photo).removeAlpha().extract({ left: 20, top: 30, width: 100, height: 60 }).raw()
    .toBuffer();
  assert.deepEqual([part.widthPx, part.heightPx, part.sha256], [100, 60, image.sha256]);
  assert.ok(expected.equals(part.data));
  assert.ok(Buffer.from(image.data).equals(cropped(image, { x1: 0, y1: 0, x2: 330, y2: 220 }).data));
});

test('a part is squeezed to the square as a picture of its own would be', async context => {
  const box = { x1: 20, y1: 30, x2: 120, y2: 90 };
  const alone = await tempFile(
    context,
    'part.png',
    await sharp(photo).extract({ left: 20, top: 30, width: 100, height: 60 }).png().toBuffer(),
  );
  const expected = await pixelValues(await loadImage(alone), 56);
  for (const resolutionPx of [undefined, 56]) {
    const picture = await openPicture({ imagePath: photo, crop: box }, resolutionPx, new PartedPictures(), signal);
    assert.deepEqual([picture.widthPx, picture.heightPx], [330, 220], 'the picture, not the part');
    assert.deepEqual(await picture.pixelValues(56, signal), expected);
  }
});

test('features of a part are kept by content and place', async context => {
  const parts = new PartedPictures();
  const copy = await tempFile(context, 'copy.png', await sharp(photo).png().toBuffer());
  const keyOf = async (imagePath: string, crop?: { x1: number; y1: number; x2: number; y2: number }) =>
    (await loadPart({ imagePath, ...(crop && { crop }) }, parts, signal)).contentKey;
  const keys = [
    await keyOf(photo),
    await keyOf(photo, { x1: 0, y1: 0, x2: 330, y2: 220 }),
    await keyOf(photo, { x1: 0, y1: 0, x2: 330, y2: 110 }),
    await keyOf(copy, { x1: 0, y1: 0, x2: 330, y2: 110 }),
  ];
  assert.equal(new Set(keys).size, 4);
  assert.equal(await keyOf(photo, { x1: 0, y1: 0, x2: 330, y2: 110 }), keys[2]);
  assert.equal(keys[0], (await loadImage(photo)).sha256);
});

test('a picture whose parts are asked for is decoded once, and anew where its file has been written', async context => {
  const file = path.join(await tempFolder(context), 'a.png');
  await writeFile(file, await barsOn(60, 40, []));
  const parts = new PartedPictures();
  const first = await parts.load(file, signal);
  assert.equal(await parts.load(file, signal), first);
  await writeFile(file, await barsOn(50, 40, []));
  assert.equal((await parts.load(file, signal)).widthPx, 50);
  const { reason, message } = await failureOf(
    loadPart({ imagePath: file, crop: { x1: 40, y1: 0, x2: 60, y2: 40 } }, parts, signal),
  );
  assert.equal(reason, 'imageUnreadable');
  assert.match(message, /changed while its parts were read. Run it again\.$/);
});

test('pictures whose parts are asked for in turn are each decoded once', async context => {
  const folder = await tempFolder(context);
  const files = [path.join(folder, 'a.png'), path.join(folder, 'b.png')];
  for (const [index, file] of files.entries()) await writeFile(file, await barsOn(60 + index, 40, []));
  const parts = new PartedPictures();
  const load = () => Promise.all(files.map(file => parts.load(file, signal)));
  const [first, second] = await load();
  const [again, anew] = await load();
  assert.ok(again === first && anew === second);
});

test('lines are blank where all their pixels are about the same', async context => {
  const file = await tempFile(context, 'a.png', await barsOn(40, 30, [{ left: 10, top: 5, width: 20, height: 4 }]));
  const { rows, columns } = await blankLines(await loadImage(file));
  assert.deepEqual([...rows.keys()].filter(y => rows[y] === 0), [5, 6, 7, 8]);
  assert.deepEqual([...columns.keys()].filter(x => columns[x] === 0), Array.from({ length: 20 }, (_, i) => 10 + i));
  const noisy = await sharp(file).jpeg({ quality: 60 }).toBuffer();
  const jpeg = await blankLines(await loadImage(await tempFile(context, 'a.jpg', noisy)));
  assert.equal(jpeg.rows[25], 1, 'what JPEG leaves is no print');
  assert.equal(jpeg.rows[7], 0);
});

test('a part of one colour is blank, and one with faint print is not', async context => {
  const faint = { create: { width: 4, height: 1, channels: 3 as const, background: '#eeeeee' } };
  const file = await tempFile(
    context,
    'a.png',
    await sharp(await barsOn(40, 20, [])).composite([{ input: faint, left: 30, top: 10 }]).png().toBuffer(),
  );
  const image = await loadImage(file);
  assert.equal(await isBlankPart(image, { x1: 0, y1: 0, x2: 20, y2: 20 }), true);
  assert.equal(await isBlankPart(image, { x1: 20, y1: 0, x2: 40, y2: 20 }), false);
});

test('a plan cuts where the picture is blank and says which parts are', async context => {
  const bytes = await barsOn(1000, 500, [{ left: 0, top: 0, width: 520, height: 480 }, {
    left: 560,
    top: 20,
    width: 40,
    height: 20,
  }]);
  const { tiles, image } = await planOf(context, bytes, { columns: 2, rows: 1 });
  assert.deepEqual([image.widthPx, image.heightPx], [1000, 500]);
  assert.deepEqual(tiles.map(({ box: { x1, x2 } }) => [x1, x2]), [[0, 540], [540, 1000]]);
  assert.deepEqual(tiles.map(({ isBlank }) => isBlank), [false, false]);
  const quarters = await planOf(context, bytes, { columns: 2, rows: 2 });
  assert.deepEqual(quarters.tiles.map(({ isBlank }) => isBlank), [false, false, false, true]);
});

test('strips, single pixels and pictures that need no cut have a plan', async context => {
  const strip = await planOf(context, await barsOn(30_000, 1, []), 'auto');
  assert.equal(strip.tiles.length, 36);
  assert.ok(strip.tiles.every(({ box, isBlank }) => box.y2 === 1 && isBlank));
  assert.equal((await planOf(context, await barsOn(1, 30_000, []), 'auto')).tiles.length, 36);
  const tiny = await planOf(context, await barsOn(1, 1, []), { columns: 6, rows: 6 });
  assert.deepEqual(tiny.tiles.map(({ box }) => box), [{ x1: 0, y1: 0, x2: 1, y2: 1 }]);
  const small = await planOf(context, await barsOn(448, 448, []), 'auto');
  assert.deepEqual(small.tiles, [{ box: { x1: 0, y1: 0, x2: 448, y2: 448 }, isBlank: false }]);
});

test('a region is a single part, in whole pixels, of what lies in the picture', async context => {
  const bytes = await barsOn(100, 80, []);
  const region = { x1: 20.4, y1: -5, x2: 40.2, y2: 500 };
  const { tiles } = await planOf(context, bytes, region);
  assert.deepEqual(tiles, [{ box: { x1: 20, y1: 0, x2: 41, y2: 80 }, isBlank: false }]);
  for (const outside of [{ x1: 100, y1: 0, x2: 120, y2: 10 }, { x1: 50, y1: 40, x2: 20, y2: 60 }]) {
    const { reason, message } = await failureOf(planOf(context, bytes, outside));
    assert.equal(reason, 'badArgument');
    assert.match(message, /which has 100 × 80 pixels/);
  }
});

test('a picture that the camera has turned is cut as it is seen', async context => {
  const turned = await sharp(await barsOn(60, 40, [{ left: 0, top: 0, width: 30, height: 40 }])).withMetadata({
    orientation: 6,
  }).jpeg({ quality: 100 }).toBuffer();
  const file = await tempFile(context, 'a.jpg', turned);
  const image = await loadImage(file);
  assert.deepEqual([image.widthPx, image.heightPx], [40, 60]);
  const plan = await planParts(
    image,
    { imagePath: file, tiles: { columns: 1, rows: 2 }, resolutionPx: 224, kind: 'text', takesTextLayer: false },
    signal,
  );
  assert.deepEqual(plan.tiles.map(({ box: { x2 } }) => x2), [40, 40]);
  const mean = (y1: number, y2: number) => {
    const { data } = cropped(image, { x1: 0, y1, x2: 40, y2 });
    return data.reduce((sum, level) => sum + level, 0) / data.length;
  };
  assert.ok(mean(0, 25) < 20 && mean(35, 60) > 235, 'black above, white below');
});

test('looking for blank lines and parts can be cancelled', async () => {
  const image = await loadImage(photo);
  const aborted = AbortSignal.abort();
  await assert.rejects(blankLines(image, aborted), { name: 'AbortError' });
  await assert.rejects(isBlankPart(image, { x1: 0, y1: 0, x2: 10, y2: 10 }, aborted), { name: 'AbortError' });
});
