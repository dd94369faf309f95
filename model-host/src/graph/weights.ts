/** Weights as graphs refer to them: where they lie in the data files and how they are stored. */
import type { ExternalData, GraphBuilder, Value } from './graphBuilder';
import { float } from './graphBuilder';

/** A matrix [rows, columns], the rows being outputs, as Hugging Face stores linear layers. */
export type Matrix = FloatMatrix<'f32'> | FloatMatrix<'f16'> | BlockMatrix;

export interface FloatMatrix<Type> {
  readonly type: Type;
  readonly rows: number;
  readonly columns: number;
  readonly data: ExternalData;
}

export interface BlockMatrix {
  readonly type: 'blocks';
  readonly bits: 4 | 8;
  readonly rows: number;
  readonly columns: number;
  /** Weights of a row that share a scale; a row is padded to whole blocks. */
  readonly blockSize: number;
  /** [rows, blocks, blockSize · bits / 8] uint8: low bits first, offset 2^(bits − 1). */
  readonly data: ExternalData;
  /** [rows, blocks] float32. */
  readonly scales: ExternalData;
}

/** [rows, columns] int8 with a scale for each row, multiplied as float32. */
export interface RowMatrix {
  readonly type: 'rows';
  readonly rows: number;
  readonly columns: number;
  readonly data: ExternalData;
  /** [rows] float32. */
  readonly scales: ExternalData;
}

export interface Vector {
  readonly length: number;
  readonly data: ExternalData;
}

/** ONNX Runtime's MatMulNBits: 4 quantises activations to 8 bits per block, several times faster than 0 on CPUs. */
const ACCURACY_LEVEL = 4;
/** Element types as a Cast names them. */
const FLOAT32 = 1;
const FLOAT16 = 10;

/**
 * y = x · Wᵀ (+ bias).
 *     x ── Gemm(W, bias, transB) ── y                        f32
 *     x ── Cast ── Gemm(W, transB) ── Cast ── Add(bias) ── y   f16
 *     x ── MatMulNBits(W, scales) ── Add(bias) ── y          blocks
 *     x ── Gemm(DequantizeLinear(W, scales), bias, transB) ── y   rows
 * Shapes: x [S, columns], y [S, rows].
 */
export function linear(graph: GraphBuilder, scope: string, x: Value, weight: Matrix | RowMatrix, bias?: Vector): Value {
  const biasValue = bias === undefined ? undefined : vector(graph, `${scope}/bias`, bias);
  if (weight.type === 'f32' || weight.type === 'rows') {
    const matrix = weight.type === 'rows'
      ? widened(graph, scope, weight)
      : graph.external(`${scope}/weight`, 'float32', [weight.rows, weight.columns], weight.data);
    return graph.node('Gemm', scope, biasValue === undefined ? [x, matrix] : [x, matrix, biasValue], { transB: 1 });
  }
  const y = weight.type === 'f16'
    ? halfProduct(graph, scope, x, weight)
    : blockProduct(graph, scope, x, weight, `${scope}/weight`);
  return biasValue === undefined ? y : graph.node('Add', `${scope}/bias`, [y, biasValue]);
}

/**
 * y = x · Wᵀ for the last row of a model with many outputs, in slices of the matrix that are computed one after the
 * other and joined: while a session opens, the runtime holds a matrix twice, so a whole vocabulary would double the
 * peak.
 * @param cuts Row numbers where slices begin and end, first 0 and last `weight.rows`.
 */
export function slicedLinear(
  graph: GraphBuilder,
  scope: string,
  x: Value,
  weight: BlockMatrix,
  cuts: readonly number[],
): Value {
  const parts = cuts.slice(1).map((end, index) =>
    blockProduct(graph, `${scope}/part.${index}`, x, rowsOf(weight, cuts[index]!, end), `${scope}/weight.${index}`)
  );
  return parts.length === 1 ? parts[0]! : graph.node('Concat', `${scope}/joined`, parts, { axis: -1 });
}

