/**
 * A large NumPy archive, read in place: its directory and the headers of its arrays at once, values when they are asked
 * for. Stored members are read anywhere; deflated ones from their beginning on, which is quick as long as reading goes
 * forward.
 */
import * as l10n from '@vscode/l10n';
import { createInflateRaw, constants, inflateRawSync } from 'node:zlib';
import { pipeline, Readable } from 'node:stream';
import { isCount } from '../../../paligemma/src/checks';
import { Failure } from '../../../paligemma/src/failures';
import { shown } from '../../../paligemma/src/shown';
import type { SourceType } from './floats';
import { MOST_HEADER_BYTES, readNpyHeader } from './npyHeader';
import { corrupt, type TensorReader } from './safetensors';
import {
  contentsOffset,
  DEFLATED,
  directory64,
  directoryOf,
  END_RECORD_64_BYTES,
  LOCAL_ENTRY_BYTES,
  STORED,
  TAIL_BYTES,
  zipEntries,
  type ZipEntry,
} from './zipDirectory';

/** One array of numbers that weights can be. */
export interface NpyArray {
  /** Without `.npy`. */
  readonly name: string;
  readonly file: string;
  readonly type: SourceType;
  readonly shape: readonly number[];
  readonly isDeflated: boolean;
  /** Of the values, unpacked. */
  readonly byteLength: number;
  /** Bytes before the values, unpacked. */
  readonly headerBytes: number;
  /** Where the member's contents lie in the file, as packed. */
  readonly offset: number;
  readonly packedBytes: number;
}

/** Both ways in which numpy names bfloat16, which it does not know, are those of ml_dtypes. */
const TYPES: ReadonlyMap<string, SourceType> = new Map([['<f4', 'F32'], ['<f2', 'F16'], ['|V2', 'BF16'], [
  '<V2',
  'BF16',
]]);
const BYTES_OF = { F32: 4, F16: 2, BF16: 2 } as const;
/** How much deflating can gain, so that a small file cannot claim a large array. Source: zlib, "Technical Details". */
const MOST_GAIN = 1032;
/** That of a training with its optimiser has some hundred kilobytes. */
const MOST_DIRECTORY_BYTES = 16 * 2 ** 20;

/**
 * @param wants Picks arrays by their names; what others hold does not matter.
 * @throws Failure weightsMissing, weightsCorrupt; modelUnsupported for numbers of another type or order.
 */
export async function openNpz(
  file: string,
  wants: (name: string) => boolean,
  reader: TensorReader,
): Promise<readonly NpyArray[]> {
  const { size } = await (await reader.handle(file)).stat();
  try {
    const bytesAt = async (position: number, length: number) =>
      Buffer.from((await reader.bytes(file, position, Math.max(0, Math.min(length, size - position)))).buffer);
    const arrays: NpyArray[] = [];
    for (const entry of await entriesOf(size, bytesAt)) {
      const name = entry.name.replace(/\.npy$/, '');
      if (name !== entry.name && wants(name)) arrays.push(await arrayOf({ file, name, entry, size }, bytesAt));
    }
    return arrays;
  } catch (error) {
    if (error instanceof Failure || !(error instanceof Error)) throw error;
    throw damaged(file, error.message, error);
  }
}

type BytesAt = (position: number, length: number) => Promise<Buffer>;

async function entriesOf(size: number, bytesAt: BytesAt): Promise<readonly ZipEntry[]> {
  const place = directoryOf(await bytesAt(Math.max(0, size - TAIL_BYTES), TAIL_BYTES));
  const { entries, offset, bytes } = 'recordOffset' in place
    ? directory64(await bytesAt(place.recordOffset, END_RECORD_64_BYTES))
    : place;
  if (bytes > MOST_DIRECTORY_BYTES || offset + bytes > size) throw new Error('its zip directory is damaged');
  return zipEntries(await bytesAt(offset, bytes), entries);
}

interface Member {
  readonly file: string;
  readonly name: string;
  readonly entry: ZipEntry;
  /** Of the file. */
  readonly size: number;
}

