/**
 * Where the members of a zip file lie, by its directory. Pure: whoever calls reads the bytes. Every offset and size is
 * checked against the file. Source: PKWARE APPNOTE 6.3 (4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3).
 */

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  /** CRC-32 of the contents. */
  readonly check: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly localOffset: number;
}

/** Where the directory lies. */
export interface ZipDirectory {
  readonly entries: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Methods of packing. */
export const STORED = 0;
export const DEFLATED = 8;

const END_RECORD = 0x06054b50;
const END_RECORD_64 = 0x06064b50;
const END_LOCATOR_64 = 0x07064b50;
const CENTRAL_ENTRY = 0x02014b50;
const LOCAL_ENTRY = 0x04034b50;
const END_RECORD_BYTES = 22;
export const END_RECORD_64_BYTES = 56;
const END_LOCATOR_64_BYTES = 20;
const CENTRAL_ENTRY_BYTES = 46;
export const LOCAL_ENTRY_BYTES = 30;
/** The end record may be followed by a comment of 16 bits' length. */
const MAX_COMMENT_BYTES = 0xffff;
/** Bytes at the end of a file in which the end record, and what points to the larger one, lies. */
export const TAIL_BYTES = END_RECORD_BYTES + MAX_COMMENT_BYTES + END_LOCATOR_64_BYTES;
/** Stands for a number that is told with 64 bits elsewhere. */
const ELSEWHERE = 0xffffffff;
const SIZES_64 = 1;

/**
 * @param tail The last {@link TAIL_BYTES} of the file, or all of it.
 * @returns The directory, or where a record of {@link END_RECORD_64_BYTES} bytes lies that tells it.
 * @throws Error with a phrase that says what is wrong, for the caller to put into a sentence.
 */
export function directoryOf(tail: Buffer): ZipDirectory | { readonly recordOffset: number } {
  const end = findEndRecord(tail);
  const entries = tail.readUInt16LE(end + 10);
  const bytes = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (entries !== 0xffff && bytes !== ELSEWHERE && offset !== ELSEWHERE) return { entries, offset, bytes };
  const locator = end - END_LOCATOR_64_BYTES;
  if (locator < 0 || tail.readUInt32LE(locator) !== END_LOCATOR_64) return { entries, offset, bytes };
  return { recordOffset: number64(tail, locator + 8) };
}

/** @param record {@link END_RECORD_64_BYTES} bytes. @throws as {@link directoryOf}. */
export function directory64(record: Buffer): ZipDirectory {
  if (record.length < END_RECORD_64_BYTES || record.readUInt32LE(0) !== END_RECORD_64) {
    throw new Error('its zip directory is damaged');
  }
  return { entries: number64(record, 32), bytes: number64(record, 40), offset: number64(record, 48) };
}

function findEndRecord(tail: Buffer): number {
  for (
    let at = tail.length - END_RECORD_BYTES;
    at >= Math.max(0, tail.length - END_RECORD_BYTES - MAX_COMMENT_BYTES);
    at--
  ) {
    if (tail.readUInt32LE(at) === END_RECORD) return at;
  }
  throw new Error('it is no zip file, or its end is missing');
}

/** @param directory Its bytes, no others. @throws as {@link directoryOf}. */
export function zipEntries(directory: Buffer, count: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count;) {
    if (at + CENTRAL_ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== CENTRAL_ENTRY) {
      throw new Error('its zip directory is damaged');
    }
    const nameEnd = at + CENTRAL_ENTRY_BYTES + directory.readUInt16LE(at + 28);
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30);
    const next = extraEnd + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw new Error('its zip directory is damaged');
    const [unpackedBytes, packedBytes, localOffset] = sizes64(directory.subarray(nameEnd, extraEnd), [
      directory.readUInt32LE(at + 24),
      directory.readUInt32LE(at + 20),
      directory.readUInt32LE(at + 42),
    ]);
    entries.push({
      name: directory.toString('utf8', at + CENTRAL_ENTRY_BYTES, nameEnd),
      method: directory.readUInt16LE(at + 10),
      check: directory.readUInt32LE(at + 16),
      packedBytes,
      unpackedBytes,
      localOffset,
    });
    at = next;
  }
  return entries;
}

/** Those of the three numbers that have no room are told in this order in an extra field. */
function sizes64(extra: Buffer, [a, b, c]: readonly [number, number, number]): readonly [number, number, number] {
  if (a !== ELSEWHERE && b !== ELSEWHERE && c !== ELSEWHERE) return [a, b, c];
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === SIZES_64 && end <= extra.length) {
      let place = at + 4;
      const next = (value: number) => {
        if (value !== ELSEWHERE) return value;
        if (place + 8 > end) throw new Error('its zip directory is damaged');
        place += 8;
        return number64(extra, place - 8);
      };
      return [next(a), next(b), next(c)];
    }
    at = end;
  }
  throw new Error('its zip directory is damaged');
}

/**
 * Where the contents begin: lengths of name and extra field may differ from the directory's, as numpy writes 64-bit sizes
 * here only.
 * @param local The {@link LOCAL_ENTRY_BYTES} at the entry's `localOffset`, fewer where the file ends.
 * @throws as {@link directoryOf}.
 */
export function contentsOffset(entry: ZipEntry, local: Buffer): number {
  if (local.length < LOCAL_ENTRY_BYTES || local.readUInt32LE(0) !== LOCAL_ENTRY) {
    throw new Error(`${entry.name} is not where the directory says`);
  }
  return entry.localOffset + LOCAL_ENTRY_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
}

function number64(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigUInt64LE(at));
  if (!Number.isSafeInteger(value)) throw new Error('its zip directory is damaged');
  return value;
}
