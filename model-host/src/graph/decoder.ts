/**
 * Gemma 2 as groups of layers, one graph each, with a KV cache in two segments.
 *
 * PaliGemma's prompt attends to itself in both directions and its suffix causally. So the keys and values of the
 * prompt (the prefix segment) are written once and never copied again, and only the short suffix segment grows. The
 * prefill needs no mask, as it sees all of the prompt; a step adds a small bias, for drafts: tokens that are tried
 * beyond the next one must not see those behind them, and what was tried in vain must not be seen any more.
 *
 * Source: transformers 5.23 `gemma2/modeling_gemma2.py`; big_vision 0127fb6 `models/ppp/gemma.py`.
 */
import type { TextConfig } from '../checkpoint/config';
import { attention, keysAndValues, type AttentionInputs, type AttentionPlace } from './attention';
import { decoderNames } from './decoderNames';
import type { DecoderLayerWeights, DecoderSharedWeights, LayerGroup } from './decoderWeights';
import { GraphBuilder, float, type Value } from './graphBuilder';
import { gatherRows, linear, rmsNorm, slicedLinear, vector, type Vector } from './weights';

/** Rows of one slice of the output matrix: 38 MB at 3B. */
const HEAD_ROWS = 32768;

export interface DecoderOptions {
  readonly config: TextConfig;
  readonly vocabularySize: number;
  /** Window the one-token steps of the sliding layers, as transformers does. */
  readonly isSliding: boolean;
}

/**
 * One group as a graph, for a prompt or a draft (B = 1), or for the next tokens of B sequences of equal length (S = 1).
 * Inputs: `input_ids` [T] and `image_features` [N, D] (first group) or `hidden` [B·S, D];
 * `position_ids` [B, S]; `has_prefix` []; `segment_lengths` [2] = X and P + S; `sequence_shape` [3] = B, S, −1;
 * `step_bias` [1, 1, 1, S, X + P + S], read in steps only; `first_kept_row` [1] = −B, or −S for a draft (last group);
 * the cache segments of its layers, keys transposed: [B, K, 1, h, X] and [B, K, 1, h, P], values [B, K, 1, X, h] and
 * [B, K, 1, P, h]. Outputs: the suffix segments grown by S, and `hidden_out` [B·S, D] or, in the last group, `logits`
 * [B, V], `next_id` [B] and `next_probability` [B] of the last positions alone, of a draft of all S.
 */
export function decoderGraph(
  options: DecoderOptions,
  group: LayerGroup,
  shared: DecoderSharedWeights,
  layers: readonly DecoderLayerWeights[],
): GraphBuilder {
  const { config } = options;
  const graph = new GraphBuilder(`decoder-${group.firstLayer}`);
  let x = group.isFirst
    ? embed(graph, config, shared)
    : graph.input(decoderNames.hidden, 'float32', ['sequence', config.hiddenSize]);
  const inputs = attentionInputs(graph, options, shared);
  const firstKeptRow = group.isLast ? graph.input(decoderNames.firstKeptRow, 'int64', [1]) : undefined;
  layers.forEach((weights, index) => {
    const scope = `/layers.${group.firstLayer + index}`;
    const place = { graph, scope, layer: group.firstLayer + index, config, weights, inputs };
    x = decoderLayer(x, place, index === layers.length - 1 ? firstKeptRow : undefined);
  });
  if (group.isLast) head(graph, x, options, shared);
  else graph.output(decoderNames.hiddenOut, x, 'float32', ['sequence', config.hiddenSize]);
  return graph;
}

/**
 * Keys and values that the one layer of a group gives for its input, and nothing else. With them a long prompt runs
 * through the layer in pieces: each piece is a step, whose prefix segment is the rest of the prompt.
 */
