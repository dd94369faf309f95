/** What the first bytes of a file tell: whether it is a picture that can be read, and its size, without decoding it. */
import { Buffer } from 'node:buffer';
import { openPlainFile } from '../../../system/src/plainFile';
import { isOnItsSide, isTurnedByExif, tiffNumber } from './exifOrientation';
import { gifSize } from './gifSize';
import { heifSize } from './heifSize';
import type { Size } from './size';

export interface ImageHeader {
  /** False: the bytes are of no kind that the model host reads. */
  readonly isPicture: boolean;
  /** Upright, as a viewer shows it; absent where the header does not tell. */
  readonly widthPx?: number;
  readonly heightPx?: number;
}

const isWebp = /^RIFF[^]{4}WEBP/;
const EXIF_NAME = 'Exif\0\0';
const pnmStart = /^P[1-6](?:\s|#[^\r\n]*[\r\n])+(\d{1,10})(?:\s|#[^\r\n]*[\r\n])+(\d{1,10})/;

/** Kinds by their signature. The same ones as the model host reads. */
const signatures: readonly (readonly [RegExp, (bytes: Buffer, tail: Buffer) => Size | undefined])[] = [
  [/^\x89PNG\r\n\x1a\n/, pngSize],
  [/^\xff\xd8\xff/, jpegSize],
  [/^GIF8[79]a/, gifSize],
  [isWebp, webpSize],
  [/^(?:II[*+]\0(?![^]{4}CR\x02)|MM\0[*+])/, tiffSize],
  [/^[^]{4}ftyp(?:avi[fs]|hei[csmx]|hev[cmsx]|mif1|msf1)/, heifSize],
  // OS/2 wrote sides of two bytes into a shorter header.
  [/^BM[^]{12}\x0c\0\0\0/, bytes => size(bytes, 22, () => [bytes.readUInt16LE(18), bytes.readUInt16LE(20)])],
  [
    /^BM[^]{12}[\x28\x34\x38\x40\x6c\x7c]\0\0\0/,
    bytes => size(bytes, 26, () => [Math.abs(bytes.readInt32LE(18)), Math.abs(bytes.readInt32LE(22))]),
  ],
  [pnmStart, pnmSize],
  // Only whoever draws it knows the size of a page.
  [/^%PDF-/, () => undefined],
];
/** No signature: it is looked for last. */
const tgaStart =
  /^[^](?:\0[\x02\x03\x0a\x0b]\0{5}|[\x01][\x01-\x03\x09-\x0b][^]{4}[\x0f\x10\x18\x20])[^]{4}(?!\0\0|[^]{2}\0\0)[^]{4}[\x08\x0f\x10\x18\x20][\x00-\x3f]/;
/** A page may begin in the same way, and have an SVG in it. */
const svgStart = /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|!DOCTYPE(?!\s+html)|!--|svg[\s>])/i;

/** Bytes that tell the kind. */
export const KIND_BYTES = 4096;
/** Bytes in which the size of nearly every picture lies: pictures of cameras carry previews of 64 kB before it. */
export const SIZE_BYTES = 256 * 1024;

/** In which WebP has what turns a picture: behind the pixels. */
const TAIL_BYTES = 64 * 1024;

/** @throws FileRefused; the error of the file system. */
export async function readHeader(filePath: string, bytes: number): Promise<ImageHeader> {
  const file = await openPlainFile(filePath);
  try {
    const { size: fileBytes } = await file.stat();
    const read = async (from: number, most: number) => {
      const buffer = Buffer.alloc(Math.max(1, Math.min(most, fileBytes - from)));
      return buffer.subarray(0, (await file.read(buffer, 0, buffer.length, from)).bytesRead);
    };
    const head = await read(0, bytes);
    // Who wants to know the kind only does without the end.
    if (bytes < SIZE_BYTES || fileBytes <= bytes || !isWebp.test(head.toString('latin1', 0, 12))) {
      return parseHeader(head);
    }
    return parseHeader(head, await read(Math.max(0, fileBytes - TAIL_BYTES), TAIL_BYTES));
  } finally {
    await file.close();
  }
}

