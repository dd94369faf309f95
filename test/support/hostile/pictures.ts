/** Good small pictures of every kind that is read, and what a hostile hand makes of them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { bmpFile } from '../../unit/image/bmpFiles';
import type { SeededRandom } from '../seededRandom';

export interface PictureSample {
  /** Ends like a file of its kind. */
  readonly name: string;
  readonly bytes: Buffer;
}

const WIDTH = 48;
const HEIGHT = 32;

/** A gradient with some noise, so that no coder finds it trivial. */
function pixels(channels: 3 | 4, random: SeededRandom, pages = 1): Sharp {
  const data = Buffer.alloc(WIDTH * HEIGHT * pages * channels);
  for (let i = 0; i < data.length; i++) data[i] = (i * 7 >> 3 & 0xff) ^ random.below(32);
  return sharp(data, {
    raw: { width: WIDTH, height: HEIGHT * pages, channels, ...(pages > 1 ? { pageHeight: HEIGHT } : {}) },
  });
}

/** Kinds that the coder of this machine does not write are left out; at least ten are made. */
export async function pictureSamples(random: SeededRandom): Promise<PictureSample[]> {
  const rgb = () => pixels(3, random);
  const makers: Readonly<Record<string, () => Promise<Buffer>>> = {
    'rgb.png': async () => rgb().png().toBuffer(),
    'alpha.png': async () => pixels(4, random).png({ progressive: true }).toBuffer(),
    'palette.png': async () => rgb().png({ palette: true }).toBuffer(),
    'deep.png': async () => rgb().toColourspace('rgb16').png().toBuffer(),
    'baseline.jpg': async () => rgb().withExif({ IFD0: { Copyright: 'nobody' } }).jpeg().toBuffer(),
    'progressive.jpg': async () => rgb().withMetadata({ orientation: 6 }).jpeg({ progressive: true }).toBuffer(),
    'cmyk.jpg': async () => rgb().toColourspace('cmyk').jpeg().toBuffer(),
    'lossy.webp': async () => rgb().webp().toBuffer(),
    'lossless.webp': async () => pixels(4, random).webp({ lossless: true }).toBuffer(),
    'moving.webp': async () => pixels(4, random, 3).webp().toBuffer(),
    'moving.gif': async () => pixels(3, random, 3).gif().toBuffer(),
    'lzw.tif': async () => rgb().tiff({ compression: 'lzw' }).toBuffer(),
    'tiled.tif': async () =>
      rgb().tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16, pyramid: true }).toBuffer(),
    'jpeg.tif': async () => rgb().tiff({ compression: 'jpeg' }).toBuffer(),
    'bilevel.tif': async () => rgb().toColourspace('b-w').tiff({ compression: 'ccittfax4', bitdepth: 1 }).toBuffer(),
    'still.avif': async () => rgb().avif({ effort: 0 }).toBuffer(),
    'still.heic': async () => rgb().heif({ compression: 'hevc' }).toBuffer(),
    'still.jxl': async () => rgb().jxl().toBuffer(),
    'still.jp2': async () => rgb().jp2().toBuffer(),
    'drawing.svg': () => Promise.resolve(Buffer.from(DRAWING)),
    'plain.bmp': () => Promise.resolve(bmp(24)),
    'masks.bmp': () => Promise.resolve(bmp(32)),
    'palette.bmp': () => Promise.resolve(bmp(8)),
  };
  const samples: PictureSample[] = [];
  for (const [name, make] of Object.entries(makers)) {
    const bytes = await make().catch(() => undefined);
    if (bytes !== undefined) samples.push({ name, bytes });
  }
  for (const name of kept) samples.push({ name, bytes: readFileSync(path.resolve('test/fixtures/pictures', name)) });
  return samples;
}

/** Of the fixtures, what no coder of this machine writes. */
const kept = [
  'text.pbm',
  'raw.pbm',
  'text-100.pgm',
  'raw.ppm',
  'raw-1023.ppm',
  'runs.tga',
  'palette.tga',
  '15bit-lower-right.tga',
  'ycbcr-lzw.tif',
  'cmyk16-deflate.tif',
  'planes-in-tiles.tif',
  'float.tif',
  'fax4.tif',
  'big.tif',
  'turned-6-tiles.tif',
  'turned-6.avif',
  'colour.heic',
] as const;

const DRAWING = `<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 48 32" width="48" height="32">
  <defs><linearGradient id="g"><stop offset="0" stop-color="#f00"/><stop offset="1" stop-color="#00f"/></linearGradient>
  <filter id="f"><feGaussianBlur stdDeviation="2"/></filter><clipPath id="c"><rect width="40" height="30"/></clipPath></defs>
  <g clip-path="url(#c)" transform="rotate(5)"><rect width="48" height="32" fill="url(#g)" filter="url(#f)"/><text x="4" y="20" font-size="8">wörter</text>
  <path d="M1 1 C 5 9, 20 3, 40 30 Z" stroke="green" stroke-dasharray="3 1"/><use xlink:href="#c"/></g>
</svg>`;

function bmp(bitsPerPixel: 8 | 24 | 32): Buffer {
  return bmpFile({
    widthPx: WIDTH,
    heightPx: HEIGHT,
    bitsPerPixel,
    valueAt: (x, y) => x * 5 + y,
    ...(bitsPerPixel === 8
      ? { palette: Array.from({ length: 256 }, (_, level) => [level, 255 - level, 9] as const) }
      : {}),
    ...(bitsPerPixel === 32 ? { compression: 3, masks: [0xff0000, 0xff00, 0xff] } : {}),
  });
}

/** The first 1/16, 2/16 … 15/16, and all but the last byte. */
export function truncated({ bytes }: PictureSample): Buffer[] {
  const ends = Array.from({ length: 15 }, (_, index) => Math.round(bytes.length * (index + 1) / 16));
  return [...ends, bytes.length - 1].map(end => bytes.subarray(0, end));
}

/** Values at which arithmetic goes wrong. */
const NASTY_WORDS = [
  0,
  1,
  0x7f,
  0x80,
  0xff,
  0x7fff,
  0x8000,
  0xffff,
  0x10000,
  0x7fffffff,
  0x80000000,
  0xffffffff,
  0xfffffff0,
  0x40000000,
];

/** The same bytes with a few flipped, overwritten, copied, cut out or put in. */
export function mutated(bytes: Buffer, random: SeededRandom): Buffer {
  let copy: Buffer = Buffer.from(bytes);
  for (let count = 1 + random.below(4); count > 0; count--) copy = mutatedOnce(copy, random);
  return copy;
}

function mutatedOnce(bytes: Buffer, random: SeededRandom): Buffer {
  if (bytes.length < 8) return bytes;
  // Headers decide more than pixels do.
  const at = random.below(random.below(2) === 0 ? Math.min(bytes.length, 128) : bytes.length);
  const length = Math.min(1 + random.below(16), bytes.length - at);
  switch (random.below(6)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ 1 << random.below(8);
      return bytes;
    case 1:
      bytes[at] = random.below(256);
      return bytes;
    case 2: {
      const word = random.pick(NASTY_WORDS);
      const place = Math.min(at, bytes.length - 4);
      if (random.below(2) === 0) bytes.writeUInt32LE(word, place);
      else bytes.writeUInt32BE(word, place);
      return bytes;
    }
    case 3:
      bytes.copy(bytes, random.below(bytes.length), at, at + length);
      return bytes;
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    default:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(Array.from({ length }, () => random.below(256))),
        bytes.subarray(at),
      ]);
  }
}
