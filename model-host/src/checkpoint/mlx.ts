/** Matrices as MLX quantises them (its "affine" mode): w = scale · q + bias in groups along a row. */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../paligemma/src/checks';
import type { JsonObject } from '../../../paligemma/src/folderContents';
import { shown } from '../../../paligemma/src/shown';
import { corrupt, type MadeTensor, type StoredCodes, type StoredTensor, type TensorReader } from './safetensors';

/** Source: MLX 0.32 `mlx/ops.cpp`, quantize: what the affine mode allows. */
const BITS: readonly number[] = [2, 3, 4, 5, 6, 8];
const GROUP_SIZES: readonly number[] = [32, 64, 128];

/** The three tensors of one quantised module. */
export interface MlxParts {
  /** U32 `[rows, columns · bits / 32]`: a row is one stream of bits, the first value in the lowest ones. */
  readonly codes: StoredCodes;
  /** `[rows, columns / groupSize]`, both. */
  readonly scales: StoredTensor;
  readonly biases: StoredTensor;
}

/** How the codes of one matrix lie. */
export interface MlxLayout {
  readonly bits: number;
  readonly groupSize: number;
}

export interface MlxMatrix extends MlxLayout {
  /** `[rows, columns]` float32. */
  readonly tensor: MadeTensor;
}

/**
 * Values are float32, as MLX's kernels compute them: scales of 16 bits give the product exactly.
 * @param columns What the model's config asks for: with it the shapes tell bits and groups.
 * @param config The whole `config.json`, whose `quantization` must agree where it says something of the module.
 * @throws Failure weightsCorrupt where shapes, groups and config do not fit each other.
 * Source: MLX 0.32 `mlx/ops.cpp` dequantize, `mlx/backend/cpu/quantized.cpp`.
 */
export function mlxMatrix(parts: MlxParts, columns: number, config: JsonObject | undefined): MlxMatrix {
  const layout = layoutOf(parts, columns);
  checkSaid(parts, layout, config);
  const { codes, scales, biases } = parts;
  const [rows = 0] = codes.shape;
  return {
    ...layout,
    tensor: {
      name: codes.name,
      file: codes.file,
      type: 'F32',
      shape: [rows, columns],
      byteLength: codes.byteLength + scales.byteLength + biases.byteLength,
      make: (reader, start, count) => widened(parts, layout, reader, { start, count, columns }),
    },
  };
}

function layoutOf({ codes, scales, biases }: MlxParts, columns: number): MlxLayout {
  const [rows = 0, words = 0] = codes.shape;
  const [scaleRows, groups = 0] = scales.shape;
  const areMatrices = [codes, scales, biases].every(({ shape }) => shape.length === 2);
  if (!areMatrices || scaleRows !== rows || biases.shape[0] !== rows || biases.shape[1] !== groups) {
    throw corrupt(
      codes.file,
      l10n.t(
        'The shapes of {0} {1}, its scales {2} and its biases {3} do not fit each other.',
        shown(codes.name),
        shown(codes.shape),
        shown(scales.shape),
        shown(biases.shape),
      ),
    );
  }
  const bits = (words * 32) / columns;
  const groupSize = columns / groups;
  if (!BITS.includes(bits) || !GROUP_SIZES.includes(groupSize)) {
    throw corrupt(
      codes.file,
      l10n.t(
        'For the {0} columns of {1} that config.json asks for it holds {2} words and {3} scales a row, which is no quantization of MLX (2 to 6 or 8 bits, groups of 32, 64 or 128).',
        columns,
        shown(codes.name),
        words,
        groups,
      ),
    );
  }
  return { bits, groupSize };
}

/** Each module may have its own numbers, under its path. Source: mlx-lm `utils.py`, load_model. */
function checkSaid({ codes }: MlxParts, { bits, groupSize }: MlxLayout, config: JsonObject | undefined): void {
  const all = config?.['quantization'];
  if (!isRecord(all)) return;
  const own = all[codes.name.replace(/\.weight$/, '')];
  const said = isRecord(own) ? { ...all, ...own } : all;
  const isAsSaid = (said['bits'] ?? bits) === bits && (said['group_size'] ?? groupSize) === groupSize;
  if (isAsSaid) return;
  throw corrupt(
    codes.file,
    l10n.t(
      '{0} has {1} bits in groups of {2}, but config.json says {3} bits in groups of {4}; both belong to different models.',
      shown(codes.name),
      bits,
      groupSize,
      shown(said['bits']),
      shown(said['group_size']),
    ),
  );
}

interface Range {
  readonly start: number;
  readonly count: number;
  readonly columns: number;
}

async function widened(
  parts: MlxParts,
  { bits, groupSize }: MlxLayout,
  reader: TensorReader,
  { start, count, columns }: Range,
): Promise<Uint8Array> {
  const [codes, scales, biases] = await Promise.all([
    reader.rowBytes(parts.codes, start, count),
    reader.rows(parts.scales, start, count),
    reader.rows(parts.biases, start, count),
  ]);
  checkFinite(parts.scales, scales);
  checkFinite(parts.biases, biases);
  const words = new Uint32Array(codes.buffer, codes.byteOffset, codes.byteLength / 4);
  const values = new Float32Array(count * columns);
  const rowWords = words.length / count;
  const groups = columns / groupSize;
  for (let row = 0; row < count; row++) {
    const into = values.subarray(row * columns, (row + 1) * columns);
    unpackBits(words.subarray(row * rowWords, (row + 1) * rowWords), bits, into);
    for (let group = 0; group < groups; group++) {
      const scale = scales[row * groups + group]!;
      const bias = biases[row * groups + group]!;
      const end = (group + 1) * groupSize;
      for (let i = group * groupSize; i < end; i++) into[i] = Math.fround(scale * into[i]!) + bias;
    }
  }
  return new Uint8Array(values.buffer);
}

/** Whole numbers of `bits` each from a stream that begins in the lowest bits of the first word. */
function unpackBits(words: Uint32Array, bits: number, into: Float32Array): void {
  const mask = 2 ** bits - 1;
  for (let i = 0, at = 0; i < into.length; i++, at += bits) {
    const word = at >>> 5;
    const shift = at & 31;
    let code = words[word]! >>> shift;
    if (shift + bits > 32) code |= words[word + 1]! << (32 - shift);
    into[i] = code & mask;
  }
}

/** One bad scale would silently spoil a whole group. @throws Failure weightsCorrupt. */
export function checkFinite(
  { name, file }: { readonly name: string; readonly file: string },
  values: Float32Array,
): void {
  if (!values.every(Number.isFinite)) {
    throw corrupt(file, l10n.t('{0} holds a value that is no finite number.', shown(name)));
  }
}
