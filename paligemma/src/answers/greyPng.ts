/** Reads the masks of regions: 8-bit grey PNGs without interlacing, as the model host writes them. */
import { unzlibSync } from 'fflate';
import { bytesOfBase64 } from '../base64';

export interface GreyPicture {
  /** Rows of `width` × `height` levels 0…255. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * @param base64 Bytes of the PNG.
 * @throws Error if it is not one, or is one of another kind.
 * Source: PNG specification, third edition, sections 5 (chunks) and 9 (filters).
 */
export function readGreyPng(base64: string): GreyPicture {
  const bytes = bytesOfBase64(base64);
  if (SIGNATURE.some((byte, at) => bytes[at] !== byte)) throw new Error('The mask is not a PNG.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let size: { width: number; height: number } | undefined;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') size = readHeader(body);
    if (type === 'IDAT') parts.push(body);
    if (type === 'IEND') break;
    at += 12 + length;
  }
  if (size === undefined) throw new Error('The mask has no header.');
  const { width, height } = size;
  // One byte more than it may have, so that what is longer shows; no more memory than that is taken.
  const rows = unzlibSync(concatenated(parts), { out: new Uint8Array((width + 1) * height + 1) });
  if (rows.length !== (width + 1) * height) throw new Error('The mask does not have as many rows as its header says.');
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) unfilterRow(rows, data, y, width);
  return { data, width, height };
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function readHeader(body: Uint8Array): { width: number; height: number } {
  const [depth, colourType, , , interlace] = body.subarray(8, 13);
  if (depth !== 8 || colourType !== 0 || interlace !== 0) throw new Error('The mask is not an 8-bit grey PNG.');
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return { width: view.getUint32(0), height: view.getUint32(4) };
}

function unfilterRow(rows: Uint8Array, data: Uint8Array, y: number, width: number): void {
  const from = y * (width + 1);
  const kind = rows[from];
  for (let x = 0; x < width; x++) {
    const at = y * width + x;
    const left = x > 0 ? data[at - 1]! : 0;
    const up = y > 0 ? data[at - width]! : 0;
    const upLeft = x > 0 && y > 0 ? data[at - width - 1]! : 0;
    data[at] = rows[from + 1 + x]! + predicted(kind, left, up, upLeft);
  }
}

function predicted(kind: number | undefined, left: number, up: number, upLeft: number): number {
  switch (kind) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return Math.floor((left + up) / 2);
    case 4:
      return paeth(left, up, upLeft);
    default:
      throw new Error('The mask has an unknown filter.');
  }
}

function paeth(left: number, up: number, upLeft: number): number {
  const guess = left + up - upLeft;
  const [toLeft, toUp, toUpLeft] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft)];
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}
