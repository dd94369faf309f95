/**
 * Reads Targa. Source: Truevision, “TGA File Format Specification”, version 2.0; checked against Pillow 13.0
 * (`TgaImagePlugin`, `TgaRleDecode.c`).
 */
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
 * @returns RGB `[heightPx, widthPx, 3]`, rows top to bottom; alpha is dropped.
 * @throws PictureError where the file ends before its last pixel.
 */
export function decodeTga(file: Buffer, header: TgaHeader): Uint8Array {
  const { widthPx, heightPx, bytesPerPixel, pixelOffset } = header;
  const pixels = header.isRunLength ? unpacked(file, header) : file.subarray(pixelOffset);
  const needed = widthPx * heightPx * bytesPerPixel;
  if (pixels.length < needed) throw damaged(`it ends after ${pixels.length} of ${needed} bytes of pixels`);
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  const copyPixel = pixelReader(file, header);
  for (let y = 0, from = 0; y < heightPx; y++) {
    const row = (header.isTopDown ? y : heightPx - 1 - y) * widthPx;
    for (let x = 0; x < widthPx; x++, from += bytesPerPixel) {
      copyPixel(pixels, from, rgb, (row + (header.isRightToLeft ? widthPx - 1 - x : x)) * 3);
    }
  }
  return rgb;
}

/** Packets of up to 128 pixels: a count with the high bit set and one pixel for all, or a count and as many pixels. */
function unpacked(file: Buffer, { widthPx, heightPx, bytesPerPixel, pixelOffset }: TgaHeader): Uint8Array {
  const pixels = new Uint8Array(widthPx * heightPx * bytesPerPixel);
  let at = pixelOffset;
  for (let filled = 0; filled < pixels.length;) {
    const head = file[at++];
    if (head === undefined) throw damaged('it ends before its last run of pixels');
    const isRun = head >= 0x80;
    const bytes = Math.min(((head & 0x7f) + 1) * bytesPerPixel, pixels.length - filled);
    const given = isRun ? bytesPerPixel : bytes;
    if (at + given > file.length) throw damaged('it ends before its last run of pixels');
    if (isRun) { for (let i = 0; i < bytes; i++) pixels[filled + i] = file[at + i % bytesPerPixel]!; }
    else pixels.set(file.subarray(at, at + bytes), filled);
    at += given;
    filled += bytes;
  }
  return pixels;
}

type PixelCopier = (from: Uint8Array, at: number, into: Uint8Array, to: number) => void;

function pixelReader(file: Buffer, header: TgaHeader): PixelCopier {
  switch (header.kind) {
    case 'grey':
      return (from, at, into, to) => into.fill(from[at]!, to, to + 3);
    case 'colour':
      return header.bytesPerPixel === 2 ? copyBgr15 : copyBgr;
    case 'palette': {
      const palette = readPalette(file, header);
      return (from, at, into, to) => into.set(palette.subarray(from[at]! * 3, from[at]! * 3 + 3), to);
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
