import assert from 'node:assert/strict';
import test from 'node:test';
import sharp from 'sharp';
import { loadGreyPng } from '../../../model-host/src/image/load';
import { loadMaskDecoder } from '../../../model-host/src/output/maskDecoder';
import { boxFromLocBins } from '../../../paligemma/src/locTokens';
import { buildRegions } from '../../../model-host/src/output/regions';
import { golden, readGoldenJson, readNpy } from '../image/support';

const image = { widthPx: 320, heightPx: 240 };
const common = { image, locDivisor: 1024, isTruncated: false } as const;
const cat = '<loc0100><loc0200><loc0900><loc0777> cat';
const dog = '<loc0000><loc0010><loc0100><loc0500> dog';

test('entries become regions in pixels of the picture, in order', async () => {
  const { regions, text } = await buildRegions({ ...common, suffix: `${cat} ; ${dog}` });
  assert.deepEqual(regions, [
    { label: 'cat', box: { x1: 62.5, y1: 23.4375, x2: 242.8125, y2: 210.9375 } },
    { label: 'dog', box: { x1: 3.125, y1: 0, x2: 156.25, y2: 23.4375 } },
  ]);
  assert.equal(text, '');
});

test('regions of a part of the picture are in pixels of the whole of it', async () => {
  const crop = { x1: 100, y1: 40, x2: 228, y2: 104 };
  const { regions } = await buildRegions({ ...common, crop, suffix: '<loc0000><loc0512><loc0256><loc1023> cat' });
  assert.deepEqual(regions, [{ label: 'cat', box: { x1: 164, y1: 40, x2: 227.875, y2: 56 } }]);
  const solid = { codes: 128, decode: () => new Float32Array(4096).fill(1) };
  const suffix = `<loc0000><loc0512><loc0256><loc1023>${'<seg001>'.repeat(16)} cat`;
  const { regions: [masked] } = await buildRegions({ ...common, crop, suffix, maskDecoder: solid });
  assert.deepEqual([masked?.mask?.width, masked?.mask?.height], [320, 240], 'as large as the picture');
  const { data } = await loadGreyPng(Buffer.from(masked?.mask?.png ?? '', 'base64'));
  const inside = [...data.keys()].filter(at => data[at] === 255).map(at => [at % 320, Math.floor(at / 320)] as const);
  assert.deepEqual([inside[0], inside.at(-1), inside.length], [[164, 40], [227, 55], 64 * 16]);
});

test('what is no region stays in the text as the model wrote it', async () => {
  const inverted = '<loc0800><loc0100><loc0200><loc0300> box';
  const { regions, text } = await buildRegions({
    ...common,
    suffix: `There is ${cat} ; ${inverted} ; and ${dog} ; <loc0001> `,
  });
  assert.deepEqual(regions.map(region => region.label), ['cat', 'dog']);
  assert.equal(text, `There is ${inverted} ; and <loc0001>`);
  assert.deepEqual(await buildRegions({ ...common, suffix: ' a small dog \n' }), { regions: [], text: 'a small dog' });
  assert.deepEqual(await buildRegions({ ...common, suffix: '' }), { regions: [], text: '' });
});

test('a last entry that was cut off is text, a finished one is not', async () => {
  const cut = await buildRegions({ ...common, suffix: `${cat} ; ${dog}`, isTruncated: true });
  assert.deepEqual(cut.regions.map(region => region.label), ['cat']);
  assert.equal(cut.text, dog);
  const finished = await buildRegions({ ...common, suffix: `${cat} ; ${dog} ;`, isTruncated: true });
  assert.equal(finished.regions.length, 2);
  const begun = await buildRegions({ ...common, suffix: `${cat} ; <loc0100><loc0200>`, isTruncated: true });
  assert.deepEqual([begun.regions.length, begun.text], [1, '<loc0100><loc0200>']);
});

test('codes become a mask of the whole picture, an 8-bit grey PNG', async () => {
  const { pasted } = readGoldenJson<{ pasted: { codes_row: number } }>('mask-decoder/masks.json');
  const stored = readNpy('mask-decoder/codes.npy').bytes;
  const codes = Array.from({ length: 16 }, (_, i) => Number(stored.readBigInt64LE((pasted.codes_row * 16 + i) * 8)));
  const segs = codes.map(code => `<seg${String(code).padStart(3, '0')}>`).join('');
  const suffix =
    `<loc0100><loc0200><loc0900><loc0777>${segs} cat ; <loc0100><loc0200><loc0900><loc0777><seg001> half ; ${dog}`;
  const maskDecoder = await loadMaskDecoder(golden('mask-decoder/decoder.npz'));
  const { regions } = await buildRegions({ suffix, image, locDivisor: 1023, isTruncated: false, maskDecoder });
  assert.deepEqual(regions.map(region => [region.label, region.mask !== undefined]), [['cat', true], ['half', false], [
    'dog',
    false,
  ]]);
  const mask = regions[0]!.mask!;
  assert.deepEqual([mask.width, mask.height], [320, 240]);
  const png = Buffer.from(mask.png, 'base64');
  const { format, channels, depth } = await sharp(png).metadata();
  assert.deepEqual([format, channels, depth, png[25]], ['png', 1, 'uchar', 0]);
  const { data } = await loadGreyPng(png);
  assert.deepEqual(data.map(level => level / 255), readNpy('mask-decoder/pasted_metric_bool.npy').bytes);
  assert.deepEqual(regions[0]!.box, boxFromLocBins([100, 200, 900, 777], 320, 240, 1023));

  const boxesOnly = await buildRegions({ suffix, image, locDivisor: 1023, isTruncated: false });
  assert.ok(boxesOnly.regions.every(region => region.mask === undefined));
  const narrow = await buildRegions({
    suffix,
    image,
    locDivisor: 1023,
    isTruncated: false,
    maskDecoder: { ...maskDecoder, codes: 2 },
  });
  assert.ok(narrow.regions.every(region => region.mask === undefined), 'codes that the codebook does not have');
});

test('cancelling stops before the next mask', async () => {
  await assert.rejects(buildRegions({ ...common, suffix: cat, signal: AbortSignal.abort() }), { name: 'AbortError' });
  const controller = new AbortController();
  const suffix = Array.from({ length: 3 }, () => `<loc0100><loc0200><loc0900><loc0777>${'<seg001>'.repeat(16)} cat`)
    .join(' ; ');
  const maskDecoder = {
    codes: 128,
    decode: () => {
      controller.abort();
      return new Float32Array(4096);
    },
  };
  await assert.rejects(buildRegions({ ...common, suffix, maskDecoder, signal: controller.signal }), {
    name: 'AbortError',
  });
});

test('regions tell how sure the model was, where its tokens are told', async () => {
  const suffix = `${cat} ; ${dog}`;
  const starts = [0, 9, 18, 27, 36, 40, 42];
  const second = cat.length + ' ; '.length;
  const tokens = {
    tokenStarts: [...starts, ...[0, 9, 18, 27, 36].map(at => second + at)],
    tokenProbabilities: [0.25, 0.25, 0.25, 0.25, 1, 0.01, 0.01, 0.36, 0.36, 0.36, 0.36, 1],
  };
  const { regions } = await buildRegions({ ...common, suffix, tokens });
  assert.deepEqual(regions.map(({ label, confidence }) => [label, confidence]), [['cat', 0.5], ['dog', 0.6]]);
  const untold = await buildRegions({ ...common, suffix });
  assert.ok(untold.regions.every(region => !('confidence' in region)));
});
