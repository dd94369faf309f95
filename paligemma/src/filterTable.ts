/** Which source samples make an output sample, and with what weight: the definition that Pillow's resize follows. */

/** A kernel over distances in source samples (of the wider grid), zero beyond `support`. */
export interface ResampleFilter {
  readonly support: number;
  readonly weight: (distance: number) => number;
}

/** Source: Pillow 13.0, `src/libImaging/Resample.c`, `bicubic_filter` with a = −0.5. */
export const bicubic: ResampleFilter = {
  support: 2,
  weight: distance => {
    const x = Math.abs(distance);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
  },
};

/** Source: Pillow 13.0, `src/libImaging/Resample.c`, `bilinear_filter`. */
export const bilinear: ResampleFilter = {
  support: 1,
  weight: distance => Math.max(1 - Math.abs(distance), 0),
};

/** Output sample i is the sum of `weights[i · stride + k] · source[first[i] + k]` over k in 0…count[i] − 1. */
export interface FilterTable<Weights extends Int32Array | Float64Array> {
  readonly sourceLength: number;
  readonly outputLength: number;
  readonly stride: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Weights;
}

/** Fractional bits of the fixed-point weights. Source: Pillow, `PRECISION_BITS` = 32 − 8 − 2. */
export const PRECISION_BITS = 22;

/**
 * Weights in float64, each window summing to 1. When shrinking, the kernel is stretched by the scale (antialias).
 * Source: Pillow 13.0, `precompute_coeffs`: half-pixel centres, window ends rounded, division after summing.
 */
export function floatTable(
  sourceLength: number,
  outputLength: number,
  filter: ResampleFilter,
): FilterTable<Float64Array> {
  const scale = sourceLength / outputLength;
  const stretch = Math.max(scale, 1);
  const support = filter.support * stretch;
  // Multiplied, not divided: the last bit of the weights depends on it.
  const shrink = 1 / stretch;
  const stride = Math.min(Math.ceil(support) * 2 + 1, sourceLength);
  const first = new Int32Array(outputLength);
  const count = new Int32Array(outputLength);
  const weights = new Float64Array(outputLength * stride);
  for (let i = 0; i < outputLength; i++) {
    const centre = (i + 0.5) * scale;
    const low = Math.max(Math.trunc(centre - support + 0.5), 0);
    const high = Math.min(Math.trunc(centre + support + 0.5), sourceLength);
    let sum = 0;
    for (let k = 0; k < high - low; k++) {
      const weight = filter.weight((k + low - centre + 0.5) * shrink);
      weights[i * stride + k] = weight;
      sum += weight;
    }
    if (sum !== 0) { for (let k = 0; k < high - low; k++) weights[i * stride + k]! /= sum; }
    first[i] = low;
    count[i] = high - low;
  }
  return { sourceLength, outputLength, stride, first, count, weights };
}

/** {@link floatTable} with weights × 2²², rounded half away from zero. Source: Pillow, `normalize_coeffs_8bpc`. */
export function fixedPointTable(
  sourceLength: number,
  outputLength: number,
  filter: ResampleFilter,
): FilterTable<Int32Array> {
  const table = floatTable(sourceLength, outputLength, filter);
  const weights = new Int32Array(table.weights.length);
  for (let i = 0; i < weights.length; i++) {
    const scaled = table.weights[i]! * (1 << PRECISION_BITS);
    weights[i] = Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  }
  return { ...table, weights };
}
