/**
 * SigLIP tower and projector as one graph. Source: transformers 5.23 `siglip/modeling_siglip.py`,
 * `paligemma/modeling_paligemma.py`.
 */
import type { VisionConfig } from '../checkpoint/config';
import { GraphBuilder, float, type ExternalData, type Value } from './graphBuilder';
import { linear, vector, type Matrix, type RowMatrix, type Vector } from './weights';

export interface Norm {
  readonly weight: Vector;
  readonly bias: Vector;
}

export interface Affine {
  readonly weight: Matrix | RowMatrix;
  readonly bias: Vector;
}

export interface VisionLayerWeights {
  readonly norm1: Norm;
  /** Query, key and value below each other: [3·C, C]. */
  readonly qkv: Affine;
  readonly out: Affine;
  readonly norm2: Norm;
  readonly fc1: Affine;
  readonly fc2: Affine;
}

export interface VisionWeights {
  /** [C, 3, P, P] float32. */
  readonly patch: ExternalData;
  readonly patchBias: Vector;
  /** [N, C] float32. */
  readonly positions: ExternalData;
  readonly layers: readonly VisionLayerWeights[];
  readonly finalNorm: Norm;
  readonly projector: Affine;
}

/** Inputs and outputs of the graphs. */
export const visionNames = {
  pixelValues: 'pixel_values',
  hidden: 'hidden',
  hiddenOut: 'hidden_out',
  imageFeatures: 'image_features',
} as const;

/** Blocks `[firstBlock, endBlock)`: an attention and an MLP by turns, so that blocks 2l and 2l + 1 are layer l. */
export interface BlockRange {
  readonly firstBlock: number;
  readonly endBlock: number;
}

/**
 * Some blocks of the tower as a graph; all graphs one behind the other:
 * pixel_values [B, 3, R, R] float32 → image_features [B·N, D] float32, unscaled, with `hidden` [B·N, C] in between.
 *     pixels ── Conv ── Reshape ── Transpose ── Add(positions) ── blocks ── LayerNorm ── projector
 * All matrices see [B·N, C]; only attention needs the pictures apart.
 */
export function visionGraph(
  config: VisionConfig,
  hiddenSize: number,
  weights: VisionWeights,
  { firstBlock, endBlock }: BlockRange,
): GraphBuilder {
  const graph = new GraphBuilder(`vision-${firstBlock}`);
  let x = firstBlock === 0
    ? embedPatches(graph, config, weights)
    : graph.input(visionNames.hidden, 'float32', ['tokens', config.hiddenSize]);
  for (let block = firstBlock; block < endBlock; block++) {
    const layer = block >> 1;
    const add = block % 2 === 0 ? addAttention : addMlp;
    x = add(graph, `/vision/layers.${layer}`, x, config, weights.layers[layer]!);
  }
  if (endBlock < 2 * weights.layers.length) {
    graph.output(visionNames.hiddenOut, x, 'float32', ['tokens', config.hiddenSize]);
    return graph;
  }
  const normed = layerNorm(graph, '/vision/final_norm', x, weights.finalNorm, config.layerNormEpsilon);
  const features = linear(graph, '/vision/projector', normed, weights.projector.weight, weights.projector.bias);
  graph.output(visionNames.imageFeatures, features, 'float32', ['tokens', hiddenSize]);
  return graph;
}

function embedPatches(graph: GraphBuilder, config: VisionConfig, weights: VisionWeights): Value {
  const { hiddenSize: width, patchSizePx: patch, imageSizePx: side, imageTokens: tokens } = config;
  const pixels = graph.input(visionNames.pixelValues, 'float32', ['batch', 3, side, side]);
  const kernel = graph.external('/vision/patch/weight', 'float32', [width, 3, patch, patch], weights.patch);
  const convolved = graph.node('Conv', '/vision/patch', [
    pixels,
    kernel,
    vector(graph, '/vision/patch/bias', weights.patchBias),
  ], { strides: [patch, patch], kernel_shape: [patch, patch] });
  const columns = graph.node('Reshape', '/vision/patch/flat', [convolved, graph.integers([0, width, tokens])]);
  const rows = graph.node('Transpose', '/vision/patch/rows', [columns], { perm: [0, 2, 1] });
  const positioned = graph.node('Add', '/vision/positions', [
    rows,
    graph.external('/vision/positions/weight', 'float32', [tokens, width], weights.positions),
  ]);
  return graph.node('Reshape', '/vision/tokens', [positioned, graph.integers([-1, width])]);
}

