/** The size of a GIF, as its first frame is shown. Source: CompuServe, “Graphics Interchange Format”, version 89a. */
import type { Buffer } from 'node:buffer';
import type { Size } from './size';

const SCREEN_BYTES = 13;
const EXTENSION = 0x21;
const FRAME = 0x2c;

/** Of the screen, which a frame that reaches over it makes larger, as far as it was read. Takes any bytes. */
export function gifSize(bytes: Buffer): Size | undefined {
  if (bytes.length < SCREEN_BYTES) return undefined;
  const [right, lower] = firstFrameEnd(bytes) ?? [0, 0];
  const [widthPx, heightPx] = [Math.max(bytes.readUInt16LE(6), right), Math.max(bytes.readUInt16LE(8), lower)];
  return widthPx > 0 && heightPx > 0 ? { widthPx, heightPx } : undefined;
}

/** Its right and its lower edge. */
function firstFrameEnd(bytes: Buffer): readonly [number, number] | undefined {
  const flags = bytes.readUInt8(10);
  let at = SCREEN_BYTES + ((flags & 0x80) === 0 ? 0 : 6 << (flags & 7));
  while (bytes[at] === EXTENSION) {
    at += 2;
    while ((bytes[at] ?? 0) > 0) at += bytes[at]! + 1;
    at++;
  }
  if (bytes[at] !== FRAME || at + 9 > bytes.length) return undefined;
  return [
    bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5),
    bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7),
  ];
}
