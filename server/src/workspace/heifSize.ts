/** The size of an AVIF or HEIC picture, as it is shown. Source: ISO/IEC 23008-12, sections 6.5 and 9.3. */
import type { Buffer } from 'node:buffer';
import type { Size } from './size';

interface Box {
  readonly type: string;
  /** Behind size and type. */
  readonly body: Buffer;
}

/** Files that name more properties or associations than this are no pictures. */
const MOST_BOXES = 10_000;

/**
 * Of the primary picture: its extent, cut out and turned by the properties that say so, in their order. Takes any
 * bytes.
 */
export function heifSize(bytes: Buffer): Size | undefined {
  try {
    const meta = bodyOf(boxes(bytes), 'meta')?.subarray(4);
    if (meta === undefined) return undefined;
    const parts = [...boxes(meta)];
    const properties = bodyOf(parts, 'iprp');
    if (properties === undefined) return undefined;
    const [list, associations] = ['ipco', 'ipma'].map(type => bodyOf(boxes(properties), type));
    if (list === undefined || associations === undefined) return undefined;
    const all = [...boxes(list)];
    const own = propertiesOf(primaryItem(bodyOf(parts, 'pitm')), associations).map(index => all[index - 1]);
    return own.reduce<Size | undefined>(
      (size, property) => property === undefined ? size : applied(property, size),
      undefined,
    );
  } catch (error) {
    // A length that points out of the file, or out of what was read of it.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function applied({ type, body }: Box, size: Size | undefined): Size | undefined {
  switch (type) {
    case 'ispe': {
      const [widthPx, heightPx] = [body.readUInt32BE(4), body.readUInt32BE(8)];
      return widthPx > 0 && heightPx > 0 ? { widthPx, heightPx } : undefined;
    }
    case 'clap': {
      const widthPx = Math.round(body.readUInt32BE(0) / body.readUInt32BE(4));
      const heightPx = Math.round(body.readUInt32BE(8) / body.readUInt32BE(12));
      return size !== undefined && widthPx > 0 && widthPx <= size.widthPx && heightPx > 0 && heightPx <= size.heightPx
        ? { widthPx, heightPx }
        : size;
    }
    case 'irot':
      return size !== undefined && (body.readUInt8(0) & 1) === 1
        ? { widthPx: size.heightPx, heightPx: size.widthPx }
        : size;
    default:
      return size;
  }
}

function primaryItem(body: Buffer | undefined): number {
  if (body === undefined) return NaN;
  return body.readUInt8(0) === 0 ? body.readUInt16BE(4) : body.readUInt32BE(4);
}

/** Indices, from 1, into the list of properties. */
function propertiesOf(item: number, body: Buffer): number[] {
  const [version, flags] = [body.readUInt8(0), body.readUInt8(3)];
  const hasWideIndices = (flags & 1) === 1;
  let at = 8;
  for (let entry = Math.min(body.readUInt32BE(4), MOST_BOXES); entry > 0; entry--) {
    const id = version === 0 ? body.readUInt16BE(at) : body.readUInt32BE(at);
    at += version === 0 ? 2 : 4;
    const count = body.readUInt8(at++);
    const step = hasWideIndices ? 2 : 1;
    if (id === item) {
      return Array.from({ length: count }, (_, index) =>
        // The high bit says that a reader has to know the property.
        hasWideIndices ? body.readUInt16BE(at + index * 2) & 0x7fff : body.readUInt8(at + index) & 0x7f);
    }
    at += count * step;
  }
  return [];
}

function bodyOf(among: Iterable<Box>, type: string): Buffer | undefined {
  for (const box of among) if (box.type === type) return box.body;
  return undefined;
}

/** The last one may reach over the end. */
function* boxes(bytes: Buffer): Iterable<Box> {
  for (let at = 0, count = 0; at + 8 <= bytes.length && count < MOST_BOXES; count++) {
    const short = bytes.readUInt32BE(at);
    const head = short === 1 ? 16 : 8;
    const length = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short === 0 ? bytes.length - at : short;
    if (length < head) return;
    yield { type: bytes.toString('latin1', at + 4, at + 8), body: bytes.subarray(at + head, at + length) };
    at += length;
  }
}
