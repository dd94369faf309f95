/** Grouped-query attention over two cache segments. */
import type { TextConfig } from '../checkpoint/config';
import { decoderNames } from './decoderNames';
import type { DecoderLayerWeights } from './decoderWeights';
import type { GraphBuilder, Value } from './graphBuilder';
import { linear, rowsOf, type Matrix } from './weights';

/** What every layer's attention reads. */
export interface AttentionInputs {
  /** [B, S] int64. */
  readonly positionIds: Value;
  /** [] bool: false in the prefill, when the prefix segment is still empty. */
  readonly hasPrefix: Value;
  /** [2] int64: lengths of the prefix segment and of the grown suffix segment. */
  readonly segmentLengths: Value;
  /**
   * [1, 1, 1, S, X + P + S] float32, added to the scores of steps: hides positions given back, and of new ones those
   * that come later.
   */
  readonly stepBias: Value;
  /** The same for sliding layers, where there are some. */
  readonly windowBias: Value | undefined;
  /** [3] int64: B, S, −1. Given, as a graph that computed it would leave its device for it. */
  readonly sequenceShape: Value;
  /** [maxPositions, h / 2]. */
  readonly cos: Value;
  readonly sin: Value;
}

/** What keys and values alone need of the inputs. */
export type RopeInputs = Pick<AttentionInputs, 'positionIds' | 'sequenceShape' | 'cos' | 'sin'>;

/** Where an attention stands: the layer's number in the model, the prefix of its node names, what it computes with. */
export interface AttentionPlace<Inputs = AttentionInputs> {
  readonly graph: GraphBuilder;
  readonly scope: string;
  readonly layer: number;
  readonly config: TextConfig;
  readonly weights: Pick<DecoderLayerWeights, 'qkv'>;
  readonly inputs: Inputs;
}

/**
 * Declares the layer's cache inputs and outputs and returns [B·S, H·h], before the output projection.
 *
 *     x ── qkv ─┬─ q ── rope ── ·scale ── [B, K, H/K, S, h] ────────────┐
 *               ├─ k ── rope ── [B, K, 1, h, S] ── Concat(past) ─────────┼── attend ── [S, H·h]
 *               └─ v ────────── [B, K, 1, S, h] ── Concat(past) ─────────┘
 * Consecutive query heads share a KV head: the products broadcast it and nothing is expanded. Each query head is a
 * product of its own, since the runtime multiplies one row straight from the cache, but packs a copy of all of it for
 * two. In the reshapes a 0 keeps a dimension.
 */
export function attention(x: Value, { graph, scope, layer, config, weights, inputs }: AttentionPlace): Value {
  const { heads, kvHeads, headDim } = config;
  const parts = { heads: [heads, kvHeads, kvHeads], headDim, sequenceShape: inputs.sequenceShape };
  const [q, k, v] = projections(graph, `${scope}/qkv`, x, weights.qkv, parts);
  const prefixKey = graph.input(decoderNames.prefixKey(layer), 'float32', ['rows', kvHeads, 1, headDim, 'prefix']);
  const prefixValue = graph.input(decoderNames.prefixValue(layer), 'float32', ['rows', kvHeads, 1, 'prefix', headDim]);
  const pastKey = graph.input(decoderNames.pastKey(layer), 'float32', ['rows', kvHeads, 1, headDim, 'past']);
  const pastValue = graph.input(decoderNames.pastValue(layer), 'float32', ['rows', kvHeads, 1, 'past', headDim]);
  const key = graph.node('Concat', `${scope}/key`, [pastKey, newKey(graph, scope, k!, config, inputs)], { axis: 4 });
  const value = graph.node('Concat', `${scope}/value`, [pastValue, newValue(graph, scope, v!, config)], { axis: 3 });
  graph.output(decoderNames.presentKey(layer), key, 'float32', ['rows', kvHeads, 1, headDim, 'present']);
  graph.output(decoderNames.presentValue(layer), value, 'float32', ['rows', kvHeads, 1, 'present', headDim]);
  const query = scaledQuery(graph, scope, rope(graph, `${scope}/q`, q!, inputs), config);
  const segments = { query, prefixKey, prefixValue, key, value };
  const bias = config.slidingLayers[layer] === true ? inputs.windowBias ?? inputs.stepBias : inputs.stepBias;
  const mixed = graph.node('If', scope, [inputs.hasPrefix], {
    then_branch: twoSegments(graph, `${scope}/step`, segments, config, { lengths: inputs.segmentLengths, bias }),
    else_branch: oneSegment(graph, `${scope}/prefill`, segments, config),
  });
  const bySequence = graph.node('Transpose', `${scope}/rows`, [mixed], { perm: [0, 3, 1, 2, 4] });
  return graph.node('Reshape', `${scope}/rows`, [bySequence, graph.integers([-1, heads * headDim])]);
}

