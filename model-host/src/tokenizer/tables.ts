/** The compiled tokenizer: tables in one file that are used where they lie, as views of the bytes that were read. */
import * as l10n from '@vscode/l10n';
import * as zlib from 'node:zlib';
import { Failure } from '../../../paligemma/src/failures';
import { crc32 } from '../util/crc32';

/** Raised whenever the layout or the meaning of a table changes. */
export const TOKENIZER_FORMAT_VERSION = 1;
/** "PGTK" "TOKN", read as little-endian words. */
const MAGIC = [0x4b544750, 0x4e4b4f54] as const;

/** Tables of 32-bit words, in file order. */
const wordTables = [
  'tokenStarts',
  'characters',
  'characterIds',
  'byteIds',
  'mergeStarts',
  'rawTrie',
  'normalizedTrie',
] as const;
/** Tables of bytes, after the others. */
const byteTables = ['tokenFlags', 'tokenBytes', 'mergeRights', 'mergeRanks', 'mergeResults'] as const;
/** Ids that the host needs by name, in file order; −1 for one that the vocabulary lacks. */
const specialNames = ['bos', 'eos', 'pad', 'unk', 'newline', 'image', 'firstLoc', 'firstSeg'] as const;

/**
 * `newline`: the id of "\n" alone. `image`: the placeholder `<image>`. `firstLoc`, `firstSeg`: `<loc0000>`, `<seg000>`;
 * the other 1023 and 127 follow without a gap. Only `bos`, `eos` and `newline` are certain to be there, −1 stands for
 * the others.
 */
export type TokenizerSpecials = Readonly<Record<(typeof specialNames)[number], number>>;

/** Bits of `tokenFlags`. `byte`: stands for one byte of a character, `<0xE2>`. */
export const tokenFlag = { known: 1, added: 2, special: 4, normalized: 8, byte: 16 } as const;

/**
 * V: highest id + 1; M: merges; C: tokens of a single character.
 * - `tokenStarts` [V + 1], `tokenBytes`: token i is `tokenBytes[tokenStarts[i]…tokenStarts[i + 1]]`, UTF-8.
 *   `tokenFlags` [V].
 * - `characters` [C], ascending code points, and `characterIds` [C]. `byteIds` [256]: ids of `<0x00>`…`<0xFF>`; 0 for a
 *   byte that UTF-8 does not have.
 * - Merges of the left part i lie at `mergeStarts[i]…mergeStarts[i + 1]` of `mergeRights` (ids of the right part,
 *   ascending), `mergeRanks` (lower is merged first) and `mergeResults` (ids), each [M] of three bytes, see {@link
 *   uint24}; `mergeStarts` [V + 1].
 * - `rawTrie`, `normalizedTrie`: added tokens to cut out of the text before and after normalisation, see tokenTrie.ts.
 */
export type TokenizerTables =
  & { readonly specials: TokenizerSpecials }
  & Readonly<Record<(typeof wordTables)[number], Uint32Array>>
  & Readonly<Record<(typeof byteTables)[number], Uint8Array>>;

/** Numbers of three bytes: a quarter less to read at every start, and ids and ranks fit. */
export function uint24(table: Uint8Array, index: number): number {
  const start = 3 * index;
  return table[start]! | table[start + 1]! << 8 | table[start + 2]! << 16;
}

/** The opposite of {@link uint24}. */
export function packUint24(values: Uint32Array): Uint8Array {
  const table = new Uint8Array(3 * values.length);
  values.forEach((value, index) => table.set([value, value >>> 8, value >>> 16], 3 * index));
  return table;
}

// Header, in words: magic (2), version, length of the file in bytes, checksum, specials, then start and length in bytes
// of each table.
const VERSION = 2, FILE_BYTES = 3, CHECKSUM = 4, SPECIALS = 5;
const SECTIONS = SPECIALS + specialNames.length;
const tableNames = [...wordTables, ...byteTables];
const HEADER_WORDS = SECTIONS + 2 * tableNames.length;

