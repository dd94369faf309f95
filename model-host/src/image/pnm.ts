/**
 * Reads PBM, PGM and PPM, as numbers in text or in bytes, of up to 16 bits. Source: Netpbm, “pbm”, “pgm” and “ppm”
 * format specifications; checked against Pillow 13.0 (`PpmImagePlugin`).
 */
import { damaged } from './pictureError';

/** What the header says; nothing of the pixels is touched to know it. */
export interface PnmHeader {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly kind: 'bits' | 'grey' | 'colour';
  readonly isText: boolean;
  /** The value of white, 1…65535. */
  readonly maxValue: number;
  readonly pixelOffset: number;
}

const kinds = ['bits', 'grey', 'colour'] as const;
/** White space: tab, line feed, vertical tab, form feed, carriage return, space. */
const isSpace = (byte: number | undefined) => byte !== undefined && (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
const HASH = 0x23;
const ZERO = 0x30;
const MOST_DIGITS = 10;

/** @throws PictureError */
export function readPnmHeader(file: Buffer): PnmHeader {
  const magic = file.readUInt8(1) - ZERO;
  const kind = kinds[(magic - 1) % kinds.length] ?? 'grey';
  const numbers = new NumberReader(file, 2);
  const widthPx = numbers.next();
  const heightPx = numbers.next();
  const maxValue = kind === 'bits' ? 1 : numbers.next();
  if (widthPx < 1 || heightPx < 1) throw damaged('its width or height is zero');
  if (maxValue < 1 || maxValue > 0xffff) throw damaged(`its white is ${maxValue}, which is not from 1 to 65535`);
  // One character of white space, and no comment, stands before the pixels.
  return { widthPx, heightPx, kind, isText: magic <= kinds.length, maxValue, pixelOffset: numbers.at + 1 };
}

/**
 * @returns RGB `[heightPx, widthPx, 3]`. Greys of more than 8 bits give their high byte, as those of other files do.
 * @throws PictureError where the file ends before its last pixel, or holds something else than numbers.
 */
export function decodePnm(file: Buffer, header: PnmHeader): Uint8Array {
  const levels = header.kind === 'bits' ? bitLevels(file, header) : numberLevels(file, header);
  if (header.kind === 'colour') return levels;
  const rgb = new Uint8Array(levels.length * 3);
  for (let i = 0; i < levels.length; i++) rgb.fill(levels[i]!, i * 3, i * 3 + 3);
  return rgb;
}

/** A set bit is black. Digits of the text form may stand without space between them. */
function bitLevels(file: Buffer, { widthPx, heightPx, isText, pixelOffset }: PnmHeader): Uint8Array {
  const rowBytes = Math.ceil(widthPx / 8);
  checkLength(file, pixelOffset + (isText ? widthPx : rowBytes) * heightPx);
  const levels = new Uint8Array(widthPx * heightPx);
  if (isText) {
    const numbers = new NumberReader(file, pixelOffset);
    for (let i = 0; i < levels.length; i++) levels[i] = numbers.nextBit() === 1 ? 0 : 255;
    return levels;
  }
  for (let i = 0; i < levels.length; i++) {
    const x = i % widthPx;
    const byte = file[pixelOffset + (i - x) / widthPx * rowBytes + (x >> 3)]!;
    levels[i] = (byte >> (7 - (x & 7)) & 1) === 1 ? 0 : 255;
  }
  return levels;
}

function numberLevels(file: Buffer, header: PnmHeader): Uint8Array {
  const { widthPx, heightPx, kind, isText, maxValue, pixelOffset } = header;
  const count = widthPx * heightPx * (kind === 'colour' ? 3 : 1);
  const bytes = maxValue < 256 ? 1 : 2;
  // Numbers in text have at least one digit, and white space between them.
  checkLength(file, pixelOffset + (isText ? count * 2 - 1 : count * bytes));
  const levels = new Uint8Array(count);
  const levelOf = levelTable(maxValue, kind === 'grey');
  if (isText) {
    const numbers = new NumberReader(file, pixelOffset);
    for (let i = 0; i < levels.length; i++) {
      const value = numbers.next();
      if (value > maxValue) throw damaged(`it holds ${value}, and its white is ${maxValue}`);
      levels[i] = levelOf[value]!;
    }
    return levels;
  }
  for (let i = 0; i < levels.length; i++) {
    levels[i] = levelOf[bytes === 1 ? file[pixelOffset + i]! : file.readUInt16BE(pixelOffset + i * 2)]!;
  }
  return levels;
}

/** Levels by value, also of values beyond white. Source: Pillow 13.0, `PpmDecoder.decode`; its `round` takes halves to even. */
function levelTable(maxValue: number, isGrey: boolean): Uint8Array {
  const isDeepGrey = isGrey && maxValue > 255;
  const white = isDeepGrey ? 65535 : 255;
  return Uint8Array.from({ length: maxValue < 256 ? 256 : 65536 }, (_, value) => {
    const level = Math.min(white, roundHalfToEven(value / maxValue * white));
    return isDeepGrey ? level >> 8 : level;
  });
}

function roundHalfToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}

function checkLength(file: Buffer, needed: number): void {
  if (file.length < needed) throw damaged(`it ends after ${file.length} of ${needed} bytes`);
}

/** Numbers in text, with white space between them and comments from `#` to the end of a line. */
class NumberReader {
  constructor(private readonly file: Buffer, public at: number) {}

  /** @throws PictureError */
  next(): number {
    this.skip();
    const from = this.at;
    let value = 0;
    for (let byte = this.file[this.at]; byte !== undefined && !isSpace(byte); byte = this.file[++this.at]) {
      const digit = byte - ZERO;
      if (digit < 0 || digit > 9) {
        // A comment may begin right behind a number.
        if (byte === HASH && this.at > from) break;
        throw damaged('something else than a number stands in it');
      }
      value = value * 10 + digit;
      if (this.at - from >= MOST_DIGITS) throw damaged('a number in it has too many digits');
    }
    if (this.at === from) throw damaged('it ends before its last number');
    return value;
  }

  /** @throws PictureError */
  nextBit(): number {
    this.skip();
    const bit = (this.file[this.at++] ?? NaN) - ZERO;
    if (Number.isNaN(bit)) throw damaged('it ends before its last number');
    if (bit !== 0 && bit !== 1) throw damaged('something else than 0 and 1 stands in it');
    return bit;
  }

  private skip(): void {
    for (let byte = this.file[this.at]; byte !== undefined; byte = this.file[this.at]) {
      if (byte === HASH) this.skipLine();
      else if (isSpace(byte)) this.at++;
      else return;
    }
  }

  private skipLine(): void {
    for (let byte = this.file[this.at]; byte !== undefined && byte !== 0x0a && byte !== 0x0d;) {
      byte = this.file[++this.at];
    }
  }
}