/** x + attention(norm1(x)). */
function addAttention(
  graph: GraphBuilder,
  scope: string,
  x: Value,
  config: VisionConfig,
  weights: VisionLayerWeights,
): Value {
  return graph.node('Add', `${scope}/attention/residual`, [
    x,
    visionAttention(
      graph,
      `${scope}/attention`,
      layerNorm(graph, `${scope}/norm1`, x, weights.norm1, config.layerNormEpsilon),
      config,
      weights,
    ),
  ]);
}

/** x + fc2(gelu(fc1(norm2(x)))). */
function addMlp(
  graph: GraphBuilder,
  scope: string,
  x: Value,
  config: VisionConfig,
  weights: VisionLayerWeights,
): Value {
  const hidden = linear(
    graph,
    `${scope}/mlp/fc1`,
    layerNorm(graph, `${scope}/norm2`, x, weights.norm2, config.layerNormEpsilon),
    weights.fc1.weight,
    weights.fc1.bias,
  );
  const active = graph.node('Gelu', `${scope}/mlp`, [hidden], { approximate: 'tanh' });
  return graph.node('Add', `${scope}/mlp/residual`, [
    x,
    linear(graph, `${scope}/mlp/fc2`, active, weights.fc2.weight, weights.fc2.bias),
  ]);
}

/** Query rows of one score matrix at most: at 896 px all rows at once would be a gigabyte of scores. */
const QUERY_ROWS = 1024;

/**
 * Every patch sees every patch of its picture.
 *     x ── qkv ─┬─ q ── ·scale ── MatMul(kᵀ) ── Softmax ── MatMul(v) ── out
 *               ├─ k ─────────────┘                          │
 *               └─ v ────────────────────────────────────────┘
 * Written out because ONNX Runtime 1.30's MultiHeadAttention is wrong on WebGPU: measured on a software Vulkan device
 * against its CPU kernel, 3e-3 to 0.4 at 16 heads × 72, where these nodes agree within 4e-6.
 */
function visionAttention(
  graph: GraphBuilder,
  scope: string,
  x: Value,
  config: VisionConfig,
  weights: VisionLayerWeights,
): Value {
  const { hiddenSize: width, imageTokens: tokens, heads } = config;
  const headDim = width / heads;
  const qkv = linear(graph, `${scope}/qkv`, x, weights.qkv.weight, weights.qkv.bias);
  const parts = graph.manyNode('Split', `${scope}/qkv`, [qkv, graph.integers([width, width, width])], 3, { axis: -1 });
  const byHead = (part: Value, name: string, perm: readonly number[]) =>
    graph.node('Transpose', `${scope}/${name}`, [
      graph.node('Reshape', `${scope}/${name}`, [part, graph.integers([-1, tokens, heads, headDim])]),
    ], { perm });
  const query = graph.node('Mul', `${scope}/q/scale`, [
    byHead(parts[0]!, 'q', [0, 2, 1, 3]),
    graph.scalar(headDim ** -0.5),
  ]);
  const key = byHead(parts[1]!, 'k', [0, 2, 3, 1]);
  const value = byHead(parts[2]!, 'v', [0, 2, 1, 3]);
  const mixed = queryChunks(graph, scope, query, tokens).map((rows, index) => {
    const scores = graph.node('MatMul', `${scope}/scores_${index}`, [rows, key]);
    return graph.node('MatMul', `${scope}/mix_${index}`, [
      graph.node('Softmax', `${scope}/weights_${index}`, [scores], { axis: -1 }),
      value,
    ]);
  });
  const all = mixed.length === 1 ? mixed[0]! : graph.node('Concat', `${scope}/mix`, mixed, { axis: 2 });
  const rows = graph.node('Reshape', `${scope}/rows`, [
    graph.node('Transpose', `${scope}/rows`, [all], { perm: [0, 2, 1, 3] }),
    graph.integers([-1, width]),
  ]);
  return linear(graph, `${scope}/out`, rows, weights.out.weight, weights.out.bias);
}

/** [B, H, N, h] cut along N. */
function queryChunks(graph: GraphBuilder, scope: string, query: Value, tokens: number): Value[] {
  const count = Math.ceil(tokens / QUERY_ROWS);
  if (count === 1) return [query];
  const sizes = Array.from({ length: count }, (_, index) => Math.min(QUERY_ROWS, tokens - index * QUERY_ROWS));
  return graph.manyNode('Split', `${scope}/q/chunks`, [query, graph.integers(sizes)], count, { axis: 2 });
}

function layerNorm(graph: GraphBuilder, scope: string, x: Value, norm: Norm, epsilon: number): Value {
  return graph.node('LayerNormalization', scope, [
    x,
    vector(graph, `${scope}/weight`, norm.weight),
    vector(graph, `${scope}/bias`, norm.bias),
  ], { axis: -1, epsilon: float(epsilon) });
}
