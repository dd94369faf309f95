/** Reads safetensors files without loading them: the header is checked against the file, tensors are read by rows. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../paligemma/src/checks';
import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../../../paligemma/src/failures';
import type { TensorType } from '../../../paligemma/src/quantization';
import { widenToFloat32, type SourceType } from './floats';
import { FileRefused, openPlainFile } from '../../../system/src/plainFile';
import { shown } from '../../../paligemma/src/shown';

/** Whole numbers that quantised weights are made of. */
export type CodeType = 'U8' | 'I8' | 'U32';

/** One tensor as its file describes it. Offsets are bytes from the start of the file. */
export interface Stored<T extends SourceType | CodeType> {
  readonly name: string;
  readonly file: string;
  readonly type: T;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly byteLength: number;
}

export type StoredTensor = Stored<SourceType>;
export type StoredCodes = Stored<CodeType>;

/** A tensor that is made of what is stored while it is read: quantised, or in another order. */
export interface MadeTensor {
  /** Of what is stored, for messages. */
  readonly name: string;
  readonly file: string;
  /** Of the values that are made. */
  readonly type: SourceType;
  readonly shape: readonly number[];
  /** Bytes that everything it is made of takes in its file. */
  readonly byteLength: number;
  /** Rows `[start, start + count)` as little-endian values, in a buffer of their own. @throws Failure weightsCorrupt. */
  make(reader: TensorReader, start: number, count: number): Promise<Uint8Array>;
}

/** A tensor of a model, in whatever way it is stored. */
export type ModelTensor = StoredTensor | MadeTensor;

/** What the header of one file says. */
export interface SafetensorsHeader {
  readonly tensors: readonly StoredTensor[];
  /** Those of whole numbers that quantised weights may be made of. */
  readonly codes: readonly StoredCodes[];
  /** Those of other types than weights have, such as whole numbers, `codes` among them. */
  readonly others: readonly TensorType[];
  /** Who wrote the file, as its metadata say: `pt`, `mlx`, … */
  readonly format: string | undefined;
}

const BYTES_OF: Readonly<Record<SourceType | CodeType, number>> = { F32: 4, BF16: 2, F16: 2, U8: 1, I8: 1, U32: 4 };
const isFloat = (tensor: Stored<SourceType | CodeType>): tensor is StoredTensor =>
  tensor.type === 'F32' || tensor.type === 'BF16' || tensor.type === 'F16';
const isCodes = (tensor: Stored<SourceType | CodeType>): tensor is StoredCodes => !isFloat(tensor);
/** The largest published header is below 1 MB; more is a broken or hostile file. */
const MAX_HEADER_BYTES = 100 * 2 ** 20;

/**
 * Reads the header of one file: 8 bytes little-endian length, JSON, then the data.
 * @throws Failure weightsMissing, weightsCorrupt. Source: safetensors format specification, huggingface/safetensors
 *   README.
 */
export async function readSafetensorsHeader(file: string): Promise<SafetensorsHeader> {
  const handle = await openWeights(file);
  try {
    const { size } = await handle.stat();
    const prefix = await readExactly(handle, file, 0, 8, size);
    const headerBytes = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
    if (headerBytes > MAX_HEADER_BYTES || headerBytes + 8 > size) {
      throw corrupt(file, l10n.t('Its header claims {0} bytes, but the file has {1}.', headerBytes, size));
    }
    const text = new TextDecoder().decode(await readExactly(handle, file, 8, headerBytes, size));
    let header: unknown;
    try {
      header = JSON.parse(text);
    } catch (error) {
      throw corrupt(file, l10n.t('Its header is not valid JSON.'), error);
    }
    if (typeof header !== 'object' || header === null || Array.isArray(header)) {
      throw corrupt(file, l10n.t('Its header is not an object.'));
    }
    const tensors: StoredTensor[] = [];
    const codes: StoredCodes[] = [];
    const others: TensorType[] = [];
    for (const [name, entry] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      const tensor = storedTensor(file, name, entry, 8 + headerBytes, size);
      if ('dtype' in tensor) others.push(tensor);
      else if (isFloat(tensor)) tensors.push(tensor);
      else if (isCodes(tensor)) {
        codes.push(tensor);
        others.push({ name, dtype: tensor.type });
      }
    }
    checkOverlap(file, [...tensors, ...codes]);
    return { tensors, codes, others, format: formatOf(header) };
  } finally {
    await handle.close();
  }
}

function storedTensor(
  file: string,
  name: string,
  entry: unknown,
  dataStart: number,
  size: number,
): Stored<SourceType | CodeType> | TensorType {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as {
    dtype?: unknown;
    shape?: unknown;
    data_offsets?: unknown;
  };
  if (typeof dtype !== 'string' || !isCountArray(shape) || !isCountArray(offsets) || offsets.length !== 2) {
    throw corrupt(file, l10n.t('The entry of {0} is malformed.', shown(name)));
  }
  if (!Object.hasOwn(BYTES_OF, dtype)) return { name, dtype };
  const type = dtype as SourceType | CodeType;
  const [start, end] = offsets as [number, number];
  const byteLength = shape.reduce((product, dim) => product * dim, BYTES_OF[type]);
  if (end < start || end - start !== byteLength) {
    throw corrupt(
      file,
      l10n.t('{0} has {1} bytes, but its shape {2} needs {3}.', shown(name), end - start, shown(shape), byteLength),
    );
  }
  if (dataStart + end > size) {
    throw corrupt(
      file,
      l10n.t('It ends at byte {0}, but {1} goes on to byte {2}.', size, shown(name), dataStart + end),
    );
  }
  return { name, file, type, shape, offset: dataStart + start, byteLength };
}

