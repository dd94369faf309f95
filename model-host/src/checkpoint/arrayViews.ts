/** Rows of matrices that lie turned round in larger arrays, read in pieces of bounded size. */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';
import { shown } from '../../../paligemma/src/shown';
import { DeflatedValues, type NpyArray } from './npzArchive';
import type { TensorReader } from './safetensors';

/** One matrix of the model in an array. Numbers count values. */
export interface ArrayView {
  readonly array: NpyArray;
  /** Where it begins. */
  readonly start: number;
  /** Stored as `[columns, rows]`, each block by itself; else row by row. */
  readonly isTurned: boolean;
  readonly blocks: number;
  /** Of one block. */
  readonly rows: number;
  readonly columns: number;
}

/**
 * Bytes that are turned round at once, and three times as many are kept: what bounds the memory of reading. Of a
 * deflated array a whole block is, as it can only be read forward.
 */
const SLAB_BYTES = 32 * 2 ** 20;
const MOST_KEPT_BYTES = 3 * SLAB_BYTES;
/** That of the largest published model has 680 MB, as float32. */
const MOST_BLOCK_BYTES = 2 ** 30;

/** Some rows of one block, turned round. */
interface Slab {
  readonly bytes: Promise<Uint8Array>;
  readonly byteLength: number;
}

/** Reads the views of one archive. Neighbouring pieces share what was turned round. */
export class BlockReader {
  private readonly states = new WeakMap<TensorReader, ReadState>();

  /** Rows `[first, first + count)` over all blocks, as stored values. @throws Failure weightsCorrupt. */
  async rows(reader: TensorReader, view: ArrayView, first: number, count: number): Promise<Uint8Array> {
    const state = this.states.get(reader) ?? new ReadState(reader);
    this.states.set(reader, state);
    const { array, columns, rows, isTurned } = view;
    const size = sizeOf(array);
    if (!isTurned) return state.bytes(array, (view.start + first * columns) * size, count * columns * size);
    if (array.isDeflated && rows * columns * size > MOST_BLOCK_BYTES) throw tooLarge(array);
    const slabRows = array.isDeflated ? rows : Math.min(rows, Math.max(1, Math.floor(SLAB_BYTES / (columns * size))));
    const result = new Uint8Array(count * columns * size);
    for (let row = first; row < first + count;) {
      const block = Math.floor(row / rows);
      const inBlock = row - block * rows;
      const slabStart = Math.floor(inBlock / slabRows) * slabRows;
      const slabEnd = Math.min(slabStart + slabRows, rows);
      const slab = await state.slab(view, block, slabStart, slabEnd);
      const taken = Math.min(first + count - row, slabEnd - inBlock);
      const from = (inBlock - slabStart) * columns * size;
      result.set(slab.subarray(from, from + taken * columns * size), (row - first) * columns * size);
      row += taken;
    }
    return result;
  }
}

class ReadState {
  /** The oldest first. */
  private readonly slabs = new Map<string, Slab>();
  private readonly deflated = new Map<string, DeflatedValues>();

  constructor(private readonly reader: TensorReader) {}

  bytes(array: NpyArray, start: number, length: number): Promise<Uint8Array> {
    if (!array.isDeflated) return this.reader.bytes(array.file, array.offset + array.headerBytes + start, length);
    const values = this.deflated.get(array.name) ?? new DeflatedValues(this.reader, array);
    this.deflated.set(array.name, values);
    return values.bytes(start, length);
  }

  slab(view: ArrayView, block: number, start: number, end: number): Promise<Uint8Array> {
    const key = JSON.stringify([view.array.name, view.start, block, start]);
    const known = this.slabs.get(key);
    if (known !== undefined) return known.bytes;
    const byteLength = (end - start) * view.columns * sizeOf(view.array);
    const slab: Slab = { bytes: this.turned(view, block, start, end), byteLength };
    this.slabs.set(key, slab);
    let kept = [...this.slabs.values()].reduce((sum, each) => sum + each.byteLength, 0);
    for (const [oldest, each] of this.slabs) {
      if (kept <= MOST_KEPT_BYTES || oldest === key) break;
      this.slabs.delete(oldest);
      kept -= each.byteLength;
    }
    return slab.bytes;
  }

  private async turned(view: ArrayView, block: number, start: number, end: number): Promise<Uint8Array> {
    const { array, rows, columns } = view;
    const size = sizeOf(array);
    const blockStart = (view.start + block * rows * columns) * size;
    const count = end - start;
    if (count === rows) return transposed(await this.bytes(array, blockStart, rows * columns * size), rows, size);
    const stored = new Uint8Array(columns * count * size);
    for (let column = 0; column < columns; column++) {
      const part = await this.bytes(array, blockStart + (column * rows + start) * size, count * size);
      stored.set(part, column * count * size);
    }
    return transposed(stored, count, size);
  }
}

function tooLarge({ name, file }: NpyArray): Failure {
  return new Failure(
    'modelUnsupported',
    l10n.t(
      '{0} cannot be used: its array {1} is too large to be unpacked on the way. Save the archive again without compression, with numpy.savez.',
      file,
      shown(name),
    ),
  );
}

function sizeOf({ type }: NpyArray): 2 | 4 {
  return type === 'F32' ? 4 : 2;
}

/** Side of the squares in which a matrix is turned round, so that both of its orders stay in the processor's cache. */
const TILE = 32;

/** @param stored `[columns, rows]` values of `size` bytes. @returns `[rows, columns]`. */
function transposed(stored: Uint8Array, rows: number, size: 2 | 4): Uint8Array {
  const count = stored.length / size;
  const from = size === 2
    ? new Uint16Array(stored.buffer, stored.byteOffset, count)
    : new Uint32Array(stored.buffer, stored.byteOffset, count);
  const to = size === 2 ? new Uint16Array(count) : new Uint32Array(count);
  const columns = count / rows;
  for (let tileColumn = 0; tileColumn < columns; tileColumn += TILE) {
    const columnEnd = Math.min(tileColumn + TILE, columns);
    for (let tileRow = 0; tileRow < rows; tileRow += TILE) {
      const rowEnd = Math.min(tileRow + TILE, rows);
      for (let column = tileColumn; column < columnEnd; column++) {
        for (let row = tileRow; row < rowEnd; row++) to[row * columns + column] = from[column * rows + row]!;
      }
    }
  }
  return new Uint8Array(to.buffer);
}
