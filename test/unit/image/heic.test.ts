// HEIC by libheif in WebAssembly, in a process of its own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { decodeHeic } from '../../../model-host/src/image/heic';
import { loadImage } from '../../../model-host/src/image/load';
import { writeThumbnail } from '../../../model-host/src/image/thumbnail';
import { tempFile, tempFolder } from './support';

const file = (name: string) => path.resolve('test/fixtures/pictures', name);

/** Mean difference of two pictures of one size, levels. */
function meanDifference(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, level, i) => sum + Math.abs(level - b[i]!), 0) / a.length;
}

for (const [heic, original] of [['colour.heic', 'raw.ppm'], ['grey.heic', 'raw.pgm']] as const) {
  test(`${heic} shows the drawing that was stored in it`, async () => {
    const [decoded, drawing] = [await loadImage(file(heic)), await loadImage(file(original))];
    assert.deepEqual([decoded.widthPx, decoded.heightPx], [drawing.widthPx, drawing.heightPx]);
    // What its quality of 95 loses.
    assert.ok(meanDifference(decoded.data, drawing.data) < 4, String(meanDifference(decoded.data, drawing.data)));
  });
}

test('a thumbnail is made of HEIC', async context => {
  const { widthPx, heightPx } = await writeThumbnail(
    { imagePath: file('colour.heic'), maxSidePx: 16 },
    await tempFolder(context),
  );
  assert.deepEqual([widthPx, heightPx], [31, 23]);
});

test('HEIC that is cut off or damaged is refused', async context => {
  const whole = readFileSync(file('colour.heic'));
  for (const bytes of [0.3, 0.6, 0.9].map(share => whole.subarray(0, Math.floor(whole.length * share)))) {
    await assert.rejects(loadImage(await tempFile(context, 'cut.heic', bytes)), { reason: 'imageUnreadable' });
  }
});

test('HEIC that takes too long is given up, and a cancelled one at once', async () => {
  const bytes = readFileSync(file('colour.heic'));
  await assert.rejects(decodeHeic('slow.heic', bytes, 1, undefined, 1), {
    reason: 'imageTooLarge',
    message: /slow\.heic.*0\.001 seconds to decode\. Save it as JPEG or PNG/,
  });
  const controller = new AbortController();
  const decoding = decodeHeic('a.heic', bytes, 1, controller.signal);
  controller.abort();
  await assert.rejects(decoding, { name: 'AbortError' });
});
