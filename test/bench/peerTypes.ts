/**
 * The peer's quantised products, as its converter writes them. Source: huggingface/transformers.js
 * `scripts/quantize.py`.
 */
import type { ExternalData, GraphBuilder, Value } from '../../model-host/src/graph/graphBuilder';

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: ExternalData;
}

/** Symmetric: the weight of the largest magnitude becomes −8. */
export function quantizeByLargest(
  values: Float32Array,
  rows: number,
  columns: number,
  blockSize: number,
): { data: Uint8Array; scales: Float32Array } {
  const blocks = Math.ceil(columns / blockSize);
  const data = new Uint8Array((rows * blocks * blockSize) / 2).fill(0x88);
  const scales = new Float32Array(rows * blocks);
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const start = row * columns + block * blockSize;
      const end = Math.min(start + blockSize, (row + 1) * columns);
      let extreme = 0;
      for (let i = start; i < end; i++) if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!;
      const index = row * blocks + block;
      scales[index] = extreme / -8;
      const inverse = extreme === 0 ? 0 : -8 / extreme;
      for (let i = start; i < end; i++) {
        const level = Math.max(0, Math.min(15, Math.round(values[i]! * inverse) + 8));
        const byte = (index * blockSize + (i - start)) >> 1;
        data[byte] = (i - start) % 2 === 0 ? (data[byte]! & 0xf0) | level : (data[byte]! & 0x0f) | (level << 4);
      }
    }
  }
  return { data, scales };
}

/** One scale for the whole matrix; int8 around 0, uint8 around 128. */
export function quantizeInteger(values: Float32Array, isSigned: boolean): { data: Uint8Array; scale: number } {
  const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-9) / 127;
  return { data: Uint8Array.from(values, value => (Math.round(value / scale) + (isSigned ? 0 : 128)) & 0xff), scale };
}

/** Activations are quantised anew in each run. `data`: [columns, rows]. */
export function integerProduct(
  graph: GraphBuilder,
  scope: string,
  x: Value,
  name: string,
  { rows, columns, data, scale, isSigned }: Matrix & { readonly scale: number; readonly isSigned: boolean },
): Value {
  const [quantized, factor, zero] = graph.manyNode('DynamicQuantizeLinear', scope, [x], 3) as [Value, Value, Value];
  const type = isSigned ? 'int8' : 'uint8';
  const weight = graph.external(`${name}_quantized`, type, [columns, rows], data);
  const weightZero = graph.node('Cast', `${scope}/zero`, [graph.integers([isSigned ? 0 : 128], [])], {
    to: isSigned ? 3 : 2,
  });
  const product = graph.node('MatMulInteger', scope, [quantized, weight, zero, weightZero]);
  return graph.node('Mul', scope, [
    graph.node('Cast', `${scope}/float`, [product], { to: 1 }),
    graph.node('Mul', `${scope}/scale`, [factor, graph.scalar(scale)]),
  ]);
}

const NF4_BLOCK = 64;
/**
 * Levels of the 4-bit normal float. Source: onnxruntime `blockwise_quant_block_bnb4.h`, after QLoRA (Dettmers et al.
 * 2023).
 */
const nf4Levels = [
  -1,
  -0.6961928009986877,
  -0.5250730514526367,
  -0.39491748809814453,
  -0.28444138169288635,
  -0.18477343022823334,
  -0.09105003625154495,
  0,
  0.07958029955625534,
  0.16093020141124725,
  0.24611230194568634,
  0.33791524171829224,
  0.44070982933044434,
  0.5626170039176941,
  0.7229568362236023,
  1,
];

/** Two weights a byte, high half first; one scale for 64 of them. */
export function quantizeNormalFloat(values: Float32Array): { data: Uint8Array; scales: Float32Array } {
  const data = new Uint8Array(Math.ceil(values.length / 2));
  const scales = new Float32Array(Math.ceil(values.length / NF4_BLOCK));
  for (let i = 0; i < values.length; i++) {
    const block = Math.floor(i / NF4_BLOCK);
    if (i % NF4_BLOCK === 0) {
      scales[block] = values.subarray(i, i + NF4_BLOCK).reduce(
        (largest, value) => Math.max(largest, Math.abs(value)),
        0,
      );
    }
    const wanted = scales[block] === 0 ? 0 : values[i]! / scales[block]!;
    let level = 0;
    for (let candidate = 1; candidate < nf4Levels.length; candidate++) {
      if (Math.abs(nf4Levels[candidate]! - wanted) < Math.abs(nf4Levels[level]! - wanted)) level = candidate;
    }
    data[i >> 1]! |= i % 2 === 0 ? level << 4 : level;
  }
  return { data, scales };
}

export function normalFloatProduct(
  graph: GraphBuilder,
  scope: string,
  x: Value,
  name: string,
  { rows, columns, data, scales }: Matrix & { readonly scales: ExternalData },
): Value {
  const matrix = graph.external(name, 'uint8', [Math.ceil((rows * columns) / 2)], data);
  const factors = graph.external(`${name}.absmax`, 'float32', [Math.ceil((rows * columns) / NF4_BLOCK)], scales);
  return graph.contrib('MatMulBnb4', scope, [x, matrix, factors], {
    K: columns,
    N: rows,
    block_size: NF4_BLOCK,
    quant_type: 1,
  });
}
