/** Matrices as bitsandbytes stores them: 4 bits with a table of values (NF4, FP4), or 8 bits with a scale a row. */
import * as l10n from '@vscode/l10n';
import { isCount, isFiniteNumber, isRecord } from '../../../paligemma/src/checks';
import { shown } from '../../../paligemma/src/shown';
import type { BitsAndBytesType } from '../../../paligemma/src/weightForms';
import { brainFloats, halves, widenToFloat32, type SourceType } from './floats';
import { checkFinite } from './mlx';
import { corrupt, type MadeTensor, type StoredCodes, type StoredTensor, type TensorReader } from './safetensors';

/** What is stored of a 4-bit weight, by the ends of the names. */
export interface FourBitParts {
  /** Two values a byte, the first in the high half, over all rows; its bytes may be called by another type. */
  readonly weight: StoredCodes | StoredTensor;
  /** A scale for each block; bytes where the scales are quantised again. */
  readonly absmax: StoredCodes | StoredTensor | undefined;
  /** `[16] float32`: what the codes mean. */
  readonly table: StoredTensor | undefined;
  /** UTF-8 of a JSON object. */
  readonly state: StoredCodes;
  /** Of quantised scales: their own scales, and `[256] float32`, what their codes mean. */
  readonly nestedAbsmax: StoredTensor | undefined;
  readonly nestedTable: StoredTensor | undefined;
}

export interface FourBitMatrix {
  readonly type: BitsAndBytesType;
  /** Of the type that the quantised weight had. */
  readonly tensor: MadeTensor;
}

interface Nested {
  readonly scales: StoredTensor;
  readonly table: Float32Array;
  readonly blockSize: number;
  readonly offset: number;
}

interface FourBits {
  readonly weight: StoredCodes | StoredTensor;
  readonly absmax: StoredCodes | StoredTensor;
  readonly table: Float32Array;
  readonly blockSize: number;
  readonly type: SourceType;
  readonly columns: number;
  readonly nested: Nested | undefined;
}

/** Written ones have some hundred bytes. */
const MOST_STATE_BYTES = 64 * 2 ** 10;
const TYPES: ReadonlyMap<unknown, SourceType> = new Map([['float32', 'F32'], ['float16', 'F16'], ['bfloat16', 'BF16']]);
/** Source: bitsandbytes 0.50 `functional.py`, quantize_4bit. */
const BLOCK_SIZES: readonly unknown[] = [32, 64, 128, 256, 512, 1024, 2048, 4096];
const NIBBLES = 16;
const BYTES = 256;

/**
 * Values are what bitsandbytes multiplies with: table · scale in float32, rounded to the type that the weight had.
 * @throws Failure weightsCorrupt where a part is missing or does not fit.
 * Source: bitsandbytes 0.50 `functional.py` QuantState.from_dict and dequantize_4bit.
 */
export async function fourBitMatrix(reader: TensorReader, parts: FourBitParts): Promise<FourBitMatrix> {
  const { weight } = parts;
  const state = await readState(reader, parts.state);
  const { shape, blocksize, dtype, quant_type: quantType } = state;
  const type = TYPES.get(dtype);
  const isShape = Array.isArray(shape) && shape.length === 2 && shape.every(isCount);
  if (!isShape || type === undefined || !BLOCK_SIZES.includes(blocksize) || typeof blocksize !== 'number') {
    throw corrupt(
      weight.file,
      l10n.t('{0} does not say shape, type and block size of its matrix.', shown(parts.state.name)),
    );
  }
  const [rows, columns] = shape as [number, number];
  const values = rows * columns;
  const blocks = Math.ceil(values / blocksize);
  checkSize(weight, Math.ceil(values / 2), weight.byteLength);
  const absmax = needed(parts, parts.absmax, 'absmax');
  checkSize(absmax, blocks, count(absmax));
  const isNested = absmax.type === 'U8';
  const bits: FourBits = {
    weight,
    absmax,
    table: await readTable(reader, needed(parts, parts.table, 'quant_map'), NIBBLES),
    blockSize: blocksize,
    type,
    columns,
    nested: isNested ? await readNested(reader, parts, state, blocks) : undefined,
  };
  const all = [weight, absmax, parts.table, parts.state, parts.nestedAbsmax, parts.nestedTable];
  return {
    type: quantType === 'fp4' ? 'fp4' : 'nf4',
    tensor: {
      name: weight.name,
      file: weight.file,
      type,
      shape: [rows, columns],
      byteLength: all.reduce((sum, part) => sum + (part?.byteLength ?? 0), 0),
      make: (from, start, length) => widened(from, bits, start * columns, (start + length) * columns),
    },
  };
}

