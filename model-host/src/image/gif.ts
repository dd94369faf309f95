/**
 * Reads the first frame of a GIF, since libvips shows transparent pixels as black and goes on after damage. Source:
 * CompuServe, “Graphics Interchange Format”, version 89a; checked against Pillow 13.0 (`GifImagePlugin`, `GifDecode.c`).
 */
import { breathe, rowsBetweenBreaths } from '../util/breathe';
import { damaged } from './pictureError';

/** What stands before the pixels of the first frame; nothing of them is touched to know it. */
export interface GifHeader {
  /** Of the screen, which a frame that reaches over it makes larger. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly frame: {
    readonly leftPx: number;
    readonly topPx: number;
    readonly widthPx: number;
    readonly heightPx: number;
  };
  readonly isInterlaced: boolean;
  /** 256 RGB triples. */
  readonly palette: Uint8Array;
  /** What the screen is filled with outside of the frame. */
  readonly backgroundIndex: number;
  /** Bits of a colour index. */
  readonly indexBits: number;
  readonly pixelOffset: number;
}

const SCREEN_BYTES = 13;
const EXTENSION = 0x21;
const FRAME = 0x2c;
const END = 0x3b;
const GRAPHIC_CONTROL = 0xf9;

/** @throws PictureError */
export function readGifHeader(file: Buffer): GifHeader {
  try {
    return headerOf(file);
  } catch (error) {
    if (error instanceof RangeError) throw damaged('it ends before its first frame');
    throw error;
  }
}

/** @throws RangeError where the file ends. */
function headerOf(file: Buffer): GifHeader {
  const flags = file.readUInt8(10);
  let at = SCREEN_BYTES + paletteBytes(flags);
  let transparent: number | undefined;
  for (;;) {
    const block = file.readUInt8(at++);
    if (block === FRAME) break;
    if (block === END) throw damaged('it holds no frame');
    if (block !== EXTENSION) continue;
    const label = file.readUInt8(at++);
    if (label === GRAPHIC_CONTROL && file.readUInt8(at) >= 4 && (file.readUInt8(at + 1) & 1) === 1) {
      transparent = file.readUInt8(at + 4);
    }
    for (let length = file.readUInt8(at++); length > 0; length = file.readUInt8(at++)) at += length;
  }
  const [leftPx, topPx, widthPx, heightPx] = [0, 2, 4, 6].map(offset => file.readUInt16LE(at + offset)) as [
    number,
    number,
    number,
    number,
  ];
  if (widthPx === 0 || heightPx === 0) throw damaged('its first frame has no pixels');
  const frameFlags = file.readUInt8(at + 8);
  const palette = paletteOf(file, at + 9, frameFlags) ?? paletteOf(file, SCREEN_BYTES, flags) ?? greys();
  const indexAt = at + 9 + paletteBytes(frameFlags);
  return {
    widthPx: Math.max(file.readUInt16LE(6), leftPx + widthPx),
    heightPx: Math.max(file.readUInt16LE(8), topPx + heightPx),
    frame: { leftPx, topPx, widthPx, heightPx },
    isInterlaced: (frameFlags & 0x40) !== 0,
    palette,
    backgroundIndex: transparent ?? 0,
    indexBits: file.readUInt8(indexAt),
    pixelOffset: indexAt + 1,
  };
}

/** Behind the flags of a screen or frame. */
function paletteBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 6 << (flags & 7);
}

/** @returns undefined where there is none; colours that it lacks are black. */
function paletteOf(file: Buffer, at: number, flags: number): Uint8Array | undefined {
  const bytes = paletteBytes(flags);
  if (bytes === 0) return undefined;
  file.readUInt8(at + bytes - 1);
  const palette = new Uint8Array(256 * 3);
  palette.set(file.subarray(at, at + bytes));
  return palette;
}

/** Without a palette an index is a level of grey. */
function greys(): Uint8Array {
  return Uint8Array.from({ length: 256 * 3 }, (_, byte) => Math.floor(byte / 3));
}

/**
 * Cancellable between rows.
 * @returns RGB `[heightPx, widthPx, 3]`. Transparent pixels have the colour that the palette gives them.
 * @throws PictureError where the file ends before its last pixel or makes no sense; DOMException `AbortError`.
 */
