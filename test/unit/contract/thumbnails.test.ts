import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { test } from 'node:test';
import { thumbnailStem } from '../../../model-host/src/contract/thumbnails';
import { writeThumbnail } from '../../../model-host/src/image/thumbnail';
import { temporaryFolder } from '../../support/temporary';

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');

test('the host writes small pictures where the contract says that they lie', async () => {
  const cachePath = temporaryFolder('thumbnail-names');
  const imagePath = path.resolve('test/fixtures/golden/images/tiny-8x8.png');
  const regions = [{ label: 'cup', box: { x1: 0, y1: 0, x2: 4, y2: 4 } }];
  for (const form of [{}, { regions }, { regions, labelPx: 12 }]) {
    const { path: place, sha256 } = await writeThumbnail({ imagePath, maxSidePx: 64, ...form }, cachePath);
    const stem = thumbnailStem(sha256, { maxSidePx: 64, ...form }, sha256Of);
    assert.equal(place, path.join(cachePath, `${stem}.png`));
  }
});

test('another size, other regions and other letters have other names', () => {
  const regions = [{ label: 'cup', box: { x1: 0, y1: 0, x2: 4, y2: 4 } }];
  const forms = [
    { maxSidePx: 64 },
    { maxSidePx: 65 },
    { maxSidePx: 64, regions },
    { maxSidePx: 64, regions, labelPx: 12 },
  ];
  assert.equal(new Set(forms.map(form => thumbnailStem('ab', form, sha256Of))).size, forms.length);
  assert.equal(thumbnailStem('ab', { maxSidePx: 64, regions: [] }, sha256Of), thumbnailStem('ab', forms[0]!, sha256Of));
});