async function arrayOf({ file, name, entry, size }: Member, bytesAt: BytesAt): Promise<NpyArray> {
  const { method, packedBytes, unpackedBytes, localOffset } = entry;
  if (method !== STORED && method !== DEFLATED) {
    throw new Error(`${entry.name} is packed by an unknown method (${method})`);
  }
  const offset = contentsOffset(entry, await bytesAt(localOffset, LOCAL_ENTRY_BYTES));
  if (offset + packedBytes > size) throw new Error(`${entry.name} is cut off`);
  const isDeflated = method === DEFLATED;
  const start = await bytesAt(offset, Math.min(packedBytes, MOST_HEADER_BYTES));
  const header = readNpyHeader(name, isDeflated ? inflatedStart(entry, start) : start);
  const type = TYPES.get(header.type);
  if (type === undefined) throw otherType(file, name, header.type);
  if (header.isByColumns) throw byColumns(file, name);
  const { shape, bytes: headerBytes } = header;
  const byteLength = shape.reduce((product, side) => product * side, BYTES_OF[type]);
  const isWhole = shape.every(isCount) && headerBytes + byteLength === unpackedBytes
    && (isDeflated || packedBytes === unpackedBytes);
  if (!isWhole) throw new Error(`${name} has ${unpackedBytes} bytes where its shape needs ${headerBytes + byteLength}`);
  if (unpackedBytes > MOST_GAIN * packedBytes) {
    throw new Error(`${name} claims ${unpackedBytes} bytes, out of ${packedBytes}`);
  }
  return { name, file, type, shape, isDeflated, byteLength, headerBytes, offset, packedBytes };
}

function otherType(file: string, name: string, type: string): Failure {
  return new Failure(
    'modelUnsupported',
    l10n.t(
      '{0} cannot be used: its array {1} holds numbers of the type {2}, and only float32, float16 and bfloat16 are read. Save it again in one of them.',
      file,
      shown(name),
      shown(type),
    ),
  );
}

function byColumns(file: string, name: string): Failure {
  return new Failure(
    'modelUnsupported',
    l10n.t(
      '{0} cannot be used: its array {1} is stored by columns. Save it again by rows, with numpy.ascontiguousarray.',
      file,
      shown(name),
    ),
  );
}

/** A few kilobytes unpack to some megabytes at most, whatever was packed. */
function inflatedStart(entry: ZipEntry, packed: Buffer): Buffer {
  try {
    return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, MOST_HEADER_BYTES);
  } catch (error) {
    throw new Error(`${entry.name} is damaged`, { cause: error });
  }
}

/** What is unpacked at once. */
const BLOCK_BYTES = 2 ** 18;

/** @param what A phrase. */
function damaged(file: string, what: string, cause: unknown): Failure {
  return corrupt(file, l10n.t('It cannot be unpacked ({0}).', what), cause);
}

/** The values of one deflated member, from its beginning on; a step back begins anew. */
export class DeflatedValues {
  private stream: Readable | undefined;
  private parts: AsyncIterator<Buffer> | undefined;
  private rest: Buffer = Buffer.alloc(0);
  private position = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly reader: TensorReader, private readonly array: NpyArray) {
    reader.onClose(() => this.stream?.destroy());
  }

  /** Bytes of the values, in a buffer of their own. @throws Failure weightsCorrupt. */
  bytes(start: number, length: number): Promise<Uint8Array> {
    const work = this.turn.then(() => this.read(this.array.headerBytes + start, length));
    this.turn = work.catch(() => undefined);
    return work;
  }

  private async read(start: number, length: number): Promise<Uint8Array> {
    if (this.parts === undefined || start < this.position) this.begin();
    const bytes = new Uint8Array(new ArrayBuffer(length));
    for (let filled = 0; filled < length || this.position < start;) {
      if (this.rest.length === 0) this.rest = await this.nextPart();
      const skipped = Math.min(this.rest.length, Math.max(0, start - this.position));
      const taken = this.rest.subarray(skipped, skipped + length - filled);
      bytes.set(taken, filled);
      filled += taken.length;
      this.position += skipped + taken.length;
      this.rest = this.rest.subarray(skipped + taken.length);
    }
    return bytes;
  }

  private begin(): void {
    this.stream?.destroy();
    const stream = createInflateRaw();
    // What goes wrong is told to whoever reads the stream.
    pipeline(Readable.from(this.packed()), stream, () => undefined);
    this.stream = stream;
    this.parts = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.rest = Buffer.alloc(0);
    this.position = 0;
  }

  private async *packed(): AsyncGenerator<Uint8Array, void, void> {
    const { file, offset, packedBytes } = this.array;
    for (let at = 0; at < packedBytes; at += BLOCK_BYTES) {
      yield await this.reader.bytes(file, offset + at, Math.min(BLOCK_BYTES, packedBytes - at));
    }
  }

  private async nextPart(): Promise<Buffer> {
    const { file, name } = this.array;
    let cause: unknown;
    try {
      const next = await this.parts?.next();
      if (next?.done === false) return next.value;
    } catch (error) {
      cause = error;
    }
    throw damaged(file, `${name} ends before its last value`, cause);
  }
}
