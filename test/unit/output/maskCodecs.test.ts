import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { MaskCodecs } from '../../../model-host/src/output/maskCodecs';
import { findMaskDecoder } from '../../../model-host/src/output/maskDecoderFile';

const codes = Array.from({ length: 16 }, (_, code) => `<seg${String(code).padStart(3, '0')}>`).join('');
const suffix = `<loc0000><loc0000><loc0512><loc1023>${codes} cup`;
const wish = { suffix, widthPx: 8, heightPx: 4, locDivisor: 1023 } as const;
const fixtures = path.resolve('test/fixtures');
const demo = path.resolve('model-host/demo-model');
const { signal } = new AbortController();

test('the regions of a text have masks of the picture’s size where a decoder lies in one of the folders', async () => {
  const [region, ...others] = await new MaskCodecs().regions({ ...wish, decoderFolders: [fixtures, demo] }, signal);
  assert.deepEqual(others, []);
  assert.equal(region?.label, 'cup');
  assert.equal(region.box.x2, 8);
  assert.deepEqual([region.mask?.width, region.mask?.height], [8, 4]);
});

test('without a decoder they have boxes only', async () => {
  const [region] = await new MaskCodecs().regions({ ...wish, decoderFolders: [fixtures] }, signal);
  assert.equal(region?.label, 'cup');
  assert.equal(region.mask, undefined);
});

test('a decoder that is named is taken instead of that of a folder', async () => {
  const codecPath = await findMaskDecoder([demo]);
  assert.ok(codecPath !== undefined);
  const [region] = await new MaskCodecs().regions({ ...wish, codecPath, decoderFolders: [fixtures] }, signal);
  assert.ok(region?.mask !== undefined);
  const missing = path.join(fixtures, 'none.npz');
  await assert.rejects(
    new MaskCodecs().regions({ ...wish, codecPath: missing, decoderFolders: [demo] }, signal),
    { reason: 'weightsMissing' },
  );
});

test('a text without codes needs no decoder, not even the one that is named', async () => {
  const boxOnly = { ...wish, suffix: '<loc0000><loc0000><loc0512><loc1023> cup' };
  const [region] = await new MaskCodecs().regions({ ...boxOnly, codecPath: path.join(fixtures, 'none.npz') }, signal);
  assert.equal(region?.label, 'cup');
});