export function keysGraph(
  { config }: DecoderOptions,
  group: LayerGroup,
  shared: DecoderSharedWeights,
  weights: DecoderLayerWeights,
): GraphBuilder {
  const graph = new GraphBuilder(`keys-${group.firstLayer}`);
  const x = group.isFirst
    ? embed(graph, config, shared)
    : graph.input(decoderNames.hidden, 'float32', ['sequence', config.hiddenSize]);
  const scope = `/layers.${group.firstLayer}`;
  const inputs = {
    positionIds: graph.input(decoderNames.positionIds, 'int64', ['rows', 'sequence']),
    sequenceShape: graph.input(decoderNames.sequenceShape, 'int64', [3]),
    ...ropeTables(graph, config, shared),
  };
  const normed = rmsNorm(graph, `${scope}/input_norm`, x, weights.inputNorm, config.rmsNormEpsilon);
  keysAndValues(normed, { graph, scope: `${scope}/attention`, layer: group.firstLayer, config, weights, inputs });
  return graph;
}

/** Image features as they are, then text embeddings × √D. */
function embed(graph: GraphBuilder, config: TextConfig, shared: DecoderSharedWeights): Value {
  const ids = graph.input(decoderNames.inputIds, 'int64', ['text']);
  const features = graph.input(decoderNames.imageFeatures, 'float32', ['image', config.hiddenSize]);
  const rows = gatherRows(graph, '/embed', ids, shared.embedding);
  const scaled = graph.node('Mul', '/embed/scale', [rows, graph.scalar(Math.fround(Math.sqrt(config.hiddenSize)))]);
  return graph.node('Concat', '/embed/sequence', [features, scaled], { axis: 0 });
}

function attentionInputs(graph: GraphBuilder, options: DecoderOptions, shared: DecoderSharedWeights): AttentionInputs {
  return {
    positionIds: graph.input(decoderNames.positionIds, 'int64', ['rows', 'sequence']),
    hasPrefix: graph.input(decoderNames.hasPrefix, 'bool', []),
    segmentLengths: graph.input(decoderNames.segmentLengths, 'int64', [2]),
    stepBias: graph.input(decoderNames.stepBias, 'float32', [1, 1, 1, 'queries', 'total']),
    windowBias: options.isSliding
      ? graph.input(decoderNames.windowBias, 'float32', [1, 1, 1, 'queries', 'total'])
      : undefined,
    sequenceShape: graph.input(decoderNames.sequenceShape, 'int64', [3]),
    ...ropeTables(graph, options.config, shared),
  };
}

function ropeTables(
  graph: GraphBuilder,
  config: TextConfig,
  shared: DecoderSharedWeights,
): Pick<AttentionInputs, 'cos' | 'sin'> {
  const table = [config.maxPositions, config.headDim / 2];
  return {
    cos: graph.external('/rope/cos', 'float32', table, shared.ropeCos),
    sin: graph.external('/rope/sin', 'float32', table, shared.ropeSin),
  };
}

interface LayerPlace extends AttentionPlace {
  readonly weights: DecoderLayerWeights;
}

/**
 * h = x + norm(attention(norm(x))); out = h + norm(mlp(norm(h))).
 * In the model's final layer only the last positions, from `firstKeptRow`, go on after the keys and values: nothing
 * else is read of it.
 */
function decoderLayer(x: Value, place: LayerPlace, firstKeptRow: Value | undefined): Value {
  const { graph, scope, weights } = place;
  const epsilon = place.config.rmsNormEpsilon;
  const normed = rmsNorm(graph, `${scope}/input_norm`, x, weights.inputNorm, epsilon);
  let attended = attention(normed, { ...place, scope: `${scope}/attention` });
  let residual = x;
  if (firstKeptRow !== undefined) {
    attended = lastRows(graph, `${scope}/attention`, attended, firstKeptRow);
    residual = lastRows(graph, `${scope}/residual`, x, firstKeptRow);
  }
  const out = linear(graph, `${scope}/attention/out`, attended, weights.out);
  const attentionNormed = rmsNorm(graph, `${scope}/post_attention_norm`, out, weights.postAttentionNorm, epsilon);
  const summands = [residual, attentionNormed] as const;
  const [mlpInput, sum] = addAndNorm(graph, `${scope}/pre_mlp_norm`, summands, weights.preMlpNorm, epsilon);
  const mlpOut = mlp(graph, `${scope}/mlp`, mlpInput, weights);
  return graph.node('Add', `${scope}/residual`, [
    sum,
    rmsNorm(graph, `${scope}/post_mlp_norm`, mlpOut, weights.postMlpNorm, epsilon),
  ]);
}

