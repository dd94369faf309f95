/**
 * Reads arrays out of a numpy .npz file: a zip of .npy files, stored or deflated. Every offset and size is checked
 * against the file. Source: PKWARE APPNOTE 6.3 (4.3.7, 4.3.12, 4.3.16); numpy `lib/format.py`, format versions 1 to 3.
 */
import { inflateRawSync } from 'node:zlib';
import { crc32 } from '../util/crc32';

export interface FloatArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

const END_RECORD = 0x06054b50;
const CENTRAL_ENTRY = 0x02014b50;
const LOCAL_ENTRY = 0x04034b50;
const END_RECORD_BYTES = 22;
const CENTRAL_ENTRY_BYTES = 46;
const LOCAL_ENTRY_BYTES = 30;
/** The end record may be followed by a comment of 16 bits' length. */
const MAX_COMMENT_BYTES = 0xffff;
const STORED = 0;
const DEFLATED = 8;

/**
 * @param wants Picks the arrays by name (without `.npy`); others are not unpacked.
 * @param maxBytes Most bytes of one unpacked array.
 * @throws Error with a phrase that says what is wrong, for the caller to put into a sentence.
 */
export function readNpz(file: Buffer, wants: (name: string) => boolean, maxBytes: number): Map<string, FloatArray> {
  const arrays = new Map<string, FloatArray>();
  for (const entry of zipEntries(file)) {
    if (!entry.name.endsWith('.npy')) continue;
    const name = entry.name.slice(0, -'.npy'.length);
    if (wants(name)) arrays.set(name, readNpy(name, unpack(file, entry, maxBytes)));
  }
  return arrays;
}

interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly check: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly localOffset: number;
}

function zipEntries(file: Buffer): ZipEntry[] {
  const end = findEndRecord(file);
  const count = file.readUInt16LE(end + 10);
  const entries: ZipEntry[] = [];
  let at = file.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_ENTRY_BYTES > end || file.readUInt32LE(at) !== CENTRAL_ENTRY) {
      throw new Error('its zip directory is damaged');
    }
    const nameBytes = file.readUInt16LE(at + 28);
    const next = at + CENTRAL_ENTRY_BYTES + nameBytes + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
    if (next > end) throw new Error('its zip directory is damaged');
    entries.push({
      name: file.toString('utf8', at + CENTRAL_ENTRY_BYTES, at + CENTRAL_ENTRY_BYTES + nameBytes),
      method: file.readUInt16LE(at + 10),
      check: file.readUInt32LE(at + 16),
      packedBytes: file.readUInt32LE(at + 20),
      unpackedBytes: file.readUInt32LE(at + 24),
      localOffset: file.readUInt32LE(at + 42),
    });
    at = next;
  }
  return entries;
}

function findEndRecord(file: Buffer): number {
  for (
    let at = file.length - END_RECORD_BYTES;
    at >= Math.max(0, file.length - END_RECORD_BYTES - MAX_COMMENT_BYTES);
    at--
  ) {
    if (file.readUInt32LE(at) === END_RECORD) return at;
  }
  throw new Error('it is no zip file, or its end is missing');
}

function unpack(file: Buffer, entry: ZipEntry, maxBytes: number): Buffer {
  const { localOffset, packedBytes, unpackedBytes } = entry;
  if (unpackedBytes > maxBytes) throw new Error(`${entry.name} claims ${unpackedBytes} bytes`);
  if (localOffset + LOCAL_ENTRY_BYTES > file.length || file.readUInt32LE(localOffset) !== LOCAL_ENTRY) {
    throw new Error(`${entry.name} is not where the directory says`);
  }
  // Lengths of name and extra field may differ from the directory's: numpy writes 64-bit sizes here only.
  const start = localOffset + LOCAL_ENTRY_BYTES + file.readUInt16LE(localOffset + 26)
    + file.readUInt16LE(localOffset + 28);
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
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error(`${name} is no numpy array`);
  const isFirstVersion = bytes[6] === 1;
  const headerStart = isFirstVersion ? 10 : 12;
  const start = headerStart + (isFirstVersion ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  const header = bytes.toString('latin1', headerStart, Math.min(start, bytes.length));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (start > bytes.length || type === undefined || shapeText === undefined) {
    throw new Error(`the header of ${name} is damaged`);
  }
  if (/'fortran_order':\s*True/.test(header)) throw new Error(`${name} is stored by columns`);
  const shape = shapeText.split(',').filter(part => part.trim() !== '').map(Number);
  const count = shape.reduce((product, side) => product * side, 1);
  return { shape, data: floats(name, type, bytes.subarray(start), count) };
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