/** Lays the tables out as one file; little-endian, every table on a word boundary. */
export function writeTables(tables: TokenizerTables): Uint8Array {
  let end = HEADER_WORDS * 4;
  const starts = tableNames.map(name => {
    const start = end;
    end += Math.ceil(tables[name].byteLength / 4) * 4;
    return start;
  });
  const bytes = new Uint8Array(end);
  const words = new Uint32Array(bytes.buffer);
  words.set([...MAGIC, TOKENIZER_FORMAT_VERSION, end, 0, ...specialNames.map(name => tables.specials[name])]);
  tableNames.forEach((name, index) => {
    const { buffer, byteOffset, byteLength } = tables[name];
    words.set([starts[index]!, byteLength], SECTIONS + 2 * index);
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), starts[index]);
  });
  sealTables(bytes);
  return bytes;
}

/** Writes the checksum of a compiled file into it. */
export function sealTables(bytes: Uint8Array): void {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
  words[CHECKSUM] = checksum(bytes.subarray(SPECIALS * 4));
}

/**
 * Views of a compiled file; nothing is copied if the bytes start on a word boundary.
 * @throws Failure `convertedModelCorrupt` for anything but a whole, unchanged file of this version.
 */
export function readTables(bytes: Uint8Array): TokenizerTables {
  if (bytes.byteLength < HEADER_WORDS * 4 || bytes.byteLength % 4 !== 0) throw corrupt(l10n.t('It is too short.'));
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
  if (words[0] !== MAGIC[0] || words[1] !== MAGIC[1]) throw corrupt(l10n.t('It does not start like one.'));
  if (words[VERSION] !== TOKENIZER_FORMAT_VERSION) throw corrupt(l10n.t('Another version of this program wrote it.'));
  if (words[FILE_BYTES] !== aligned.byteLength) throw corrupt(l10n.t('A part of it is missing.'));
  if (words[CHECKSUM] !== checksum(aligned.subarray(SPECIALS * 4))) throw corrupt(l10n.t('Its checksum is wrong.'));
  const tables = viewTables(aligned, words);
  if (tables === undefined || !isConsistent(tables)) throw corrupt(l10n.t('Its tables contradict each other.'));
  return tables;
}

function viewTables(bytes: Uint8Array, words: Uint32Array): TokenizerTables | undefined {
  const views: Partial<Record<string, Uint8Array>> = {};
  for (const [index, name] of tableNames.entries()) {
    const start = words[SECTIONS + 2 * index]!;
    const length = words[SECTIONS + 2 * index + 1]!;
    if (start % 4 !== 0 || start + length > bytes.byteLength) return undefined;
    views[name] = bytes.subarray(start, start + length);
  }
  const asWords = (name: string) =>
    new Uint32Array(views[name]!.buffer, views[name]!.byteOffset, views[name]!.byteLength >>> 2);
  return {
    specials: Object.fromEntries(
      specialNames.map((name, index) => [name, words[SPECIALS + index]! | 0]),
    ) as TokenizerSpecials,
    ...Object.fromEntries(wordTables.map(name => [name, asWords(name)])) as Record<
      (typeof wordTables)[number],
      Uint32Array
    >,
    ...Object.fromEntries(byteTables.map(name => [name, views[name]!])) as Record<
      (typeof byteTables)[number],
      Uint8Array
    >,
  };
}

/**
 * Whether the tables fit each other in size. What they hold is vouched for by the checksum; a reader that meets a wrong
 * index all the same (a file that was made to be wrong) gets `undefined` from the typed array, and no id beyond V
 * leaves it.
 */
function isConsistent(tables: TokenizerTables): boolean {
  const size = tables.tokenFlags.length;
  const mergeBytes = 3 * (tables.mergeStarts[size] ?? 0);
  return tables.tokenStarts.length === size + 1 && tables.mergeStarts.length === size + 1
    && [tables.mergeRights, tables.mergeRanks, tables.mergeResults].every(table => table.length === mergeBytes)
    && tables.characterIds.length === tables.characters.length && tables.byteIds.length === 256
    && specialNames.every(name => tables.specials[name] >= -1 && tables.specials[name] < size)
    && [tables.specials.bos, tables.specials.eos, tables.specials.newline].every(id => id >= 0);
}

/** CRC-32. Node.js has it built in since 20.15 and 22.2, ten times as fast. */
function checksum(bytes: Uint8Array): number {
  return 'crc32' in zlib ? zlib.crc32(bytes) : crc32(bytes);
}

/** What every reader of a damaged file throws. @param why A sentence. */
export function corrupt(why: string): Failure {
  return new Failure(
    'convertedModelCorrupt',
    l10n.t(
      'The tokenizer of the converted model cannot be used. {0} Delete the converted model and convert it again.',
      why,
    ),
  );
}
