import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { loadImage, type RgbImage } from '../../../model-host/src/image/load';
import { pixelValues } from '../../../model-host/src/image/preprocess';
import { resizeBicubic8 } from '../../../model-host/src/image/resample';
import { golden, readGoldenJson, sha256 } from './support';

interface Row {
  readonly image: string;
  readonly variant: 'as-is' | 'oriented' | 'high-byte';
  readonly outputs: Record<string, { readonly sha256_u8: string; readonly pillow12_file?: string }>;
  readonly decoded_rgb_sha256: string;
}

/**
 * The one picture that Pillow 13.0 resizes vertically first. The stored hashes are of that order; these are of Pillow ≤
 * 12, the order that is followed here. Source: golden data, `very-tall.png.as-is.*.pillow12.npy.gz`.
 */
const pillow12: Readonly<Record<string, string>> = {
  224: 'abeba5161b016c024af307d41e622f9e485519b92b0a758e681f8b289b59a630',
  448: '3304f5de57e301d21422e14f8bb22e08266c64fccf421029e599d5e4d369d9d8',
};

const { rows } = readGoldenJson<{ rows: readonly Row[] }>('preprocess.json');

for (const row of rows) {
  const image = () => loadImage(golden(row.image), undefined, { orient: row.variant === 'oriented' });

  if (row.image.endsWith('gray-16.png') && row.variant === 'as-is') {
    test('16-bit grey takes the high byte, where Pillow clips nearly every pixel to white', async () => {
      assert.notEqual(sha256((await image()).data), row.decoded_rgb_sha256);
    });
    continue;
  }

  test(`${row.image} (${row.variant}) decodes to the reference's bytes`, async () => {
    const { data, sha256: fileHash } = await image();
    assert.equal(sha256(data), row.decoded_rgb_sha256);
    assert.equal(fileHash, sha256(await readFile(golden(row.image))));
  });

  for (const [resolution, expected] of Object.entries(row.outputs)) {
    test(`${row.image} (${row.variant}) at ${resolution} px equals Pillow bit by bit`, async () => {
      const side = Number(resolution);
      const picture = await image();
      const square = await resizeBicubic8({ ...picture, channels: 3 }, side, side);
      assert.equal(sha256(square), expected.pillow12_file === undefined ? expected.sha256_u8 : pillow12[resolution]);
      if (expected.pillow12_file !== undefined) {
        const verticalFirst = transpose(
          await resizeBicubic8({ ...transpose(picture), channels: 3 }, side, side),
          side,
          side,
        );
        assert.equal(sha256(verticalFirst.data), expected.sha256_u8, 'the other order must give what Pillow 13 gives');
      }
    });
  }
}

test('a picture is upright unless asked otherwise', async () => {
  const upright = await loadImage(golden('images/exif-6.jpg'));
  assert.deepEqual([upright.widthPx, upright.heightPx], [280, 320]);
});

test('pixel values are planes of (level / 255 − 0.5) / 0.5 in float32 arithmetic', async () => {
  const picture = await loadImage(golden('images/photo.png'));
  const square = await resizeBicubic8({ ...picture, channels: 3 }, 224, 224);
  const values = await pixelValues(picture, 224);
  assert.equal(values.length, 3 * 224 * 224);
  const f = Math.fround;
  for (let i = 0; i < 224 * 224; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const expected = f(f(f(square[i * 3 + channel]! / f(255)) - f(0.5)) / f(0.5));
      if (values[channel * 224 * 224 + i] !== expected) assert.fail(`channel ${channel}, pixel ${i}`);
    }
  }
});

function transpose(
  source: Pick<RgbImage, 'data' | 'widthPx' | 'heightPx'>,
): { data: Uint8Array; widthPx: number; heightPx: number };
function transpose(
  source: Uint8Array,
  widthPx: number,
  heightPx: number,
): { data: Uint8Array; widthPx: number; heightPx: number };
function transpose(source: Uint8Array | Pick<RgbImage, 'data' | 'widthPx' | 'heightPx'>, width = 0, height = 0) {
  const { data, widthPx, heightPx } = source instanceof Uint8Array
    ? { data: source, widthPx: width, heightPx: height }
    : source;
  const turned = new Uint8Array(data.length);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      for (let c = 0; c < 3; c++) turned[(x * heightPx + y) * 3 + c] = data[(y * widthPx + x) * 3 + c]!;
    }
  }
  return { data: turned, widthPx: heightPx, heightPx: widthPx };
}
