/** Writes bitmaps of the kinds that programs write, from RGB rows or palette indices. */
export interface BmpOptions {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitsPerPixel: number;
  /** Value of the pixel at x, y: an index, or a little-endian number that holds the colour. */
  readonly valueAt: (x: number, y: number) => number;
  /** RGB triples. */
  readonly palette?: readonly (readonly [number, number, number])[];
  readonly isTopDown?: boolean;
  readonly header?: 'core' | 'info' | 'v4';
  readonly compression?: number;
  readonly masks?: readonly number[];
}

export function bmpFile(options: BmpOptions): Buffer {
  const { widthPx, heightPx, bitsPerPixel, palette = [], masks = [] } = options;
  const headerBytes = { core: 12, info: 40, v4: 108 }[options.header ?? 'info'];
  const header = Buffer.alloc(14 + headerBytes + (headerBytes === 40 ? masks.length * 4 : 0));
  const entryBytes = headerBytes === 12 ? 3 : 4;
  const colours = Buffer.alloc(palette.length * entryBytes);
  palette.forEach(([red, green, blue], i) => colours.set([blue, green, red], i * entryBytes));
  const rowBytes = Math.ceil(widthPx * bitsPerPixel / 32) * 4;
  const pixels = Buffer.alloc(rowBytes * heightPx);
  for (let y = 0; y < heightPx; y++) {
    const row = (options.isTopDown ? y : heightPx - 1 - y) * rowBytes;
    for (let x = 0; x < widthPx; x++) putPixel(pixels, row, x, bitsPerPixel, options.valueAt(x, y));
  }
  header.write('BM', 'latin1');
  header.writeUInt32LE(header.length + colours.length + pixels.length, 2);
  header.writeUInt32LE(header.length + colours.length, 10);
  header.writeUInt32LE(headerBytes, 14);
  if (headerBytes === 12) {
    header.writeUInt16LE(widthPx, 18);
    header.writeUInt16LE(heightPx, 20);
    header.writeUInt16LE(1, 22);
    header.writeUInt16LE(bitsPerPixel, 24);
  } else {
    header.writeInt32LE(widthPx, 18);
    header.writeInt32LE(options.isTopDown ? -heightPx : heightPx, 22);
    header.writeUInt16LE(1, 26);
    header.writeUInt16LE(bitsPerPixel, 28);
    header.writeUInt32LE(options.compression ?? 0, 30);
    header.writeUInt32LE(pixels.length, 34);
    header.writeUInt32LE(palette.length, 46);
    masks.forEach((mask, i) => header.writeUInt32LE(mask, 54 + i * 4));
  }
  return Buffer.concat([header, colours, pixels]);
}

function putPixel(pixels: Buffer, row: number, x: number, bits: number, value: number): void {
  if (bits >= 8) {
    for (let byte = 0; byte < bits / 8; byte++) {
      pixels[row + x * bits / 8 + byte] = Math.floor(value / 2 ** (8 * byte)) & 255;
    }
    return;
  }
  const bit = x * bits;
  pixels[row + (bit >> 3)]! |= value << (8 - bits - (bit & 7));
}