/** Rows of a matrix by index. Shapes: ids [T] int64 → [T, columns]. Shares the bytes with {@link linear}. */
export function gatherRows(graph: GraphBuilder, scope: string, ids: Value, weight: Matrix): Value {
  if (weight.type === 'f32') {
    return graph.node('Gather', scope, [
      graph.external(`${scope}/weight`, 'float32', [weight.rows, weight.columns], weight.data),
      ids,
    ], { axis: 0 });
  }
  if (weight.type === 'f16') {
    const halves = graph.node('Gather', scope, [
      graph.external(`${scope}/weight`, 'float16', [weight.rows, weight.columns], weight.data),
      ids,
    ], { axis: 0 });
    return graph.node('Cast', scope, [halves], { to: FLOAT32 });
  }
  const padded = blocksPerRow(weight) * weight.blockSize;
  const data = graph.external(`${scope}/weight`, 'uint8', [weight.rows, (padded * weight.bits) / 8], weight.data);
  const scales = graph.external(`${scope}/scales`, 'float32', [weight.rows, blocksPerRow(weight)], weight.scales);
  const rows = graph.contrib('GatherBlockQuantized', scope, [data, ids, scales], {
    gather_axis: 0,
    quantize_axis: 1,
    block_size: weight.blockSize,
    bits: weight.bits,
  });
  if (padded === weight.columns) return rows;
  return graph.node('Slice', `${scope}/trim`, [
    rows,
    graph.integers([0]),
    graph.integers([weight.columns]),
    graph.integers([-1]),
  ]);
}

export function vector(graph: GraphBuilder, name: string, weight: Vector): Value {
  return graph.external(name, 'float32', [weight.length], weight.data);
}

/** RMS norm of Gemma: x / sqrt(mean(x²) + eps) · (1 + w); the stored vector already holds 1 + w. Shapes: x [S, D]. */
export function rmsNorm(graph: GraphBuilder, scope: string, x: Value, weight: Vector, epsilon: number): Value {
  return graph.node('SimplifiedLayerNormalization', scope, [x, vector(graph, `${scope}/weight`, weight)], {
    epsilon: float(epsilon),
    axis: -1,
    stash_type: 1,
  });
}

export function blocksPerRow(weight: { readonly columns: number; readonly blockSize: number }): number {
  return Math.ceil(weight.columns / weight.blockSize);
}

function blockProduct(graph: GraphBuilder, scope: string, x: Value, weight: BlockMatrix, name: string): Value {
  const { bits, blockSize, rows, columns } = weight;
  const blocks = blocksPerRow(weight);
  const data = graph.external(name, 'uint8', [rows, blocks, (blockSize * bits) / 8], weight.data);
  const scales = graph.external(`${name}/scales`, 'float32', [rows, blocks], weight.scales);
  return graph.contrib('MatMulNBits', scope, [x, data, scales], {
    K: columns,
    N: rows,
    bits,
    block_size: blockSize,
    accuracy_level: ACCURACY_LEVEL,
  });
}

/**
 * The weights as float32, for this run only: they stay mapped as they are stored, and opening the graph packs nothing.
 */
function widened(graph: GraphBuilder, scope: string, { rows, columns, data, scales }: RowMatrix): Value {
  return graph.earlyNode('DequantizeLinear', scope, [
    graph.external(`${scope}/weight`, 'int8', [rows, columns], data),
    graph.external(`${scope}/scales`, 'float32', [rows], scales),
  ], { axis: 0 });
}

function halfProduct(graph: GraphBuilder, scope: string, x: Value, weight: FloatMatrix<'f16'>): Value {
  const matrix = graph.external(`${scope}/weight`, 'float16', [weight.rows, weight.columns], weight.data);
  const half = graph.node('Cast', `${scope}/half`, [x], { to: FLOAT16 });
  return graph.node('Cast', `${scope}/full`, [graph.node('Gemm', scope, [half, matrix], { transB: 1 })], {
    to: FLOAT32,
  });
}

/** The rows `[start, end)` as a matrix of their own: the same bytes. */
export function rowsOf<M extends Matrix>(weight: M, start: number, end: number): M {
  const part = ({ location, offset, length }: ExternalData): ExternalData => {
    const rowBytes = length / weight.rows;
    return { location, offset: offset + start * rowBytes, length: (end - start) * rowBytes };
  };
  return {
    ...weight,
    rows: end - start,
    data: part(weight.data),
    ...(weight.type === 'blocks' ? { scales: part(weight.scales) } : {}),
  };
}
