/** Copies tensors of a checkpoint into a data file in the wanted type, a bounded number of rows at a time. */
import type { Checkpoint } from '../checkpoint/checkpoint';
import { widenToFloat32, type SourceType } from '../checkpoint/floats';
import type { ModelTensor, TensorReader } from '../checkpoint/safetensors';
import type { WeightType } from '../../../paligemma/src/facts';
import type { ExternalData } from '../graph/graphBuilder';
import type { Matrix, RowMatrix, Vector } from '../graph/weights';
import { bytesOf, type DataFile } from './dataFile';
import type { KernelPool } from './kernelPool';
import type { StoredPiece, Target } from './kernels';
import { Pipeline } from './pipeline';

/** Values of one piece at most; what bounds the memory of a conversion of any size. */
const MAX_VALUES = 2 ** 20;
/**
 * Weights that share one scale. A one-token step takes half the time of blocks of 32 where the CPU has AVX-512 and the
 * same without, and loads in two thirds; the squared error is 1.23 times as large for normally distributed weights, 1.4
 * times with 128.
 */
export const BLOCK_SIZE = 64;
/**
 * The same for the two matrices of an MLP in 4 bits, three quarters of a layer. Blocks of 128 everywhere gave a prefill
 * in 0.76 and a step in 0.9 of the time of 64, most of it from here; attention and vocabulary, which bear less, keep
 * the smaller blocks.
 */
const MLP_BLOCK_SIZE = 128;

/** @param columns Blocks are only as large as they fit: a row is not padded for the larger ones. */
export function mlpBlockSize(type: WeightType, columns: number): number {
  return type === 'int4' && columns % MLP_BLOCK_SIZE === 0 ? MLP_BLOCK_SIZE : BLOCK_SIZE;
}

/** Changes the rows of a tensor after reading: an adapter's merge. `start` is the first row in `values`. */
export type RowTransform = (canonicalName: string, start: number, values: Float32Array, columns: number) => void;

export interface WeightWriterOptions {
  readonly checkpoint: Checkpoint;
  readonly reader: TensorReader;
  readonly kernels: KernelPool;
  /** Called after each piece with the source bytes it took. @throws to end the conversion. */
  readonly onBytes: (bytes: number) => Promise<void>;
  readonly transform?: RowTransform;
}

export class WeightWriter {
  private readonly pipeline: Pipeline;

  constructor(private readonly options: WeightWriterOptions) {
    // One piece being read and one being written beside those that are computed.
    this.pipeline = new Pipeline(options.kernels.width + 2);
  }

  /**
   * Matrices of equal columns below each other, as one. Names are canonical; rows are given by the caller's sizes.
   * Returns before the values are written: see {@link finish}.
   */
  async matrix(
    file: DataFile,
    type: WeightType,
    parts: readonly (readonly [name: string, rows: number])[],
    columns: number,
    blockSize = BLOCK_SIZE,
  ): Promise<Matrix> {
    const tensors = parts.map(([name, rows]) => [name, this.options.checkpoint.tensor(name, [rows, columns])] as const);
    const rows = parts.reduce((sum, [, count]) => sum + count, 0);
    if (type === 'f32' || type === 'f16') {
      const bytes = type === 'f32' ? 4 : 2;
      const data = file.reserve(rows * columns * bytes);
      await this.eachPiece(
        tensors,
        { form: type },
        (first, stored) => file.write(data, first * columns * bytes, stored.data),
      );
      return { type, rows, columns, data };
    }
    const blocks = Math.ceil(columns / blockSize);
    const bits = type === 'int4' ? 4 : 8;
    const rowBytes = (blocks * blockSize * bits) / 8;
    const data = file.reserve(rows * rowBytes);
    const scales = file.reserve(rows * blocks * 4);
    await this.eachPiece(tensors, { form: 'blocks', bits, blockSize }, async (first, stored) => {
      await file.write(data, first * rowBytes, stored.data);
      if (stored.scales !== undefined) await file.write(scales, first * blocks * 4, bytesOf(stored.scales));
    });
    return { type: 'blocks', bits, rows, columns, blockSize, data, scales };
  }

