/**
 * Reads PBM, PGM and PPM, as numbers in text or in bytes, of up to 16 bits. Source: Netpbm, “pbm”, “pgm” and “ppm”
 * format specifications; checked against Pillow 13.0 (`PpmImagePlugin`).
 */
import { breathe, rowsBetweenBreaths } from '../util/breathe';
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
 * Cancellable between rows.
 * @returns RGB `[heightPx, widthPx, 3]`. Greys of more than 8 bits give their high byte, as those of other files do.
 * @throws PictureError where the file ends before its last pixel, or holds something else than numbers; DOMException
 *   `AbortError`.
 */
export async function decodePnm(file: Buffer, header: PnmHeader, signal?: AbortSignal): Promise<Uint8Array> {
  const { widthPx, heightPx, kind } = header;
  const samples = widthPx * (kind === 'colour' ? 3 : 1);
  checkLength(file, header, samples);
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  const readRow = rowReader(file, header, samples);
  const levels = new Uint8Array(samples);
  for (let y = 0; y < heightPx; y++) {
    if (y % rowsBetweenBreaths(widthPx * 3) === 0) await breathe(signal);
    readRow(levels, y);
    const to = y * widthPx * 3;
    if (kind === 'colour') rgb.set(levels, to);
    else for (let x = 0; x < widthPx; x++) rgb[to + x * 3] = rgb[to + x * 3 + 1] = rgb[to + x * 3 + 2] = levels[x]!;
  }
  return rgb;
}

/** Numbers in text have at least one digit, and white space between them unless they are bits. */
function checkLength(
  file: Buffer,
  { heightPx, kind, isText, maxValue, pixelOffset }: PnmHeader,
  samples: number,
): void {
  const bytes = kind === 'bits'
    ? heightPx * (isText ? samples : Math.ceil(samples / 8))
    : isText
    ? heightPx * samples * 2 - 1
    : heightPx * samples * (maxValue < 256 ? 1 : 2);
  if (file.length < pixelOffset + bytes) throw damaged(`it ends after ${file.length} of ${pixelOffset + bytes} bytes`);
}

/** Fills `levels` with those of row `y`; rows are asked for in their order. */
type RowReader = (levels: Uint8Array, y: number) => void;

function rowReader(file: Buffer, header: PnmHeader, samples: number): RowReader {
  const { kind, isText, maxValue, pixelOffset } = header;
  if (isText) return textReader(new NumberReader(file, pixelOffset), header);
  if (kind === 'bits') {
    const rowBytes = Math.ceil(samples / 8);
    return (levels, y) => {
      const from = pixelOffset + y * rowBytes;
      for (let x = 0; x < levels.length; x++) levels[x] = (file[from + (x >> 3)]! >> (7 - (x & 7)) & 1) === 1 ? 0 : 255;
    };
  }
  const levelOf = levelTable(maxValue, kind === 'grey');
  return maxValue < 256
    ? (levels, y) => {
      const from = pixelOffset + y * samples;
      for (let i = 0; i < levels.length; i++) levels[i] = levelOf[file[from + i]!]!;
    }
    : (levels, y) => {
      const from = pixelOffset + y * samples * 2;
      for (let i = 0; i < levels.length; i++) levels[i] = levelOf[file[from + i * 2]! * 256 + file[from + i * 2 + 1]!]!;
    };
}

/** A set bit is black. Digits of bits may stand without space between them. */
function textReader(numbers: NumberReader, { kind, maxValue }: PnmHeader): RowReader {
  if (kind === 'bits') {
    return levels => {
      for (let i = 0; i < levels.length; i++) levels[i] = numbers.nextBit() === 1 ? 0 : 255;
    };
  }
  const levelOf = levelTable(maxValue, kind === 'grey');
  return levels => {
    for (let i = 0; i < levels.length; i++) {
      const value = numbers.next();
      if (value > maxValue) throw damaged(`it holds ${value}, and its white is ${maxValue}`);
      levels[i] = levelOf[value]!;
    }
  };
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