export async function decodeGif(file: Buffer, header: GifHeader, signal?: AbortSignal): Promise<Uint8Array> {
  const { widthPx, heightPx, frame, palette, backgroundIndex } = header;
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  if (frame.widthPx < widthPx || frame.heightPx < heightPx) {
    const background = palette.subarray(backgroundIndex * 3, backgroundIndex * 3 + 3);
    rgb.set(background);
    // Each time as much again as there is.
    for (let filled = 3; filled < rgb.length; filled *= 2) rgb.copyWithin(filled, 0, filled);
  }
  const reader = new IndexReader(file, header.pixelOffset, header.indexBits);
  const row = new Uint8Array(frame.widthPx);
  let read = 0;
  for (const y of rowOrder(frame.heightPx, header.isInterlaced)) {
    if (read++ % rowsBetweenBreaths(frame.widthPx * 3) === 0) await breathe(signal);
    reader.fill(row);
    let to = ((frame.topPx + y) * widthPx + frame.leftPx) * 3;
    for (const index of row) {
      for (let channel = 0; channel < 3; channel++) rgb[to++] = palette[index * 3 + channel]!;
    }
  }
  return rgb;
}

/** Interlaced, every 8th row comes first, then those halfway between, and so on. */
function* rowOrder(rows: number, isInterlaced: boolean): Iterable<number> {
  const passes = isInterlaced ? [[0, 8], [4, 8], [2, 4], [1, 2]] as const : [[0, 1]] as const;
  for (const [first, step] of passes) for (let y = first; y < rows; y += step) yield y;
}

/** Codes have at most 12 bits. */
const MOST_CODES = 4096;

/** Colour indices, unpacked from variable-length LZW in blocks of up to 255 bytes. */
class IndexReader {
  private readonly clear: number;
  /** What each code stands for: the string of another code, and one more index. */
  private readonly prefix = new Uint16Array(MOST_CODES);
  private readonly suffix = new Uint8Array(MOST_CODES);
  private next = 0;
  private codeBits = 0;
  /** The code before; undefined behind a clear code. */
  private last: number | undefined;
  /** First index of the string of `last`. */
  private lastFirst = 0;
  /** The string that is being handed out, from `from` on. */
  private readonly string = new Uint8Array(MOST_CODES + 1);
  private from = this.string.length;
  private bits = 0;
  private bitCount = 0;
  private blockLeft = 0;

  constructor(private readonly file: Buffer, private at: number, private readonly indexBits: number) {
    if (indexBits < 1 || indexBits > 11) throw damaged(`its colour indices have ${indexBits} bits`);
    this.clear = 1 << indexBits;
    this.reset();
  }

  /** @throws PictureError */
  fill(row: Uint8Array): void {
    for (let filled = 0; filled < row.length;) {
      if (this.from === this.string.length) this.readString();
      const count = Math.min(this.string.length - this.from, row.length - filled);
      row.set(this.string.subarray(this.from, this.from + count), filled);
      this.from += count;
      filled += count;
    }
  }

  private reset(): void {
    this.next = this.clear + 2;
    this.codeBits = this.indexBits + 1;
    this.last = undefined;
  }

  private readString(): void {
    let code = this.readCode();
    for (; code === this.clear; code = this.readCode()) this.reset();
    if (code === this.clear + 1) throw damaged('it ends before its last pixel');
    if (code > (this.last === undefined ? this.clear : this.next)) throw damaged('a code in it stands for nothing');
    this.unpack(code);
    this.addCode();
    this.last = code;
  }

  /** Strings are built from their end. */
  private unpack(code: number): void {
    const { string, prefix, suffix } = this;
    let at = string.length;
    let rest = code;
    if (this.last !== undefined && code === this.next) {
      string[--at] = this.lastFirst;
      rest = this.last;
    }
    while (rest >= this.clear) {
      if (at <= 1 || rest >= MOST_CODES) throw damaged('a code in it stands for nothing');
      string[--at] = suffix[rest]!;
      rest = prefix[rest]!;
    }
    string[--at] = rest;
    this.from = at;
    this.lastFirst = rest;
  }

  /** The string before with the first index of this one gets a code of its own, while there are some left. */
  private addCode(): void {
    if (this.last === undefined || this.next >= MOST_CODES) return;
    this.prefix[this.next] = this.last;
    this.suffix[this.next] = this.lastFirst;
    if (this.next === (1 << this.codeBits) - 1 && this.codeBits < 12) this.codeBits++;
    this.next++;
  }

  private readCode(): number {
    for (; this.bitCount < this.codeBits; this.bitCount += 8) this.bits |= this.readByte() << this.bitCount;
    const code = this.bits & ((1 << this.codeBits) - 1);
    this.bits >>>= this.codeBits;
    this.bitCount -= this.codeBits;
    return code;
  }

  private readByte(): number {
    if (this.blockLeft === 0) this.blockLeft = this.file[this.at++] ?? 0;
    const byte = this.file[this.at++];
    if (this.blockLeft === 0 || byte === undefined) throw damaged('it ends before its last pixel');
    this.blockLeft--;
    return byte;
  }
}