function formatOf(header: object): string | undefined {
  const metadata: unknown = (header as { __metadata__?: unknown }).__metadata__;
  const format = isRecord(metadata) ? metadata['format'] : undefined;
  return typeof format === 'string' ? format : undefined;
}

/** The format gives every tensor bytes of its own. */
function checkOverlap(file: string, tensors: readonly Stored<SourceType | CodeType>[]): void {
  let before: Stored<SourceType | CodeType> | undefined;
  for (const tensor of tensors.filter(({ byteLength }) => byteLength > 0).sort((a, b) => a.offset - b.offset)) {
    if (before !== undefined && tensor.offset < before.offset + before.byteLength) {
      throw corrupt(file, l10n.t('{0} and {1} overlap.', shown(before.name), shown(tensor.name)));
    }
    before = tensor;
  }
}

/** Open files of one conversion; every tensor is read through it and it is closed once. */
export class TensorReader {
  private readonly handles = new Map<string, Promise<FileHandle>>();
  private readonly closers: (() => void)[] = [];

  /**
   * Rows `[start, start + count)` of a tensor seen as a matrix of its first dimension by the rest, as float32.
   * bf16 and f16 widen exactly.
   * @throws Failure weightsCorrupt when the file has become shorter since its header was read, or what a tensor is made
   *   of cannot be right.
   */
  async rows(tensor: ModelTensor, start: number, count: number): Promise<Float32Array> {
    return widenToFloat32(await this.rowBytes(tensor, start, count), tensor.type);
  }

  /** The same rows as values of the tensor's type, in a buffer of their own. */
  async rowBytes(tensor: ModelTensor | StoredCodes, start: number, count: number): Promise<Uint8Array> {
    if ('make' in tensor) return tensor.make(this, start, count);
    const rowBytes = tensor.byteLength / (tensor.shape[0] ?? 1);
    return this.bytes(tensor.file, tensor.offset + start * rowBytes, count * rowBytes);
  }

  /** Bytes of a file, in a buffer of their own that starts at a multiple of 8. @throws Failure as {@link rows}. */
  async bytes(file: string, position: number, length: number): Promise<Uint8Array> {
    return readExactly(await this.handle(file), file, position, length, Number.MAX_SAFE_INTEGER);
  }

  /** A whole tensor as float32; for small ones. */
  all(tensor: ModelTensor): Promise<Float32Array> {
    return this.rows(tensor, 0, tensor.shape[0] ?? 1);
  }

  /** @param close Called when the reader is closed: ends what was begun with its files. */
  onClose(close: () => void): void {
    this.closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0)) close();
    const handles = [...this.handles.values()];
    this.handles.clear();
    for (const handle of await Promise.allSettled(handles)) {
      if (handle.status === 'fulfilled') await handle.value.close();
    }
  }

  /** The open file; whoever got it neither closes nor moves it. */
  handle(file: string): Promise<FileHandle> {
    const known = this.handles.get(file);
    if (known !== undefined) return known;
    const opened = openWeights(file);
    this.handles.set(file, opened);
    return opened;
  }
}

async function openWeights(file: string): Promise<FileHandle> {
  try {
    return await openPlainFile(file);
  } catch (error) {
    const what = error instanceof FileRefused
      ? error.message
      : (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? l10n.t('The weights file {0} is missing.', file)
      : l10n.t('The weights file {0} cannot be opened ({1}).', file, (error as Error).message);
    const cure = l10n.t('Download the checkpoint again; all of its *.safetensors files are needed.');
    throw new Failure('weightsMissing', `${what} ${cure}`, { cause: error });
  }
}

/** Fills a fresh, 8-byte aligned buffer; a short file is an error, never a short result. */
async function readExactly(
  handle: FileHandle,
  file: string,
  position: number,
  length: number,
  size: number,
): Promise<Uint8Array> {
  if (position + length > size) {
    throw corrupt(file, l10n.t('It has {0} bytes, but at least {1} are needed.', size, position + length));
  }
  const bytes = new Uint8Array(new ArrayBuffer(length));
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await handle.read(bytes, filled, Math.min(length - filled, 2 ** 30), position + filled);
    if (bytesRead === 0) throw corrupt(file, l10n.t('It ends at byte {0}.', position + filled));
    filled += bytesRead;
  }
  return bytes;
}

/** @param complaint A sentence. */
export function corrupt(file: string, complaint: string, cause?: unknown): Failure {
  return new Failure(
    'weightsCorrupt',
    l10n.t('The weights file {0} is damaged or incomplete. {1} Download it again.', file, complaint),
    { cause },
  );
}

function isCountArray(value: unknown): value is number[] {
  return Array.isArray(value)
    && value.every(entry => typeof entry === 'number' && Number.isSafeInteger(entry) && entry >= 0);
}
