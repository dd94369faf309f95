import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { loadImage } from '../../../model-host/src/image/load';
import { bmpFile, type BmpOptions } from './bmpFiles';
import { tempFile } from './support';

const widthPx = 7; // odd, so that every depth needs padding
const heightPx = 3;
const colour = (x: number, y: number): [number, number, number] => [(x * 36) & 255, (y * 100 + x) & 255, 255 - x * 9];
const packed = (x: number, y: number) => {
  const [red, green, blue] = colour(x, y);
  return red * 65536 + green * 256 + blue;
};

async function decoded(context: TestContext, options: Omit<BmpOptions, 'widthPx' | 'heightPx'>) {
  const image = await loadImage(await tempFile(context, 'picture.bmp', bmpFile({ widthPx, heightPx, ...options })));
  assert.deepEqual([image.widthPx, image.heightPx], [widthPx, heightPx]);
  return image.data;
}

function expected(at: (x: number, y: number) => readonly number[]): Uint8Array {
  return Uint8Array.from({ length: heightPx * widthPx }, (_, i) => i).reduce((data, i) => {
    data.set(at(i % widthPx, Math.floor(i / widthPx)), i * 3);
    return data;
  }, new Uint8Array(widthPx * heightPx * 3));
}

for (const header of ['core', 'info', 'v4'] as const) {
  test(`24-bit bitmap with a ${header} header`, async context => {
    assert.deepEqual(
      new Uint8Array(await decoded(context, { bitsPerPixel: 24, valueAt: packed, header })),
      expected(colour),
    );
  });

  for (const bitsPerPixel of [1, 4, 8]) {
    test(`${bitsPerPixel}-bit bitmap with a palette and a ${header} header`, async context => {
      const palette = Array.from(
        { length: 1 << bitsPerPixel },
        (_, i): [number, number, number] => [i * 7 & 255, 255 - i, i * 31 & 255],
      );
      const index = (x: number, y: number) => (x * 5 + y * 3) % palette.length;
      const data = await decoded(context, { bitsPerPixel, valueAt: index, palette, header });
      assert.deepEqual(new Uint8Array(data), expected((x, y) => palette[index(x, y)]!));
    });
  }
}

test('rows of a bitmap with a negative height run from top to bottom', async context => {
  assert.deepEqual(
    new Uint8Array(await decoded(context, { bitsPerPixel: 24, valueAt: packed, isTopDown: true })),
    expected(colour),
  );
});

test('the fourth byte of a 32-bit bitmap is dropped', async context => {
  const valueAt = (x: number, y: number) => packed(x, y) + (x * 40 % 256) * 2 ** 24;
  assert.deepEqual(new Uint8Array(await decoded(context, { bitsPerPixel: 32, valueAt })), expected(colour));
});

test('32-bit bitmap with its channels elsewhere', async context => {
  const valueAt = (x: number, y: number) => {
    const [red, green, blue] = colour(x, y);
    return blue * 2 ** 24 + green * 65536 + red * 256;
  };
  const masks = [0x0000ff00, 0x00ff0000, 0xff000000];
  for (const header of ['info', 'v4'] as const) {
    assert.deepEqual(
      new Uint8Array(await decoded(context, { bitsPerPixel: 32, valueAt, compression: 3, masks, header })),
      expected(colour),
    );
  }
});

test('16-bit bitmaps with five and six bits a channel', async context => {
  // Expected levels: value · 255 / 31 or / 63, rounded down, as Pillow 13.0 reads the same files.
  const up = (bits: number, value: number) => Math.floor(value * 255 / ((1 << bits) - 1));
  const five = await decoded(context, {
    bitsPerPixel: 16,
    valueAt: (x, y) => ((x * 4) << 10) | ((y * 9 + 1) << 5) | (31 - x),
  });
  assert.deepEqual(new Uint8Array(five), expected((x, y) => [up(5, x * 4), up(5, y * 9 + 1), up(5, 31 - x)]));
  const six = await decoded(context, {
    bitsPerPixel: 16,
    valueAt: (x, y) => ((x * 4) << 11) | ((y * 19 + 1) << 5) | (31 - x),
    compression: 3,
    masks: [0xf800, 0x07e0, 0x001f],
  });
  assert.deepEqual(new Uint8Array(six), expected((x, y) => [up(5, x * 4), up(6, y * 19 + 1), up(5, 31 - x)]));
});

