/** Weights as graphs refer to them: where they lie in the data files and how they are stored. */
import type { ExternalData, GraphBuilder, Value } from './graphBuilder';
import { float } from './graphBuilder';

/** A matrix [rows, columns], the rows being outputs, as Hugging Face stores linear layers. */
export type Matrix =
  | { readonly type: 'f32'; readonly rows: number; readonly columns: number; readonly data: ExternalData }
  | {
      readonly type: 'int4';
      readonly rows: number;
      readonly columns: number;
      /** Weights of a row that share a scale; a row is padded to whole blocks. */
      readonly blockSize: number;
      /** [rows, blocks, blockSize / 2] uint8: two weights a byte, low half first, offset 8. */
      readonly data: ExternalData;
      /** [rows, blocks] float32. */
      readonly scales: ExternalData;
    };

export interface Vector {
  readonly length: number;
  readonly data: ExternalData;
}

/** ONNX Runtime's MatMulNBits: 4 quantises activations to 8 bits per block, several times faster than 0 on CPUs. */
const ACCURACY_LEVEL = 4;

/**
 * y = x · Wᵀ (+ bias).
 *     x ── Gemm(W, bias, transB) ── y            f32
 *     x ── MatMulNBits(W, scales) ── Add(bias) ── y   int4
 * Shapes: x [S, columns], y [S, rows].
 */
export function linear(graph: GraphBuilder, scope: string, x: Value, weight: Matrix, bias?: Vector): Value {
  const biasValue = bias === undefined ? undefined : vector(graph, `${scope}/bias`, bias);
  if (weight.type === 'f32') {
    const matrix = graph.external(`${scope}/weight`, 'float32', [weight.rows, weight.columns], weight.data);
    return graph.node('Gemm', scope, biasValue === undefined ? [x, matrix] : [x, matrix, biasValue], { transB: 1 });
  }
  const { data, scales } = packedMatrix(graph, `${scope}/weight`, weight);
  const y = graph.contrib('MatMulNBits', scope, [x, data, scales], { K: weight.columns, N: weight.rows, bits: 4, block_size: weight.blockSize, accuracy_level: ACCURACY_LEVEL });
  return biasValue === undefined ? y : graph.node('Add', `${scope}/bias`, [y, biasValue]);
}

/** Rows of a matrix by index. Shapes: ids [T] int64 → [T, columns]. Shares the bytes with {@link linear}. */
export function gatherRows(graph: GraphBuilder, scope: string, ids: Value, weight: Matrix): Value {
  if (weight.type === 'f32') {
    return graph.node('Gather', scope, [graph.external(`${scope}/weight`, 'float32', [weight.rows, weight.columns], weight.data), ids], { axis: 0 });
  }
  const padded = blocksPerRow(weight) * weight.blockSize;
  const data = graph.external(`${scope}/weight`, 'uint8', [weight.rows, padded / 2], weight.data);
  const scales = graph.external(`${scope}/scales`, 'float32', [weight.rows, blocksPerRow(weight)], weight.scales);
  const rows = graph.contrib('GatherBlockQuantized', scope, [data, ids, scales], { gather_axis: 0, quantize_axis: 1, block_size: weight.blockSize, bits: 4 });
  if (padded === weight.columns) return rows;
  return graph.node('Slice', `${scope}/trim`, [rows, graph.integers([0]), graph.integers([weight.columns]), graph.integers([-1])]);
}

export function vector(graph: GraphBuilder, name: string, weight: Vector): Value {
  return graph.external(name, 'float32', [weight.length], weight.data);
}

/** RMS norm of Gemma: x / sqrt(mean(x²) + eps) · (1 + w); the stored vector already holds 1 + w. Shapes: x [S, D]. */
export function rmsNorm(graph: GraphBuilder, scope: string, x: Value, weight: Vector, epsilon: number): Value {
  return graph.node('SimplifiedLayerNormalization', scope, [x, vector(graph, `${scope}/weight`, weight)], { epsilon: float(epsilon), axis: -1, stash_type: 1 });
}

export function blocksPerRow(weight: { readonly columns: number; readonly blockSize: number }): number {
  return Math.ceil(weight.columns / weight.blockSize);
}

function packedMatrix(graph: GraphBuilder, name: string, weight: Matrix & { type: 'int4' }): { data: Value; scales: Value } {
  const blocks = blocksPerRow(weight);
  return {
    data: graph.external(name, 'uint8', [weight.rows, blocks, weight.blockSize / 2], weight.data),
    scales: graph.external(`${name}/scales`, 'float32', [weight.rows, blocks], weight.scales),
  };
}
