/**
 * Reads Windows and OS/2 bitmaps, which the prebuilt libvips of sharp cannot.
 * Source: Microsoft, "Bitmap Storage" and BITMAPINFOHEADER / BITMAPV5HEADER; checked against Pillow 13.0
 * (`BmpImagePlugin`).
 */
import { breathe, rowsBetweenBreaths } from '../util/breathe';
import { damaged, unsupported } from './pictureError';

/** What the header says; nothing of the pixels is touched to know it. */
export interface BmpHeader {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly isTopDown: boolean;
  readonly bitsPerPixel: 1 | 4 | 8 | 16 | 24 | 32;
  readonly pixelOffset: number;
  /** Bytes from one row to the next; rows end on four bytes. */
  readonly rowBytes: number;
  /** RGB triples; empty above 8 bits a pixel. */
  readonly palette: Uint8Array;
  /** Red, green and blue masks of 16- and 32-bit pixels. */
  readonly masks: readonly [number, number, number];
}

const FILE_HEADER_BYTES = 14;
const CORE_HEADER_BYTES = 12;
const INFO_HEADER_BYTES = 40;
const BI_RGB = 0;
const BI_BITFIELDS = 3;
const BI_ALPHABITFIELDS = 6;
const compressionNames: Readonly<Record<number, string>> = {
  1: 'run-length (RLE8)',
  2: 'run-length (RLE4)',
  4: 'JPEG',
  5: 'PNG',
};

/** @throws PictureError */
export function readBmpHeader(file: Buffer): BmpHeader {
  if (file.length < FILE_HEADER_BYTES + CORE_HEADER_BYTES || file.toString('latin1', 0, 2) !== 'BM') {
    throw damaged('the header is cut off');
  }
  const headerBytes = file.readUInt32LE(FILE_HEADER_BYTES);
  const isCore = headerBytes === CORE_HEADER_BYTES;
  if (!isCore && headerBytes < INFO_HEADER_BYTES) {
    throw unsupported(`its header has an unknown size (${headerBytes} bytes)`);
  }
  if (FILE_HEADER_BYTES + headerBytes > file.length) throw damaged('the header is cut off');
  const { bitsPerPixel: depth, ...size } = isCore ? coreSize(file) : infoSize(file);
  if (size.widthPx < 1 || size.heightPx < 1) throw damaged('its width or height is zero');
  const bitsPerPixel = knownDepth(depth);
  const compression = isCore ? BI_RGB : file.readUInt32LE(30);
  const masks = pixelMasks(file, compression, bitsPerPixel);
  const saidOffset = file.readUInt32LE(10);
  const palette = bitsPerPixel > 8
    ? new Uint8Array(0)
    : readPalette(file, headerBytes, isCore, bitsPerPixel, saidOffset === 0 ? file.length : saidOffset);
  // Zero says nothing: the pixels follow at once.
  const pixelOffset = saidOffset === 0 ? endOfHeader(headerBytes, isCore, compression, palette) : saidOffset;
  return {
    ...size,
    bitsPerPixel,
    pixelOffset,
    rowBytes: Math.ceil(size.widthPx * bitsPerPixel / 32) * 4,
    palette,
    masks,
  };
}

/**
 * Cancellable between rows.
 * @returns RGB `[heightPx, widthPx, 3]`, rows top to bottom; alpha is dropped.
 * @throws PictureError where the file ends before its last row; DOMException `AbortError`.
 */
export async function decodeBmp(file: Buffer, header: BmpHeader, signal?: AbortSignal): Promise<Uint8Array> {
  const { widthPx, heightPx, rowBytes, pixelOffset } = header;
  // The last row may lack its padding: some programs cut it off.
  const needed = pixelOffset + rowBytes * (heightPx - 1) + Math.ceil(widthPx * header.bitsPerPixel / 8);
  if (file.length < needed) throw damaged(`it ends after ${file.length} of ${needed} bytes`);
  const data = new Uint8Array(widthPx * heightPx * 3);
  const copyRow = rowReader(file, header);
  for (let y = 0; y < heightPx; y++) {
    if (y % rowsBetweenBreaths(rowBytes) === 0) await breathe(signal);
    const row = header.isTopDown ? y : heightPx - 1 - y;
    copyRow(pixelOffset + row * rowBytes, data, y * widthPx * 3);
  }
  return data;
}

type RowReader = (from: number, into: Uint8Array, at: number) => void;

function rowReader(file: Buffer, header: BmpHeader): RowReader {
  switch (header.bitsPerPixel) {
    case 1:
    case 4:
    case 8:
      return (from, into, at) => copyIndexedRow(file, from, header, into, at);
    case 24:
      return (from, into, at) => copyBgrRow(file, from, header.widthPx, into, at);
    case 16:
    case 32:
      return maskedRowReader(file, header, header.bitsPerPixel / 8);
  }
}

