import { bilinearRows, type RasterFloat } from '../../../paligemma/src/bilinearRows';
import { PRECISION_BITS, bicubic, fixedPointTable, type FilterTable } from '../../../paligemma/src/filterTable';
import { WORK_BETWEEN_BREATHS, breathe } from '../util/breathe';

/** 8-bit samples, channels interleaved, rows top to bottom: `[height, width, channels]`. */
export interface Raster8 {
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly channels: number;
}

/** Half of the last fixed-point unit: the shift that follows then rounds. */
const ROUNDING = 1 << (PRECISION_BITS - 1);

/**
 * Resizes to `widthPx` × `heightPx` with Pillow's bicubic (antialiased when shrinking), equal to it bit by bit:
 * horizontal pass first, 22-bit fixed point, each pass rounded and clipped to 8 bits. Cancellable between rows. Needs
 * no intermediate picture, so a very tall or very wide source costs no more memory than another. Pillow 13 takes the
 * vertical pass first for very tall pictures (up to 16 levels of difference); Pillow 12 and older never.
 * @returns `[heightPx, widthPx, channels]`.
 * @throws RangeError where a side is below 1 or the data are not of the size claimed; DOMException `AbortError`.
 * Source: Pillow 12, `src/libImaging/Resample.c`, `ImagingResampleInner` and the `8bpc` passes.
 */
export async function resizeBicubic8(
  source: Raster8,
  widthPx: number,
  heightPx: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  checkSizes(source.data.length, [source.widthPx, source.heightPx, source.channels], [widthPx, heightPx]);
  signal?.throwIfAborted();
  const { channels } = source;
  const rowLength = widthPx * channels;
  const across = fixedPointTable(source.widthPx, widthPx, bicubic);
  const down = fixedPointTable(source.heightPx, heightPx, bicubic);
  const output = new Uint8ClampedArray(heightPx * rowLength);
  const sums = new Int32Array(output.length).fill(ROUNDING);
  const row = new Uint8ClampedArray(rowLength);
  let open = 0;
  let work = 0;
  for (let y = 0; y < source.heightPx; y++) {
    resizeRow(source, y, across, row);
    // Windows move down monotonically: rows before `open` are finished, and the first that starts below y ends the
    // search.
    while (open < heightPx && down.first[open]! + down.count[open]! <= y) open++;
    for (let i = open; i < heightPx && down.first[i]! <= y; i++) {
      addWeighted(sums, i * rowLength, row, down.weights[i * down.stride + y - down.first[i]!]!);
      work += rowLength;
    }
    work += across.stride * rowLength;
    if (work > WORK_BETWEEN_BREATHS) {
      work = 0;
      await breathe(signal);
    }
  }
  for (let i = 0; i < output.length; i++) output[i] = sums[i]! >> PRECISION_BITS;
  return new Uint8Array(output.buffer);
}

/** Row `y` of `source`, resized to the length of `row`. */
function resizeRow(source: Raster8, y: number, table: FilterTable<Int32Array>, row: Uint8ClampedArray): void {
  const { channels } = source;
  const start = y * source.widthPx * channels;
  if (channels === 3) return resizeRgbRow(source.data, start, table, row);
  for (let x = 0; x < table.outputLength; x++) {
    const from = start + table.first[x]! * channels;
    const weights = x * table.stride;
    const count = table.count[x]!;
    for (let channel = 0; channel < channels; channel++) {
      let sum = ROUNDING;
      for (let k = 0; k < count; k++) {
        sum = (sum + Math.imul(table.weights[weights + k]!, source.data[from + k * channels + channel]!)) | 0;
      }
      row[x * channels + channel] = sum >> PRECISION_BITS;
    }
  }
}

/** The same for three channels at once: nearly all of the time of a picture is spent here. */
function resizeRgbRow(data: Uint8Array, start: number, table: FilterTable<Int32Array>, row: Uint8ClampedArray): void {
  const { first, count, weights, stride, outputLength } = table;
  for (let x = 0; x < outputLength; x++) {
    let red = ROUNDING;
    let green = ROUNDING;
    let blue = ROUNDING;
    let from = start + first[x]! * 3;
    const end = x * stride + count[x]!;
    for (let k = x * stride; k < end; k++, from += 3) {
      const weight = weights[k]!;
      red = (red + Math.imul(weight, data[from]!)) | 0;
      green = (green + Math.imul(weight, data[from + 1]!)) | 0;
      blue = (blue + Math.imul(weight, data[from + 2]!)) | 0;
    }
    row[x * 3] = red >> PRECISION_BITS;
    row[x * 3 + 1] = green >> PRECISION_BITS;
    row[x * 3 + 2] = blue >> PRECISION_BITS;
  }
}

function addWeighted(sums: Int32Array, offset: number, row: Uint8ClampedArray, weight: number): void {
  for (let i = 0; i < row.length; i++) sums[offset + i] = (sums[offset + i]! + Math.imul(weight, row[i]!)) | 0;
}

/**
 * {@link bilinearRows}, cancellable between rows.
 * @param onRow gets the row's number and its `[widthPx]` values, valid during the call only.
 * @throws RangeError as {@link resizeBicubic8}; DOMException `AbortError`.
 */
export async function resizeBilinearRows(
  source: RasterFloat,
  widthPx: number,
  heightPx: number,
  onRow: (y: number, row: Float32Array) => void,
  signal?: AbortSignal,
): Promise<void> {
  checkSizes(source.data.length, [source.widthPx, source.heightPx, 1], [widthPx, heightPx]);
  signal?.throwIfAborted();
  // How many rows make one: more than two where the mask shrinks.
  const rowWork = widthPx * Math.max(2, Math.ceil(2 * source.heightPx / heightPx));
  let y = 0;
  let work = 0;
  for (const row of bilinearRows(source, widthPx, heightPx)) {
    onRow(y++, row);
    work += rowWork;
    if (work > WORK_BETWEEN_BREATHS) {
      work = 0;
      await breathe(signal);
    }
  }
}

/** @param source Width, height and channels of `length` samples. @throws RangeError */
function checkSizes(length: number, source: readonly number[], out: readonly number[]): void {
  const sides = [...source, ...out];
  if (!sides.every(side => Number.isSafeInteger(side) && side >= 1)) {
    throw new RangeError(`Sides must be whole and at least 1: ${sides.join(', ')}`);
  }
  if (length !== source.reduce((product, side) => product * side, 1)) {
    throw new RangeError(`${length} samples are not ${source.join(' × ')}`);
  }
}