/** Returns norm(a + b) and a + b of two summands in one node. */
function addAndNorm(
  graph: GraphBuilder,
  scope: string,
  summands: readonly [Value, Value],
  weight: Vector,
  epsilon: number,
): [Value, Value] {
  const [normed, sum] = graph.manyContrib(
    'SkipSimplifiedLayerNormalization',
    scope,
    [...summands, vector(graph, `${scope}/weight`, weight)],
    [0, 3],
    { epsilon: float(epsilon) },
  );
  return [normed!, sum!];
}

/** down(gelu_tanh(gate x) · up x). */
function mlp(graph: GraphBuilder, scope: string, x: Value, weights: DecoderLayerWeights): Value {
  const active = graph.node('Gelu', scope, [linear(graph, `${scope}/gate`, x, weights.gate)], { approximate: 'tanh' });
  const gated = graph.node('Mul', scope, [active, linear(graph, `${scope}/up`, x, weights.up)]);
  return linear(graph, `${scope}/down`, gated, weights.down);
}

/** Logits of the last positions with the final soft cap, the best id, and its probability among all ids. */
function head(
  graph: GraphBuilder,
  x: Value,
  { config, vocabularySize }: DecoderOptions,
  shared: DecoderSharedWeights,
): void {
  const normed = rmsNorm(graph, '/head/norm', x, shared.finalNorm, config.rmsNormEpsilon);
  const raw = shared.head.type === 'blocks'
    ? slicedLinear(graph, '/head', normed, shared.head, headCuts(vocabularySize))
    : linear(graph, '/head', normed, shared.head);
  const logits = config.finalSoftCap === undefined ? raw : softCap(graph, '/head/soft_cap', raw, config.finalSoftCap);
  const allowed = graph.node('Add', '/head/allowed', [logits, vector(graph, '/head/token_bias', shared.tokenBias)]);
  graph.output(decoderNames.logits, logits, 'float32', ['rows', vocabularySize]);
  graph.output(decoderNames.nextId, graph.node('ArgMax', '/head', [allowed], { axis: -1, keepdims: 0 }), 'int64', [
    'rows',
  ]);
  // 1 / Σ exp(logit − best), in nodes that use all cores; ReduceLogSumExp takes seven times as long on the CPU.
  const best = graph.node('ReduceMax', '/head/best', [allowed, graph.integers([-1])], { keepdims: 1 });
  const shares = graph.node('Exp', '/head/shares', [graph.node('Sub', '/head/shares', [logits, best])]);
  const sum = graph.node('ReduceSum', '/head/sum', [shares, graph.integers([-1])], { keepdims: 0 });
  graph.output(decoderNames.nextProbability, graph.node('Reciprocal', '/head/probability', [sum]), 'float32', ['rows']);
}

/**
 * Slices of at most {@link HEAD_ROWS} rows, each beginning on a page of the data file for any width that is a multiple
 * of 64.
 */
function headCuts(vocabularySize: number): number[] {
  const cuts = [0];
  while (cuts.at(-1)! < vocabularySize) cuts.push(Math.min(vocabularySize, cuts.at(-1)! + HEAD_ROWS));
  return cuts;
}

/** cap · tanh(x / cap). */
function softCap(graph: GraphBuilder, scope: string, x: Value, cap: number): Value {
  const bounded = graph.node('Tanh', scope, [graph.node('Div', scope, [x, graph.scalar(cap)])]);
  return graph.node('Mul', scope, [bounded, graph.scalar(cap)]);
}

function lastRows(graph: GraphBuilder, scope: string, x: Value, first: Value): Value {
  return graph.node('Slice', `${scope}/last`, [x, first, graph.integers([2 ** 31 - 1]), graph.integers([0])]);
}
