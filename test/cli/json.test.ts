// `--json` is a contract with other programs: exactly these fields, in pixels of the upright picture.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import type { Region } from '../../paligemma/src/facts';
import { objectsOf, runCommand, temporaryFolder } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { recordedAnswer, samplePath } from '../support/samples';

const cache = temporaryFolder();
withDemoModel(cache.path);
after(() => cache.remove());

async function runJson(...args: string[]): Promise<Record<string, unknown>> {
  const result = await runCommand([...args, '--model', 'demo', '--weights', 'f32', '--device', 'cpu', '--json'], {
    cache: cache.path,
  });
  assert.equal(result.code, 0, result.stderr);
  const objects = objectsOf(result);
  assert.equal(objects.length, 1);
  return objects[0] ?? {};
}

test('a result has exactly the documented fields', async () => {
  const object = await runJson('caption', samplePath('01.png'));
  assert.deepEqual(Object.keys(object).sort(), [
    'answer',
    'device',
    'heightPx',
    'image',
    'model',
    'prompt',
    'regions',
    'stopReason',
    'suffix',
    'timings',
    'tokenIds',
    'widthPx',
  ]);
  const { width, height } = await sharp(samplePath('01.png')).metadata();
  const { timings, tokenIds, ...rest } = object;
  assert.deepEqual(rest, {
    image: samplePath('01.png'),
    widthPx: width,
    heightPx: height,
    model: 'paligemma2-demo-224',
    device: 'cpu',
    prompt: 'caption en',
    suffix: recordedAnswer('01.png', 'caption en'),
    stopReason: 'eos',
    regions: [],
    answer: { kind: 'text' },
  });
  assert.deepEqual(Object.keys(timings as object).sort(), [
    'decodeMs',
    'imageMs',
    'loadMs',
    'prefillMs',
    'tokens',
    'visionMs',
  ]);
  assert.ok(Object.values(timings as Record<string, number>).every(value => Number.isFinite(value) && value >= 0));
  assert.ok(Array.isArray(tokenIds) && tokenIds.every(id => Number.isInteger(id)));
  assert.equal((timings as { readonly tokens: number }).tokens, tokenIds.length);
});

test('detect: one region an object, its box from the loc tokens in pixels of the picture', async () => {
  const object = await runJson('detect', 'ring,yellow heart', samplePath('02.png'));
  assert.equal(object['prompt'], 'detect ring ; yellow heart');
  const suffix = recordedAnswer('02.png', 'detect ring ; yellow heart');
  assert.equal(object['suffix'], suffix);
  const regions = object['regions'] as readonly Region[];
  assert.deepEqual(
    regions.map(region => Object.keys(region).sort()),
    regions.map(() => ['box', 'confidence', 'label']),
  );
  assert.ok(regions.every(({ confidence = 0 }) => confidence > 0 && confidence <= 1));
  // Published viewers divide a bin by 1024; the order in the suffix is y before x.
  const expected = [...suffix.matchAll(/<loc(\d{4})><loc(\d{4})><loc(\d{4})><loc(\d{4})> ([^;<]+)/g)].map((
    [, y1, x1, y2, x2, label],
  ) => ({
    label: label?.trim(),
    box: {
      x1: pixels(x1, object['widthPx']),
      y1: pixels(y1, object['heightPx']),
      x2: pixels(x2, object['widthPx']),
      y2: pixels(y2, object['heightPx']),
    },
  }));
  assert.equal(expected.length, 2, suffix);
  assert.deepEqual(regions.map(({ label }) => label), ['ring', 'yellow heart']);
  for (const [index, region] of regions.entries()) {
    assert.equal(region.label, expected[index]?.label);
    for (const side of ['x1', 'y1', 'x2', 'y2'] as const) {
      assert.ok(Math.abs(region.box[side] - (expected[index]?.box[side] ?? NaN)) < 1e-6, `${side} of ${region.label}`);
    }
  }
});

test('segment: a mask of the whole picture that lies in its box', async () => {
  const object = await runJson('segment', 'star', samplePath('01.png'));
  assert.equal(object['suffix'], recordedAnswer('01.png', 'segment star'));
  const [region] = object['regions'] as readonly Region[];
  assert.ok(region?.mask !== undefined, 'the region has a mask');
  assert.deepEqual(Object.keys(region.mask).sort(), ['height', 'png', 'width']);
  assert.deepEqual([region.mask.width, region.mask.height], [object['widthPx'], object['heightPx']]);
  const { data, info } = await sharp(Buffer.from(region.mask.png, 'base64')).extractChannel(0).raw().toBuffer({
    resolveWithObject: true,
  });
  assert.deepEqual([info.width, info.height], [region.mask.width, region.mask.height]);
  const { inside, outside } = countSet(data, info.width, region);
  const box = (region.box.x2 - region.box.x1) * (region.box.y2 - region.box.y1);
  assert.equal(outside, 0, 'pixels of the mask outside its box');
  // A star fills between a fifth and four fifths of its bounding box.
  assert.ok(inside > box * 0.2 && inside < box * 0.8, `${inside} of ${box} pixels are set`);
});

test('an object that is not there gives no region, and is not an error', async () => {
  const object = await runJson('detect', 'bird', samplePath('01.png'));
  assert.equal(recordedAnswer('01.png', 'detect bird'), '');
  assert.equal(object['suffix'], '');
  assert.deepEqual(object['regions'], []);
});

test('a path stays as it was given', async () => {
  const relative = path.relative(process.cwd(), samplePath('02.png'));
  assert.equal((await runJson('run', 'cap en', relative))['image'], relative);
});

function pixels(bin: string | undefined, side: unknown): number {
  return Number(bin) / 1024 * Number(side);
}

/** Counts pixels above zero; a pixel belongs to the box when it lies in it or less than a pixel beside it. */
function countSet(data: Uint8Array, width: number, { box }: Region): { inside: number; outside: number } {
  let inside = 0;
  let outside = 0;
  for (const [index, value] of data.entries()) {
    if (value === 0) continue;
    const [x, y] = [index % width, Math.floor(index / width)];
    if (x + 2 > box.x1 && x - 1 < box.x2 && y + 2 > box.y1 && y - 1 < box.y2) inside++;
    else outside++;
  }
  return { inside, outside };
}