/**
 * Declares and computes the keys and values of `x` [B·S, D] alone, as {@link attention} returns them without a past.
 */
export function keysAndValues(
  x: Value,
  { graph, scope, layer, config, weights, inputs }: AttentionPlace<RopeInputs>,
): void {
  const { heads, kvHeads, headDim } = config;
  const matrix = rowsOf(weights.qkv, heads * headDim, (heads + 2 * kvHeads) * headDim);
  const parts = { heads: [kvHeads, kvHeads], headDim, sequenceShape: inputs.sequenceShape };
  const [k, v] = projections(graph, `${scope}/kv`, x, matrix, parts);
  const key = newKey(graph, scope, k!, config, inputs);
  const value = newValue(graph, scope, v!, config);
  graph.output(decoderNames.presentKey(layer), key, 'float32', ['rows', kvHeads, 1, headDim, 'present']);
  graph.output(decoderNames.presentValue(layer), value, 'float32', ['rows', kvHeads, 1, 'present', headDim]);
}

/** How the rows of a product are cut into heads. */
interface HeadParts {
  /** Heads of each part. */
  readonly heads: readonly number[];
  readonly headDim: number;
  readonly sequenceShape: Value;
}

/** The products of `x` [B·S, D] with matrices that lie below each other, as [B, S, heads·h] for each part. */
function projections(
  graph: GraphBuilder,
  scope: string,
  x: Value,
  weight: Matrix,
  { heads, headDim, sequenceShape }: HeadParts,
): Value[] {
  const all = graph.node('Reshape', scope, [linear(graph, scope, x, weight), sequenceShape]);
  const sizes = graph.integers(heads.map(count => count * headDim));
  return graph.manyNode('Split', scope, [all, sizes], heads.length, { axis: -1 });
}

/** [B, S, K·h] → [B, K, 1, h, S], turned to its positions. */
function newKey(
  graph: GraphBuilder,
  scope: string,
  k: Value,
  { kvHeads, headDim }: TextConfig,
  inputs: RopeInputs,
): Value {
  const grouped = graph.node('Reshape', `${scope}/k`, [
    rope(graph, `${scope}/k`, k, inputs),
    graph.integers([0, 0, kvHeads, 1, headDim]),
  ]);
  return graph.node('Transpose', `${scope}/k`, [grouped], { perm: [0, 2, 3, 4, 1] });
}

/** [B, S, K·h] → [B, K, 1, S, h]. */
function newValue(graph: GraphBuilder, scope: string, v: Value, { kvHeads, headDim }: TextConfig): Value {
  const grouped = graph.node('Reshape', `${scope}/v`, [v, graph.integers([0, 0, kvHeads, 1, headDim])]);
  return graph.node('Transpose', `${scope}/v`, [grouped], { perm: [0, 2, 3, 1, 4] });
}

interface Segments {
  readonly query: Value;
  readonly prefixKey: Value;
  readonly prefixValue: Value;
  readonly key: Value;
  readonly value: Value;
}

