import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Failure } from '../../../paligemma/src/failures';
import {
  readGenerateParams,
  readSuffixRegionsParams,
  readTilesParams,
  readUniteMasksParams,
} from '../../../model-host/src/wire/requestParams';

const imagePath = path.resolve('a.png');
const generate = {
  model: { path: path.resolve('m'), weights: 'int4', device: 'cpu', attention: 'full' },
  imagePath,
  prefix: 'ocr',
  maxNewTokens: 5,
  locDivisor: 1024,
  progressToken: '',
};
const tiles = { imagePath, tiles: 'auto', resolutionPx: 448, kind: 'text', takesTextLayer: true };
const mask = { width: 4, height: 3, png: 'AAAA' };

const isRefusal = (error: unknown) => error instanceof Failure && error.reason === 'badArgument';

test('a part of a picture is a box in whole pixels that holds one at least', () => {
  const crop = { x1: 0, y1: 2, x2: 1, y2: 3 };
  assert.deepEqual(readGenerateParams({ ...generate, crop }).crop, crop);
  assert.equal(readGenerateParams(generate).crop, undefined);
  const wrong = [null, 'left', [], {}, { ...crop, x2: 0 }, { ...crop, y1: 3 }, { ...crop, x1: -1 }, {
    ...crop,
    x2: 1.5,
  }];
  for (const value of wrong) {
    assert.throws(() => readGenerateParams({ ...generate, crop: value }), isRefusal, JSON.stringify(value));
  }
});

test('a plan is asked for in a grid of at most 36 parts, in as many as needed, or for a region', () => {
  for (const value of ['auto', { columns: 36, rows: 1 }, { x1: -0.5, y1: 0, x2: 7, y2: 8 }]) {
    assert.deepEqual(readTilesParams({ ...tiles, tiles: value }).tiles, value);
  }
  const wrong: readonly Record<string, unknown>[] = [
    { tiles: 'off' },
    { tiles: { columns: 0, rows: 5 } },
    { tiles: { columns: 37, rows: 1 } },
    { tiles: { columns: 1e308, rows: 1e308 } },
    { tiles: { x1: 0, y1: 0, x2: Infinity, y2: 1 } },
    { resolutionPx: 0 },
    { resolutionPx: 1e9 },
    { kind: 'captions' },
    { imagePath: 'a.png' },
  ];
  for (const part of wrong) {
    assert.throws(() => readTilesParams({ ...tiles, ...part }), isRefusal, JSON.stringify(part));
  }
});

test('there is a mask at least where masks are to be united', () => {
  assert.deepEqual(readUniteMasksParams({ masks: [mask] }).masks, [mask]);
  for (const masks of [undefined, [], [{ ...mask, png: 5 }], mask]) {
    assert.throws(() => readUniteMasksParams({ masks }), isRefusal, JSON.stringify(masks));
  }
});

test('a suffix is read for a picture that a mask may have, with folders that are absolute', () => {
  const params = { suffix: 'a', widthPx: 10, heightPx: 10, locDivisor: 1023, decoderFolders: [path.resolve('m')] };
  assert.deepEqual(readSuffixRegionsParams(params), params);
  const { decoderFolders: _, ...without } = params;
  const named = { ...without, codecPath: path.resolve('vae-oid.npz') };
  assert.deepEqual(readSuffixRegionsParams(named), named);
  const wrong = [
    { suffix: 1 },
    { widthPx: 0 },
    { heightPx: 1.5 },
    { widthPx: 2 ** 14, heightPx: 2 ** 14 },
    { locDivisor: 1000 },
    { decoderFolders: ['m'] },
    { decoderFolders: 'm' },
    { codecPath: 'vae-oid.npz' },
  ];
  for (const part of wrong) {
    assert.throws(() => readSuffixRegionsParams({ ...params, ...part }), isRefusal, JSON.stringify(part));
  }
});