  /** The same with 8 bits and a scale for each row, to be multiplied as float32. */
  async rowMatrix(
    file: DataFile,
    parts: readonly (readonly [name: string, rows: number])[],
    columns: number,
  ): Promise<RowMatrix> {
    const tensors = parts.map(([name, rows]) => [name, this.options.checkpoint.tensor(name, [rows, columns])] as const);
    const rows = parts.reduce((sum, [, count]) => sum + count, 0);
    const data = file.reserve(rows * columns);
    const scales = file.reserve(rows * 4);
    await this.eachPiece(tensors, { form: 'rows' }, async (first, stored) => {
      await file.write(data, first * columns, stored.data);
      if (stored.scales !== undefined) await file.write(scales, first * 4, bytesOf(stored.scales));
    });
    return { type: 'rows', rows, columns, data, scales };
  }

  /** Waits until everything is written. @throws Failure of the model and cache kinds. */
  finish(): Promise<void> {
    return this.pipeline.drain();
  }

  /** Waits until nothing is written any more, after a failure. */
  settle(): Promise<void> {
    return this.pipeline.settle();
  }

  /** Vectors one behind the other, as one. */
  async vector(file: DataFile, parts: readonly (readonly [name: string, length: number])[]): Promise<Vector> {
    const values = await Promise.all(parts.map(([name, length]) => this.values(name, [length])));
    return this.store(file, concat(values));
  }

  /** A Gemma norm: stores 1 + w, so that the graph needs no addition. */
  async gemmaNorm(file: DataFile, name: string, length: number): Promise<Vector> {
    return this.store(file, (await this.values(name, [length])).map(weight => 1 + weight));
  }

  /** A tensor of any shape as float32. */
  async tensor(file: DataFile, name: string, shape: readonly number[]): Promise<ExternalData> {
    return file.append(await this.values(name, shape));
  }

  private async store(file: DataFile, values: Float32Array): Promise<Vector> {
    return { length: values.length, data: await file.append(values) };
  }

  private async values(name: string, shape: readonly number[]): Promise<Float32Array> {
    const tensor = this.options.checkpoint.tensor(name, shape);
    const values = await this.options.reader.all(tensor);
    this.options.transform?.(name, 0, values, values.length / (shape[0] ?? 1));
    await this.options.onBytes(tensor.byteLength);
    return values;
  }

  /** `first` is the row in the joined matrix. */
  private async eachPiece(
    tensors: readonly (readonly [string, ModelTensor])[],
    target: Target,
    write: (first: number, stored: StoredPiece) => Promise<void>,
  ): Promise<void> {
    let base = 0;
    for (const [name, tensor] of tensors) {
      const [rows = 0, columns = 1] = tensor.shape;
      const step = Math.max(1, Math.floor(MAX_VALUES / columns));
      for (let start = 0; start < rows; start += step) {
        const count = Math.min(step, rows - start);
        const first = base + start;
        await this.pipeline.add(async () => {
          const piece = await this.piece(name, tensor, start, count);
          await write(first, await this.options.kernels.convert({ ...piece, rows: count, columns, target }));
          await this.options.onBytes((tensor.byteLength / rows) * count);
        });
      }
      base += rows;
    }
  }

  private async piece(
    name: string,
    tensor: ModelTensor,
    start: number,
    count: number,
  ): Promise<{ bytes: Uint8Array; type: SourceType }> {
    const bytes = await this.options.reader.rowBytes(tensor, start, count);
    const { transform } = this.options;
    if (transform === undefined) return { bytes, type: tensor.type };
    const values = widenToFloat32(bytes, tensor.type);
    transform(name, start, values, tensor.shape[1] ?? 1);
    return { bytes: bytesOf(values), type: 'F32' };
  }
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