async function readState(reader: TensorReader, state: StoredCodes): Promise<Record<string, unknown>> {
  if (state.byteLength <= MOST_STATE_BYTES) {
    try {
      const value: unknown = JSON.parse(
        Buffer.from(await reader.bytes(state.file, state.offset, state.byteLength)).toString('utf8'),
      );
      if (isRecord(value)) return value;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  throw corrupt(state.file, l10n.t('{0} holds no JSON object.', shown(state.name)));
}

async function readNested(
  reader: TensorReader,
  parts: FourBitParts,
  state: Record<string, unknown>,
  blocks: number,
): Promise<Nested> {
  const { nested_blocksize: blockSize, nested_offset: offset } = state;
  if (!isCount(blockSize) || blockSize === 0 || !isFiniteNumber(offset)) {
    throw corrupt(
      parts.state.file,
      l10n.t('{0} does not say how its scales were quantized again.', shown(parts.state.name)),
    );
  }
  const scales = needed(parts, parts.nestedAbsmax, 'nested_absmax');
  checkSize(scales, Math.ceil(blocks / blockSize), count(scales));
  const table = await readTable(reader, needed(parts, parts.nestedTable, 'nested_quant_map'), BYTES);
  return { scales, table, blockSize, offset };
}

async function readTable(reader: TensorReader, tensor: StoredTensor, length: number): Promise<Float32Array> {
  checkSize(tensor, length, count(tensor));
  const table = widenToFloat32(await reader.bytes(tensor.file, tensor.offset, tensor.byteLength), tensor.type);
  checkFinite(tensor, table);
  return table;
}

function needed<T>({ weight }: FourBitParts, part: T | undefined, name: string): T {
  if (part !== undefined) return part;
  throw corrupt(weight.file, l10n.t('It has no {0} for {1}.', name, shown(weight.name)));
}

function count({ shape }: StoredCodes | StoredTensor): number {
  return shape.reduce((product, side) => product * side, 1);
}

function checkSize({ name, file }: StoredCodes | StoredTensor, wanted: number, has: number): void {
  if (wanted !== has) {
    throw corrupt(file, l10n.t('{0} has {1} values where its matrix needs {2}.', shown(name), has, wanted));
  }
}

/** Values `[first, end)` of the matrix as one row. */
async function widened(reader: TensorReader, bits: FourBits, first: number, end: number): Promise<Uint8Array> {
  const { weight, table, blockSize, type } = bits;
  const firstByte = Math.floor(first / 2);
  const firstBlock = Math.floor(first / blockSize);
  const [codes, scales] = await Promise.all([
    reader.bytes(weight.file, weight.offset + firstByte, Math.ceil(end / 2) - firstByte),
    readScales(reader, bits, firstBlock, Math.ceil(end / blockSize)),
  ]);
  const values = new Float32Array(end - first);
  // Places count from the first byte, so that they stay small: those in the tensor go beyond 32 bits.
  const skipped = first - 2 * firstByte;
  for (let i = 0; i < values.length;) {
    const block = Math.floor((first + i) / blockSize) - firstBlock;
    const blockEnd = Math.min(values.length, (firstBlock + block + 1) * blockSize - first);
    const scale = scales[block]!;
    for (; i < blockEnd; i++) {
      const place = i + skipped;
      const byte = codes[place >> 1]!;
      values[i] = table[(place & 1) === 0 ? byte >> 4 : byte & 15]! * scale;
    }
  }
  return asType(values, type);
}

async function readScales(reader: TensorReader, bits: FourBits, first: number, end: number): Promise<Float32Array> {
  const { absmax, nested } = bits;
  const size = absmax.byteLength / count(absmax);
  const bytes = await reader.bytes(absmax.file, absmax.offset + first * size, (end - first) * size);
  if (nested === undefined || absmax.type !== 'U8') {
    const scales = absmax.type === 'F32' || absmax.type === 'F16' || absmax.type === 'BF16'
      ? widenToFloat32(bytes, absmax.type)
      : undefined;
    if (scales === undefined) {
      throw corrupt(absmax.file, l10n.t('{0} holds no scales, but {1}.', shown(absmax.name), absmax.type));
    }
    checkFinite(absmax, scales);
    return scales;
  }
  const { scales, table, blockSize, offset } = nested;
  const firstOuter = Math.floor(first / blockSize);
  const outer = await reader.rows(scales, firstOuter, Math.ceil(end / blockSize) - firstOuter);
  checkFinite(scales, outer);
  const widened = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const scale = outer[Math.floor((first + i) / blockSize) - firstOuter]!;
    widened[i] = Math.fround(table[bytes[i]!]! * scale) + offset;
  }
  return widened;
}

function asType(values: Float32Array, type: SourceType): Uint8Array {
  const stored = type === 'F32' ? values : type === 'F16' ? halves(values) : brainFloats(values);
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** Source: bitsandbytes 0.50 `backends/default/ops.py`, int8_vectorwise_dequant: 1 / 127 with the digits it has there. */
const PER_CODE = Math.fround(7.874015718698502e-3);

/**
 * An 8-bit matrix as float32: code · scale of the row / 127. Columns in which activations are large are computed apart
 * at run time only, and nothing of that is stored.
 * @throws Failure weightsCorrupt where the scales do not fit the rows.
 */
export function eightBitMatrix(weight: StoredCodes, scales: StoredTensor): MadeTensor {
  const [rows = 0, columns = 0] = weight.shape;
  if (weight.shape.length !== 2 || scales.shape[0] !== rows || count(scales) !== rows) {
    throw corrupt(
      weight.file,
      l10n.t(
        'The shapes of {0} {1} and its row scales {2} do not fit each other.',
        shown(weight.name),
        shown(weight.shape),
        shown(scales.shape),
      ),
    );
  }
  return {
    name: weight.name,
    file: weight.file,
    type: 'F32',
    shape: [rows, columns],
    byteLength: weight.byteLength + scales.byteLength,
    make: async (reader, start, length) => {
      const [bytes, factors] = await Promise.all([
        reader.rowBytes(weight, start, length),
        reader.rows(scales, start, length),
      ]);
      checkFinite(scales, factors);
      const codes = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const values = new Float32Array(codes.length);
      for (let row = 0; row < length; row++) {
        const factor = factors[row]!;
        const end = (row + 1) * columns;
        for (let i = row * columns; i < end; i++) values[i] = Math.fround(codes[i]! * factor) * PER_CODE;
      }
      return new Uint8Array(values.buffer);
    },
  };
}
