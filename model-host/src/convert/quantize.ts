/** 4-bit weights in blocks, in the layout of ONNX Runtime's MatMulNBits. */

/** Weights that share one scale. */
export const INT4_BLOCK_SIZE = 32;
/** Stored values are 0…15 and mean −8…7. */
const OFFSET = 8;
/** Relative scales tried around the one that makes the largest weight representable. */
const CANDIDATES = [1, 0.96, 0.92, 0.88, 0.84] as const;

export interface QuantizedRows {
  /** [rows, blocks · blockSize / 2]: two weights a byte, low half first. */
  readonly data: Uint8Array;
  /** [rows, blocks]. */
  readonly scales: Float32Array;
}

/**
 * Quantises `rows` rows of `columns` float32 weights; a row is padded with zeros to whole blocks.
 * The scale of a block is the candidate with the least squared error, not simply the one that fits its largest weight.
 * The sign of the scale is chosen so that the largest weight falls on −8, the end of the range that reaches further.
 */
export function quantizeInt4(weights: Float32Array, rows: number, columns: number, blockSize: number = INT4_BLOCK_SIZE): QuantizedRows {
  const blocks = Math.ceil(columns / blockSize);
  const data = new Uint8Array((rows * blocks * blockSize) / 2).fill(OFFSET | (OFFSET << 4));
  const scales = new Float32Array(rows * blocks);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const start = row * columns + block * blockSize;
      const end = Math.min(start + blockSize, (row + 1) * columns);
      const scale = bestScale(weights, start, end);
      const index = row * blocks + block;
      scales[index] = scale;
      packBlock(weights, start, end, scale, data, (index * blockSize) / 2);
    }
  }
  return { data, scales };
}

function bestScale(weights: Float32Array, start: number, end: number): number {
  let extreme = 0;
  for (let i = start; i < end; i++) if (Math.abs(weights[i]!) > Math.abs(extreme)) extreme = weights[i]!;
  // A scale that vanishes in float32 would divide by zero: such a block is zero.
  const full = Math.fround(extreme / -OFFSET);
  if (full === 0 || !Number.isFinite(1 / full)) return 0;
  let best = full;
  let bestError = Infinity;
  for (const candidate of CANDIDATES) {
    const scale = Math.fround(full * candidate);
    const error = squaredError(weights, start, end, scale, bestError);
    if (error < bestError) {
      bestError = error;
      best = scale;
    }
  }
  return best;
}

/** Stops early once the error exceeds `limit`. */
function squaredError(weights: Float32Array, start: number, end: number, scale: number, limit: number): number {
  const inverse = 1 / scale;
  let error = 0;
  for (let i = start; i < end && error < limit; i++) {
    const weight = weights[i]!;
    const difference = weight - (level(weight * inverse) - OFFSET) * scale;
    error += difference * difference;
  }
  return error;
}

function packBlock(weights: Float32Array, start: number, end: number, scale: number, data: Uint8Array, offset: number): void {
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = start; i < end; i += 2) {
    const low = level(weights[i]! * inverse);
    const high = i + 1 < end ? level(weights[i + 1]! * inverse) : OFFSET;
    data[offset + ((i - start) >> 1)] = low | (high << 4);
  }
}

/** Nearest stored value 0…15. */
function level(scaled: number): number {
  const rounded = Math.floor(scaled + OFFSET + 0.5);
  return rounded < 0 ? 0 : rounded > 15 ? 15 : rounded;
}
