/**
 * Reads arrays out of a small numpy .npz file: a zip of .npy files, stored or deflated. Every offset and size is checked
 * against the file.
 */
import { inflateRawSync } from 'node:zlib';
import { readNpyHeader } from '../checkpoint/npyHeader';
import {
  contentsOffset,
  DEFLATED,
  directory64,
  directoryOf,
  END_RECORD_64_BYTES,
  LOCAL_ENTRY_BYTES,
  STORED,
  zipEntries,
  type ZipEntry,
} from '../checkpoint/zipDirectory';
import { crc32 } from '../util/crc32';

export interface FloatArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

/**
 * @param wants Picks the arrays by name (without `.npy`); others are not unpacked.
 * @param maxBytes Most bytes of one unpacked array.
 * @throws Error with a phrase that says what is wrong, for the caller to put into a sentence.
 */
export function readNpz(file: Buffer, wants: (name: string) => boolean, maxBytes: number): Map<string, FloatArray> {
  const arrays = new Map<string, FloatArray>();
  for (const entry of entriesOf(file)) {
    if (!entry.name.endsWith('.npy')) continue;
    const name = entry.name.slice(0, -'.npy'.length);
    if (wants(name)) arrays.set(name, readNpy(name, unpack(file, entry, maxBytes)));
  }
  return arrays;
}

function entriesOf(file: Buffer): ZipEntry[] {
  const place = directoryOf(file);
  const { entries, offset, bytes } = 'recordOffset' in place
    ? directory64(file.subarray(place.recordOffset, place.recordOffset + END_RECORD_64_BYTES))
    : place;
  return zipEntries(file.subarray(offset, offset + bytes), entries);
}

function unpack(file: Buffer, entry: ZipEntry, maxBytes: number): Buffer {
  const { localOffset, packedBytes, unpackedBytes } = entry;
  if (unpackedBytes > maxBytes) throw new Error(`${entry.name} claims ${unpackedBytes} bytes`);
  const start = contentsOffset(entry, file.subarray(localOffset, localOffset + LOCAL_ENTRY_BYTES));
  if (start + packedBytes > file.length) throw new Error(`${entry.name} is cut off`);
  const packed = file.subarray(start, start + packedBytes);
  const bytes = inflate(entry, packed);
  if (bytes.length !== unpackedBytes || crc32(bytes) !== entry.check) throw new Error(`${entry.name} is damaged`);
  return bytes;
}

function inflate(entry: ZipEntry, packed: Buffer): Buffer {
  if (entry.method === STORED) return packed;
  if (entry.method !== DEFLATED) throw new Error(`${entry.name} is packed by an unknown method (${entry.method})`);
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.unpackedBytes) });
  } catch (error) {
    throw new Error(`${entry.name} is damaged`, { cause: error });
  }
}

function readNpy(name: string, bytes: Buffer): FloatArray {
  const { type, shape, isByColumns, bytes: headerBytes } = readNpyHeader(name, bytes);
  if (isByColumns) throw new Error(`${name} is stored by columns`);
  const count = shape.reduce((product, side) => product * side, 1);
  return { shape, data: floats(name, type, bytes.subarray(headerBytes), count) };
}

function floats(name: string, type: string, bytes: Buffer, count: number): Float32Array {
  const size = type === '<f4' ? 4 : type === '<f8' ? 8 : undefined;
  if (size === undefined) throw new Error(`${name} holds ${type}, not float32`);
  if (bytes.length !== count * size) {
    throw new Error(`${name} has ${bytes.length} bytes where its shape needs ${count * size}`);
  }
  return Float32Array.from(
    { length: count },
    (_, i) => (size === 4 ? bytes.readFloatLE(i * 4) : bytes.readDoubleLE(i * 8)),
  );
}