function copyIndexedRow(file: Buffer, from: number, header: BmpHeader, into: Uint8Array, at: number): void {
  const { bitsPerPixel, palette } = header;
  const last = (1 << bitsPerPixel) - 1;
  for (let x = 0; x < header.widthPx; x++) {
    const bit = x * bitsPerPixel;
    const index = (file[from + (bit >> 3)]! >> (8 - bitsPerPixel - (bit & 7))) & last;
    // An index behind the end of the palette is black, as Pillow has it.
    for (let channel = 0; channel < 3; channel++) into[at + x * 3 + channel] = palette[index * 3 + channel] ?? 0;
  }
}

function copyBgrRow(file: Buffer, from: number, width: number, into: Uint8Array, at: number): void {
  for (let x = 0; x < width * 3; x += 3) {
    into[at + x] = file[from + x + 2]!;
    into[at + x + 1] = file[from + x + 1]!;
    into[at + x + 2] = file[from + x]!;
  }
}

function maskedRowReader(file: Buffer, header: BmpHeader, bytes: number): RowReader {
  const channels = header.masks.map(mask => ({ mask, shift: mask === 0 ? 0 : 31 - Math.clz32(mask & -mask) }));
  const scales = channels.map(({ mask, shift }) => mask >>> shift);
  return (from, into, at) => {
    for (let x = 0; x < header.widthPx; x++) {
      const pixel = bytes === 2 ? file.readUInt16LE(from + x * 2) : file.readUInt32LE(from + x * 4);
      for (let channel = 0; channel < 3; channel++) {
        const { mask, shift } = channels[channel]!;
        const top = scales[channel]!;
        // 5 or 6 bits become 8 by level · 255 / top, rounded down. Source: Pillow, `Unpack.c`, `ImagingUnpackBGR15`.
        into[at + x * 3 + channel] = top === 0 ? 0 : Math.floor(((pixel & mask) >>> shift) * 255 / top);
      }
    }
  };
}

function coreSize(file: Buffer) {
  return {
    widthPx: file.readUInt16LE(18),
    heightPx: file.readUInt16LE(20),
    isTopDown: false,
    bitsPerPixel: file.readUInt16LE(24),
  };
}

function infoSize(file: Buffer) {
  const height = file.readInt32LE(22);
  return {
    widthPx: file.readInt32LE(18),
    heightPx: Math.abs(height),
    isTopDown: height < 0,
    bitsPerPixel: file.readUInt16LE(28),
  };
}

function knownDepth(bits: number): BmpHeader['bitsPerPixel'] {
  switch (bits) {
    case 1:
    case 4:
    case 8:
    case 16:
    case 24:
    case 32:
      return bits;
    default:
      throw unsupported(`it has ${bits} bits a pixel`);
  }
}

/** Whether inside a longer header or behind one of 40 bytes, the masks start at the same place. */
function pixelMasks(file: Buffer, compression: number, bitsPerPixel: number): [number, number, number] {
  if (compression === BI_BITFIELDS || compression === BI_ALPHABITFIELDS) {
    if (bitsPerPixel !== 16 && bitsPerPixel !== 32) {
      throw damaged(`colour masks do not go with ${bitsPerPixel} bits a pixel`);
    }
    const at = FILE_HEADER_BYTES + INFO_HEADER_BYTES;
    if (file.length < at + 12) throw damaged('the header is cut off');
    return [file.readUInt32LE(at), file.readUInt32LE(at + 4), file.readUInt32LE(at + 8)];
  }
  if (compression !== BI_RGB) {
    throw unsupported(`its compression is ${compressionNames[compression] ?? `of kind ${compression}`}`);
  }
  return bitsPerPixel === 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0x00ff00, 0x0000ff];
}

/** Behind the palette, or behind the masks that stand outside of a header of 40 bytes. */
function endOfHeader(headerBytes: number, isCore: boolean, compression: number, palette: Uint8Array): number {
  const hasMasksBehind = headerBytes === INFO_HEADER_BYTES && compression !== BI_RGB;
  const paletteBytes = palette.length / 3 * (isCore ? 3 : 4);
  return FILE_HEADER_BYTES + headerBytes + (hasMasksBehind ? 12 : 0) + paletteBytes;
}

/** @throws PictureError where there is no room for one: every pixel would be black. */
function readPalette(
  file: Buffer,
  headerBytes: number,
  isCore: boolean,
  bitsPerPixel: number,
  end: number,
): Uint8Array {
  const at = FILE_HEADER_BYTES + headerBytes;
  const entryBytes = isCore ? 3 : 4;
  const most = 1 << bitsPerPixel;
  const claimed = isCore ? 0 : file.readUInt32LE(46);
  const room = Math.max(0, Math.floor((Math.min(end, file.length) - at) / entryBytes));
  const entries = Math.min(claimed === 0 ? most : claimed, most, room);
  if (entries === 0) throw damaged('its palette is missing');
  const palette = new Uint8Array(entries * 3);
  for (let i = 0; i < entries; i++) {
    for (let channel = 0; channel < 3; channel++) palette[i * 3 + channel] = file[at + i * entryBytes + 2 - channel]!;
  }
  return palette;
}
