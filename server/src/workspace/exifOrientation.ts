import type { Buffer } from 'node:buffer';

const ORIENTATION = 0x0112;
const MOST_ENTRIES = 200;
const BYTE = 1;
const SHORT = 3;
const LONG = 4;

/** Whether an orientation lays a picture on its side. Source: Exif 2.32, tag 0x0112; beyond 8 it means nothing. */
export function isOnItsSide(orientation: number | undefined): boolean {
  return orientation !== undefined && orientation >= 5 && orientation <= 8;
}

/** @param exif From the byte order on, without the name “Exif” that some files put before it. Takes any bytes. */
export function isTurnedByExif(exif: Buffer): boolean {
  return isOnItsSide(tiffNumber(exif, ORIENTATION));
}

/** A whole number of the first directory of a TIFF, which Exif data are too. Takes any bytes. Source: TIFF 6.0, section 2. */
export function tiffNumber(tiff: Buffer, tag: number): number | undefined {
  const isLittle = tiff[0] === 0x49;
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number) => (isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  try {
    const directory = long(4);
    for (let index = 0; index < Math.min(short(directory), MOST_ENTRIES); index++) {
      const at = directory + 2 + index * 12;
      if (short(at) !== tag) continue;
      const type = short(at + 2);
      if (type === BYTE) return tiff.readUInt8(at + 8);
      return type === SHORT ? short(at + 8) : type === LONG ? long(at + 8) : undefined;
    }
  } catch (error) {
    // The directory lies outside of the file, or of what was read of it.
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}
