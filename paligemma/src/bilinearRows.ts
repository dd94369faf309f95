/** Pillow's bilinear resize of float pictures, for masks. */
import { bilinear, floatTable } from './filterTable';

/** One channel of float32, rows top to bottom: `[height, width]`. */
export interface RasterFloat {
  readonly data: Float32Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * Resizes with Pillow's bilinear for float pictures (antialiased when shrinking) and hands out the rows from top to
 * bottom, so that a mask as large as a photograph never exists as float32.
 * @param source Its data are of the size claimed, sides at least 1.
 * @returns Rows of `[widthPx]` values; each is the same array, valid until the next one is asked for.
 * Source: Pillow 13.0, `src/libImaging/Resample.c`, the `32bpc` passes: float64 sums, float32 after each pass.
 */
export function* bilinearRows(source: RasterFloat, widthPx: number, heightPx: number): Generator<Float32Array> {
  const across = floatTable(source.widthPx, widthPx, bilinear);
  const down = floatTable(source.heightPx, heightPx, bilinear);
  const narrowed = new Float32Array(source.heightPx * widthPx);
  for (let y = 0; y < source.heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      let sum = 0;
      const from = y * source.widthPx + across.first[x]!;
      for (let k = 0; k < across.count[x]!; k++) sum += source.data[from + k]! * across.weights[x * across.stride + k]!;
      narrowed[y * widthPx + x] = sum;
    }
  }
  const row = new Float32Array(widthPx);
  for (let y = 0; y < heightPx; y++) {
    const from = down.first[y]! * widthPx;
    for (let x = 0; x < widthPx; x++) {
      let sum = 0;
      for (let k = 0; k < down.count[y]!; k++) {
        sum += narrowed[from + k * widthPx + x]! * down.weights[y * down.stride + k]!;
      }
      row[x] = sum;
    }
    yield row;
  }
}
