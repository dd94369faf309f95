/**
 * Reads Targa. Source: Truevision, “TGA File Format Specification”, version 2.0; checked against Pillow 13.0
 * (`TgaImagePlugin`, `TgaRleDecode.c`).
 */
import { breathe, rowsBetweenBreaths } from '../util/breathe';
import { damaged, unsupported } from './pictureError';

/** What the header says; nothing of the pixels is touched to know it. */
export interface TgaHeader {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly kind: 'palette' | 'colour' | 'grey';
  readonly isRunLength: boolean;
  readonly bytesPerPixel: number;
  readonly isTopDown: boolean;
  readonly isRightToLeft: boolean;
  readonly paletteOffset: number;
  /** Index of the first colour in the palette. */
  readonly paletteStart: number;
  readonly paletteLength: number;
  readonly paletteBytes: number;
  readonly pixelOffset: number;
}

const HEADER_BYTES = 18;
const RUN_LENGTH = 8;
const kinds = ['palette', 'colour', 'grey'] as const;
/** Bits of a pixel that are read, by kind. */
const depths = { palette: [8], colour: [15, 16, 24, 32], grey: [8, 16] } as const;
const paletteDepths = [15, 16, 24, 32];

/** @throws PictureError. Of a file that begins as one of this kind does. */
export function readTgaHeader(file: Buffer): TgaHeader {
  const type = file.readUInt8(2);
  const kind = kinds[(type & 7) - 1] ?? 'colour';
  const depth = file.readUInt8(16);
  const flags = file.readUInt8(17);
  if (!(depths[kind] as readonly number[]).includes(depth)) throw unsupported(`it has ${depth} bits a pixel`);
  const hasPalette = file.readUInt8(1) === 1;
  const paletteBits = file.readUInt8(7);
  if (hasPalette && !paletteDepths.includes(paletteBits)) {
    throw unsupported(`the colours of its palette have ${paletteBits} bits`);
  }
  const paletteOffset = HEADER_BYTES + file.readUInt8(0);
  const paletteLength = hasPalette ? file.readUInt16LE(5) : 0;
  const paletteBytes = Math.ceil(paletteBits / 8);
  const [widthPx, heightPx] = [file.readUInt16LE(12), file.readUInt16LE(14)];
  return {
    widthPx,
    heightPx,
    kind,
    isRunLength: (type & RUN_LENGTH) !== 0,
    bytesPerPixel: Math.ceil(depth / 8),
    isTopDown: (flags & 0x20) !== 0,
    isRightToLeft: (flags & 0x10) !== 0,
    paletteOffset,
    paletteStart: file.readUInt16LE(3),
    paletteLength,
    paletteBytes,
    pixelOffset: paletteOffset + paletteLength * paletteBytes,
  };
}

/**
 * Cancellable between rows.
 * @returns RGB `[heightPx, widthPx, 3]`, rows top to bottom; alpha is dropped.
 * @throws PictureError where the file ends before its last pixel; DOMException `AbortError`.
 */
export async function decodeTga(file: Buffer, header: TgaHeader, signal?: AbortSignal): Promise<Uint8Array> {
  const { widthPx, heightPx, bytesPerPixel, pixelOffset } = header;
  const rowBytes = widthPx * bytesPerPixel;
  if (!header.isRunLength && file.length < pixelOffset + rowBytes * heightPx) {
    throw damaged(`it ends after ${file.length} of ${pixelOffset + rowBytes * heightPx} bytes`);
  }
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  const runs = header.isRunLength ? new RunReader(file, header) : undefined;
  const unpacked = new Uint8Array(runs === undefined ? 0 : rowBytes);
  const convert = rowConverter(file, header);
  const step = header.isRightToLeft ? -3 : 3;
  for (let y = 0; y < heightPx; y++) {
    if (y % rowsBetweenBreaths(rowBytes) === 0) await breathe(signal);
    const at = pixelOffset + y * rowBytes;
    const row = runs === undefined ? file.subarray(at, at + rowBytes) : runs.fill(unpacked);
    const first = (header.isTopDown ? y : heightPx - 1 - y) * widthPx;
    convert(row, rgb, (header.isRightToLeft ? first + widthPx - 1 : first) * 3, step);
  }
  return rgb;
}

