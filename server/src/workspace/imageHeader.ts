/** What the first bytes of a file tell: whether it is a picture that can be read, and its size, without decoding it. */
import { open } from 'node:fs/promises';
import { Buffer } from 'node:buffer';

export interface ImageHeader {
  /** False: the bytes are of no kind that the model host reads. */
  readonly isPicture: boolean;
  /** Upright, as a viewer shows it; absent where the header does not tell. */
  readonly widthPx?: number;
  readonly heightPx?: number;
}

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Kinds by their signature. The same ones as the model host reads. */
const signatures: readonly (readonly [RegExp, (bytes: Buffer) => Size | undefined])[] = [
  [/^\x89PNG\r\n\x1a\n/, bytes => size(bytes, 24, () => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)])],
  [/^\xff\xd8\xff/, jpegSize],
  [/^GIF8[79]a/, bytes => size(bytes, 10, () => [bytes.readUInt16LE(6), bytes.readUInt16LE(8)])],
  [/^RIFF[^]{4}WEBP/, webpSize],
  [/^(?:II[*+]\0|MM\0[*+])/, () => undefined],
  [/^[^]{4}ftyp(?:avi[fs]|hei[csmx]|hev[cmsx]|mif1|msf1)/, heifSize],
  [
    /^BM[^]{12}(?:\x0c|[\x28\x34\x38\x40\x6c\x7c])\0\0\0/,
    bytes => size(bytes, 26, () => [Math.abs(bytes.readInt32LE(18)), Math.abs(bytes.readInt32LE(22))]),
  ],
];
const svgStart = /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|!DOCTYPE|!--|svg[\s>])/i;

/** Bytes that tell the kind. */
export const KIND_BYTES = 4096;
/** Bytes in which the size of nearly every picture lies: pictures of cameras carry previews of 64 kB before it. */
export const SIZE_BYTES = 256 * 1024;

/** @throws the error of the file system. */
export async function readHeader(filePath: string, bytes: number): Promise<ImageHeader> {
  const file = await open(filePath, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(bytes, Math.max(1, (await file.stat()).size)));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return parseHeader(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** Takes any bytes; never throws. */
export function parseHeader(bytes: Buffer): ImageHeader {
  const head = bytes.toString('latin1', 0, KIND_BYTES);
  for (const [signature, sizeOf] of signatures) {
    if (signature.test(head)) return { isPicture: true, ...sizeOf(bytes) };
  }
  return { isPicture: svgStart.test(head) && /<svg[\s>]/.test(head) };
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
      return isTurned ? { widthPx: heightPx, heightPx: widthPx } : { widthPx, heightPx };
    }
    const length = bytes.readUInt16BE(at + 2);
    if (marker === 0xe1) isTurned ||= isTurnedByExif(bytes.subarray(at + 4, at + 2 + length));
    at += 2 + Math.max(2, length);
  }
  return undefined;
}

/** Orientations 5 to 8 lie on their side. Source: Exif 2.32, tag 0x0112. */
function isTurnedByExif(segment: Buffer): boolean {
  if (segment.toString('latin1', 0, 6) !== 'Exif\0\0' || segment.length < 14) return false;
  const tiff = segment.subarray(6);
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (at + 2 > tiff.length ? 0 : isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  const amount = short(directory);
  for (let index = 0; index < Math.min(amount, 200); index++) {
    const at = directory + 2 + index * 12;
    if (short(at) === 0x0112) return short(at + 8) >= 5;
  }
  return false;
}

/** Source: RFC 9649, sections 2.5 to 2.7. */
function webpSize(bytes: Buffer): Size | undefined {
  if (bytes.length < 30) return undefined;
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return size(bytes, 30, () => [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff]);
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { widthPx: (bits & 0x3fff) + 1, heightPx: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { widthPx: bytes.readUIntLE(24, 3) + 1, heightPx: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

/** The largest extent that is named: a picture of tiles names the tiles too. Source: ISO/IEC 23008-12, 6.5.3 `ispe`. */
function heifSize(bytes: Buffer): Size | undefined {
  let best: Size | undefined;
  for (
    let at = bytes.indexOf('ispe', 0, 'latin1');
    at >= 0 && at + 16 <= bytes.length;
    at = bytes.indexOf('ispe', at + 4, 'latin1')
  ) {
    const found = { widthPx: bytes.readUInt32BE(at + 8), heightPx: bytes.readUInt32BE(at + 12) };
    if (found.widthPx * found.heightPx > (best?.widthPx ?? 0) * (best?.heightPx ?? 0)) best = found;
  }
  return best;
}