/** Split-half rotation of [B, S, heads·h], as Gemma stores its heads. */
function rope(graph: GraphBuilder, scope: string, x: Value, inputs: RopeInputs): Value {
  return graph.contrib('RotaryEmbedding', scope, [x, inputs.positionIds, inputs.cos, inputs.sin], { interleaved: 0 });
}

/** [B, S, H·h] → [B, K, H/K, S, h]. The query scale and the division by the soft cap are one factor. */
function scaledQuery(
  graph: GraphBuilder,
  scope: string,
  q: Value,
  { heads, kvHeads, headDim, queryPreAttnScalar, attentionSoftCap }: TextConfig,
): Value {
  const scale = queryPreAttnScalar ** -0.5 / (attentionSoftCap ?? 1);
  const scaled = graph.node('Mul', `${scope}/q/scale`, [q, graph.scalar(scale)]);
  const grouped = graph.node('Reshape', `${scope}/q`, [
    scaled,
    graph.integers([0, 0, kvHeads, heads / kvHeads, headDim]),
  ]);
  return graph.node('Transpose', `${scope}/q`, [grouped], { perm: [0, 2, 3, 1, 4] });
}

function capped(graph: GraphBuilder, scope: string, scores: Value, cap: number | undefined): Value {
  if (cap === undefined) return scores;
  return graph.node('Mul', `${scope}/cap`, [graph.node('Tanh', `${scope}/cap`, [scores]), graph.scalar(cap)]);
}

/** Prefill: the prompt attends to all of itself. */
function oneSegment(
  parent: GraphBuilder,
  scope: string,
  { query, key, value }: Segments,
  config: TextConfig,
): GraphBuilder {
  const graph = parent.subgraph(scope);
  const scores = capped(graph, scope, graph.node('MatMul', `${scope}/scores`, [query, key]), config.attentionSoftCap);
  const weights = graph.node('Softmax', scope, [scores], { axis: -1 });
  graph.output(`${scope}/out`, graph.node('MatMul', `${scope}/mix`, [weights, value]), 'float32', [
    'rows',
    config.kvHeads,
    config.heads / config.kvHeads,
    'queries',
    config.headDim,
  ]);
  return graph;
}

/** Step: scores of both segments share one softmax; the values are summed, never copied together. */
function twoSegments(
  parent: GraphBuilder,
  scope: string,
  segments: Segments,
  config: TextConfig,
  { lengths, bias }: { readonly lengths: Value; readonly bias: Value },
): GraphBuilder {
  const graph = parent.subgraph(scope);
  const prefixScores = graph.node('MatMul', `${scope}/prefix_scores`, [segments.query, segments.prefixKey]);
  const suffixScores = graph.node('MatMul', `${scope}/suffix_scores`, [segments.query, segments.key]);
  const all = capped(
    graph,
    scope,
    graph.node('Concat', `${scope}/scores`, [prefixScores, suffixScores], { axis: 4 }),
    config.attentionSoftCap,
  );
  const scores = graph.node('Add', `${scope}/bias`, [all, bias]);
  const weights = graph.node('Softmax', scope, [scores], { axis: -1 });
  const [prefixWeights, suffixWeights] = graph.manyNode('Split', `${scope}/weights`, [weights, lengths], 2, {
    axis: 4,
  });
  const prefixMix = graph.node('MatMul', `${scope}/prefix_mix`, [prefixWeights!, segments.prefixValue]);
  const suffixMix = graph.node('MatMul', `${scope}/suffix_mix`, [suffixWeights!, segments.value]);
  graph.output(`${scope}/out`, graph.node('Add', `${scope}/mix`, [prefixMix, suffixMix]), 'float32', [
    'rows',
    config.kvHeads,
    config.heads / config.kvHeads,
    'queries',
    config.headDim,
  ]);
  return graph;
}