/**
 * Packets of up to 128 pixels: a count with the high bit set and one pixel for all, or a count and as many pixels. They
 * may go on in the next row.
 */
class RunReader {
  private at: number;
  /** Bytes that the packet still gives. */
  private left = 0;
  private isRun = false;

  constructor(private readonly file: Buffer, private readonly header: TgaHeader) {
    this.at = header.pixelOffset;
  }

  /** @returns `row` itself. @throws PictureError */
  fill(row: Uint8Array): Uint8Array {
    const { bytesPerPixel } = this.header;
    for (let filled = 0; filled < row.length;) {
      if (this.left === 0) this.readHead();
      const bytes = Math.min(this.left, row.length - filled);
      const given = this.isRun ? bytesPerPixel : bytes;
      if (this.at + given > this.file.length) throw damaged('it ends before its last run of pixels');
      row.set(this.file.subarray(this.at, this.at + given), filled);
      if (this.isRun) repeat(row, filled, bytesPerPixel, bytes);
      this.left -= bytes;
      if (!this.isRun || this.left === 0) this.at += given;
      filled += bytes;
    }
    return row;
  }

  private readHead(): void {
    const head = this.file[this.at++];
    if (head === undefined) throw damaged('it ends before its last run of pixels');
    this.isRun = head >= 0x80;
    this.left = ((head & 0x7f) + 1) * this.header.bytesPerPixel;
  }
}

/** Repeats the first `unit` bytes from `at` on, until there are `bytes` of them. */
function repeat(row: Uint8Array, at: number, unit: number, bytes: number): void {
  for (let done = unit; done < bytes; done *= 2) row.copyWithin(at + done, at, at + Math.min(done, bytes - done));
}

/** Writes the pixels of `row` from `to` on, `step` apart. */
type RowConverter = (row: Uint8Array, into: Uint8Array, to: number, step: number) => void;

function rowConverter(file: Buffer, header: TgaHeader): RowConverter {
  const { bytesPerPixel } = header;
  switch (header.kind) {
    case 'grey':
      return (row, into, to, step) => {
        for (let at = 0; at < row.length; at += bytesPerPixel, to += step) {
          into[to] = into[to + 1] = into[to + 2] = row[at]!;
        }
      };
    case 'colour': {
      const copy = bytesPerPixel === 2 ? copyBgr15 : copyBgr;
      return (row, into, to, step) => {
        for (let at = 0; at < row.length; at += bytesPerPixel, to += step) copy(row, at, into, to);
      };
    }
    case 'palette': {
      const palette = readPalette(file, header);
      return (row, into, to, step) => {
        for (const index of row) {
          for (let channel = 0; channel < 3; channel++) into[to + channel] = palette[index * 3 + channel]!;
          to += step;
        }
      };
    }
  }
}

/** 256 RGB triples; those that the file does not give are black, as Pillow has it. */
function readPalette(
  file: Buffer,
  { paletteOffset, paletteStart, paletteLength, paletteBytes }: TgaHeader,
): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  const copy = paletteBytes === 2 ? copyBgr15 : copyBgr;
  if (paletteOffset + paletteLength * paletteBytes > file.length) throw damaged('it ends inside its palette');
  for (let i = 0; i < paletteLength && paletteStart + i < 256; i++) {
    copy(file, paletteOffset + i * paletteBytes, palette, (paletteStart + i) * 3);
  }
  return palette;
}

function copyBgr(from: Uint8Array, at: number, into: Uint8Array, to: number): void {
  into[to] = from[at + 2]!;
  into[to + 1] = from[at + 1]!;
  into[to + 2] = from[at]!;
}

/** 5 bits become 8 by level · 255 / 31, rounded down. Source: Pillow 13.0, `Unpack.c`, `ImagingUnpackBGRA15Z`. */
function copyBgr15(from: Uint8Array, at: number, into: Uint8Array, to: number): void {
  const pixel = from[at]! + from[at + 1]! * 256;
  for (let channel = 0; channel < 3; channel++) {
    into[to + channel] = Math.floor((pixel >> (10 - 5 * channel) & 31) * 255 / 31);
  }
}
