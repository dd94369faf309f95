import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { parseHeader } from '../../../server/src/workspace/imageHeader';
import { seededRandom } from '../../support/seededRandom';

const plain = sharp({ create: { width: 37, height: 21, channels: 3, background: '#808080' } });

for (const format of ['png', 'jpeg', 'gif', 'webp', 'avif'] as const) {
  test(`${format}: the size stands in the header`, async () => {
    const bytes = await plain.clone().toFormat(format).toBuffer();
    assert.deepEqual(parseHeader(bytes), { isPicture: true, widthPx: 37, heightPx: 21 });
  });
}

test('webp without loss', async () => {
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

test('other kinds are known, without a size', async () => {
  assert.deepEqual(parseHeader(await plain.clone().tiff().toBuffer()), { isPicture: true });
  assert.deepEqual(parseHeader(Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>')), {
    isPicture: true,
  });
  for (const text of ['', 'text', '%PDF-1.7', '<html>', 'version https://git-lfs.github.com/spec/v1\n']) {
    assert.deepEqual(parseHeader(Buffer.from(text)), { isPicture: false });
  }
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
