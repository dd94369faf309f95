import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { suffixRegions } from '../../../model-host/src/output/suffixRegions';

const codes = Array.from({ length: 16 }, (_, code) => `<seg${String(code).padStart(3, '0')}>`).join('');
const suffix = `<loc0000><loc0000><loc0512><loc1023>${codes} cup`;
const image = { widthPx: 8, heightPx: 4, locDivisor: 1023 } as const;
const { signal } = new AbortController();

test('the regions of a text have masks of the picture’s size where a decoder lies in one of the folders', async () => {
  const decoderFolders = [path.resolve('test/fixtures'), path.resolve('model-host/demo-model')];
  const [region, ...others] = await suffixRegions({ suffix, ...image, decoderFolders }, signal);
  assert.deepEqual(others, []);
  assert.equal(region?.label, 'cup');
  assert.equal(region.box.x2, 8);
  assert.deepEqual([region.mask?.width, region.mask?.height], [8, 4]);
});

test('without a decoder they have boxes only', async () => {
  const [region] = await suffixRegions({ suffix, ...image, decoderFolders: [path.resolve('test/fixtures')] }, signal);
  assert.equal(region?.label, 'cup');
  assert.equal(region.mask, undefined);
});