/** Takes any bytes; never throws. @param tail The last bytes of a file that is longer than `bytes`. */
export function parseHeader(bytes: Buffer, tail: Buffer = Buffer.alloc(0)): ImageHeader {
  const head = bytes.toString('latin1', 0, KIND_BYTES);
  for (const [signature, sizeOf] of signatures) {
    if (signature.test(head)) return { isPicture: true, ...sizeOf(bytes, tail) };
  }
  if (svgStart.test(head) && /<svg[\s>]/.test(head)) return { isPicture: true };
  if (!tgaStart.test(head)) return { isPicture: false };
  return { isPicture: true, ...size(bytes, 18, () => [bytes.readUInt16LE(12), bytes.readUInt16LE(14)]) };
}

function size(bytes: Buffer, needed: number, read: () => readonly [number, number]): Size | undefined {
  if (bytes.length < needed) return undefined;
  const [widthPx, heightPx] = read();
  return widthPx > 0 && heightPx > 0 ? { widthPx, heightPx } : undefined;
}

/** The frame header behind the other segments. Source: ITU-T T.81, B.1.1.3. */
function jpegSize(bytes: Buffer): Size | undefined {
  let isTurned = false;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    // C4, C8 and CC are tables, not frames.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const [heightPx, widthPx] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      if (widthPx === 0 || heightPx === 0) return undefined;
      return turned({ widthPx, heightPx }, isTurned);
    }
    const length = bytes.readUInt16BE(at + 2);
    const name = at + 4;
    if (marker === 0xe1 && bytes.toString('latin1', name, name + 6) === EXIF_NAME) {
      isTurned ||= isTurnedByExif(bytes.subarray(name + 6, at + 2 + length));
    }
    at += 2 + Math.max(2, length);
  }
  return undefined;
}

/** Exif data count before the pixels only: the decoder sees no others. Source: PNG, third edition, 11.3.4.3 `eXIf`. */
function pngSize(bytes: Buffer): Size | undefined {
  const upright = size(bytes, 24, () => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]);
  for (let at = 8; at + 8 <= bytes.length; at += bytes.readUInt32BE(at) + 12) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'eXIf') return turned(upright, isTurnedByExif(bytes.subarray(at + 8)));
    if (type === 'IDAT') break;
  }
  return upright;
}

/** Source: RFC 9649, sections 2.5 to 2.7. */
function webpSize(bytes: Buffer, tail: Buffer): Size | undefined {
  if (bytes.length < 30) return undefined;
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return size(bytes, 30, () => [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff]);
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { widthPx: (bits & 0x3fff) + 1, heightPx: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X': {
      const upright = { widthPx: bytes.readUIntLE(24, 3) + 1, heightPx: bytes.readUIntLE(27, 3) + 1 };
      const hasExif = (bytes.readUInt8(20) & 0x08) !== 0;
      return turned(upright, hasExif && isTurnedByExif(webpExif(bytes) ?? webpExif(tail) ?? Buffer.alloc(0)));
    }
    default:
      return undefined;
  }
}

/** Exif data behind the name and the length of their chunk: they begin so that pixels are hardly taken for them. */
function webpExif(bytes: Buffer): Buffer | undefined {
  for (let at = bytes.indexOf('EXIF', 0, 'latin1'); at >= 0; at = bytes.indexOf('EXIF', at + 4, 'latin1')) {
    const chunk = bytes.subarray(at + 8);
    // Some programs begin it as JPEG does.
    const exif = chunk.toString('latin1', 0, 6) === EXIF_NAME ? chunk.subarray(6) : chunk;
    if (/^(?:II\*\0|MM\0\*)/.test(exif.toString('latin1', 0, 4))) return exif;
  }
  return undefined;
}

/** Of the first directory, as long as it lies in what was read. Source: TIFF 6.0, section 2. */
function tiffSize(bytes: Buffer): Size | undefined {
  if (bytes[2] === 43 || bytes[3] === 43) return undefined; // BigTIFF: offsets of 8 bytes
  const [width, height, orientation] = [0x0100, 0x0101, 0x0112].map(tag => tiffNumber(bytes, tag));
  const upright = width && height ? { widthPx: width, heightPx: height } : undefined;
  return turned(upright, isOnItsSide(orientation));
}

/** Source: Netpbm, “ppm” format specification. */
function pnmSize(bytes: Buffer): Size | undefined {
  const [, width, height] = pnmStart.exec(bytes.toString('latin1', 0, KIND_BYTES)) ?? [];
  return size(bytes, 0, () => [Number(width), Number(height)]);
}

function turned(size: Size | undefined, isTurned: boolean): Size | undefined {
  return size !== undefined && isTurned ? { widthPx: size.heightPx, heightPx: size.widthPx } : size;
}