test('an index behind the end of the palette is black', async context => {
  const data = await decoded(context, { bitsPerPixel: 8, valueAt: x => x, palette: [[9, 8, 7], [6, 5, 4]] });
  assert.deepEqual([...data.subarray(0, 9)], [9, 8, 7, 6, 5, 4, 0, 0, 0]);
});

test('the padding of the last row may be missing, pixels may not', async context => {
  const file = bmpFile({ widthPx, heightPx, bitsPerPixel: 24, valueAt: packed, isTopDown: true });
  const image = await loadImage(await tempFile(context, 'a.bmp', file.subarray(0, -3)));
  assert.deepEqual(new Uint8Array(image.data), expected(colour));
  await assert.rejects(loadImage(await tempFile(context, 'b.bmp', file.subarray(0, -4))), {
    name: 'Failure',
    reason: 'imageUnreadable',
  });
});

const faults: readonly (readonly [string, Partial<BmpOptions>, string, RegExp])[] = [
  ['run-length compression', { bitsPerPixel: 8, compression: 1 }, 'imageUnsupported', /RLE8.*Save it as PNG/],
  ['an embedded JPEG', { compression: 4 }, 'imageUnsupported', /JPEG/],
  ['2 bits a pixel', { bitsPerPixel: 2 }, 'imageUnsupported', /2 bits a pixel/],
  ['a width of zero', { widthPx: 0 }, 'imageUnreadable', /width or height is zero/],
  ['masks at 24 bits', { compression: 3 }, 'imageUnreadable', /colour masks/],
];
for (const [what, change, reason, message] of faults) {
  test(`a bitmap with ${what} is refused with a cure`, async context => {
    const file = bmpFile({ widthPx, heightPx, bitsPerPixel: 24, valueAt: () => 0, ...change });
    await assert.rejects(loadImage(await tempFile(context, 'bad.bmp', file)), { name: 'Failure', reason, message });
  });
}

test('pixels whose place is not told follow the header, its masks and its palette', async context => {
  const palette = [[9, 8, 7], [6, 5, 4]] as const;
  for (
    const options of [
      { bitsPerPixel: 8, palette },
      { bitsPerPixel: 1, palette, header: 'core' },
      { bitsPerPixel: 24 },
      { bitsPerPixel: 16, compression: 3, masks: [0xf800, 0x7e0, 0x1f] },
    ] as const
  ) {
    const file = bmpFile({ widthPx, heightPx, valueAt: x => x % 2, ...options });
    const { data } = await loadImage(await tempFile(context, 'told.bmp', file));
    file.writeUInt32LE(0, 10);
    assert.deepEqual((await loadImage(await tempFile(context, 'untold.bmp', file))).data, data);
  }
});

test('a bitmap of palette colours without a palette is refused, since it would be black', async context => {
  const file = bmpFile({ widthPx, heightPx, bitsPerPixel: 8, valueAt: x => x });
  await assert.rejects(loadImage(await tempFile(context, 'bare.bmp', file)), {
    reason: 'imageUnreadable',
    message: /its palette is missing/,
  });
});

test('a bitmap cut off inside its header is unreadable', async context => {
  const file = bmpFile({ widthPx, heightPx, bitsPerPixel: 24, valueAt: packed });
  for (const length of [18, 26, 40, 53]) {
    await assert.rejects(loadImage(await tempFile(context, 'cut.bmp', file.subarray(0, length))), {
      name: 'Failure',
      reason: 'imageUnreadable',
    }, `${length} bytes`);
  }
});

test('a bitmap that claims 30,000 × 30,000 pixels is refused from its header', async context => {
  const file = bmpFile({ widthPx: 1, heightPx: 1, bitsPerPixel: 24, valueAt: () => 0 });
  file.writeInt32LE(30_000, 18);
  file.writeInt32LE(30_000, 22);
  await assert.rejects(loadImage(await tempFile(context, 'huge.bmp', file)), {
    name: 'Failure',
    reason: 'imageTooLarge',
    message: /30000 × 30000/,
  });
});
