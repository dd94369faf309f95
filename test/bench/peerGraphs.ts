/**
 * The peer's three graphs, node for node in the style of an exported model: nothing fused, every head expanded, all
 * logits.
 */
import { float, GraphBuilder, type ExternalData, type Value } from '../../model-host/src/graph/graphBuilder';
import { imageTokens, type BenchShape } from './shapes';

/** Writes a tensor of the checkpoint beside the graph; names as our reader knows them. */
export interface PeerWeights {
  plain(name: string, shape: readonly number[], change?: (value: number) => number): Promise<ExternalData>;
  half(name: string, rows: number, columns: number): Promise<ExternalData>;
  /** x · Wᵀ with the matrix [rows, columns] of that name, in the form that the graph's type asks for. */
  product(graph: GraphBuilder, scope: string, x: Value, name: string, rows: number, columns: number): Promise<Value>;
  /** Of keys and values. */
  readonly cacheType: 'float32' | 'float16';
  /** Of the embedding. */
  readonly tableType: 'float32' | 'float16';
}

const EPSILON = 1e-6;

export async function peerEmbedGraph(
  { vocabularySize, text }: BenchShape,
  weights: PeerWeights,
): Promise<GraphBuilder> {
  const graph = new GraphBuilder('embed');
  const name = 'language.embed_tokens.weight';
  const shape = [vocabularySize, text.hiddenSize] as const;
  const isHalf = weights.tableType === 'float16';
  const table = graph.external(
    'embed_tokens.weight',
    weights.tableType,
    shape,
    await (isHalf ? weights.half(name, ...shape) : weights.plain(name, shape)),
  );
  const rows = graph.node('Gather', '/embed', [
    table,
    graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']),
  ], { axis: 0 });
  graph.output('inputs_embeds', isHalf ? graph.node('Cast', '/embed', [rows], { to: 1 }) : rows, 'float32', [
    'batch_size',
    'sequence_length',
    text.hiddenSize,
  ]);
  return graph;
}

export async function peerVisionGraph(shape: BenchShape, weights: PeerWeights): Promise<GraphBuilder> {
  const { vision, text } = shape;
  const graph = new GraphBuilder('vision');
  const width = vision.hiddenSize;
  const tokens = imageTokens(shape);
  const vector = async (name: string, length: number) =>
    graph.external(name, 'float32', [length], await weights.plain(name, [length]));
  const affine = async (scope: string, x: Value, name: string, rows: number, columns: number) => {
    const product = await weights.product(graph, scope, x, `${name}.weight`, rows, columns);
    return graph.node('Add', scope, [await vector(`${name}.bias`, rows), product]);
  };
  const norm = async (scope: string, x: Value, name: string) =>
    graph.node('LayerNormalization', scope, [
      x,
      await vector(`${name}.weight`, width),
      await vector(`${name}.bias`, width),
    ], { axis: -1, epsilon: float(EPSILON) });
  const pixels = graph.input('pixel_values', 'float32', ['batch_size', 3, vision.imageSizePx, vision.imageSizePx]);
  const patch = vision.patchSizePx;
  const kernel = graph.external(
    'patch.weight',
    'float32',
    [width, 3, patch, patch],
    await weights.plain('vision.embeddings.patch_embedding.weight', [width, 3, patch, patch]),
  );
  const convolved = graph.node('Conv', '/patch', [
    pixels,
    kernel,
    await vector('vision.embeddings.patch_embedding.bias', width),
  ], { kernel_shape: [patch, patch], strides: [patch, patch] });
  const flat = graph.node('Transpose', '/patch', [
    graph.node('Reshape', '/patch', [convolved, graph.integers([0, width, -1])]),
  ], { perm: [0, 2, 1] });
  let x = graph.node('Add', '/positions', [
    flat,
    graph.external(
      'positions',
      'float32',
      [1, tokens, width],
      await weights.plain('vision.embeddings.position_embedding.weight', [tokens, width]),
    ),
  ]);
  for (let layer = 0; layer < vision.layers; layer++) {
    const scope = `/layers.${layer}`;
    const name = `vision.encoder.layers.${layer}`;
    const headDim = width / vision.heads;
    const normed = await norm(`${scope}/norm1`, x, `${name}.layer_norm1`);
    const [q, k, v] = await Promise.all(['q', 'k', 'v'].map(async part => {
      const projected = await affine(`${scope}/${part}`, normed, `${name}.self_attn.${part}_proj`, width, width);
      return graph.node('Transpose', `${scope}/${part}`, [
        graph.node('Reshape', `${scope}/${part}`, [projected, graph.integers([0, tokens, vision.heads, headDim])]),
      ], { perm: [0, 2, 1, 3] });
    })) as [Value, Value, Value];
    const turned = graph.node('Transpose', `${scope}/turned`, [k], { perm: [0, 1, 3, 2] });
    const scores = graph.node('Mul', `${scope}/scores`, [
      graph.node('MatMul', `${scope}/scores`, [q, turned]),
      graph.scalar(headDim ** -0.5),
    ]);
    const mixed = graph.node('MatMul', `${scope}/mix`, [graph.node('Softmax', scope, [scores], { axis: -1 }), v]);
    const joined = graph.node('Reshape', `${scope}/joined`, [
      graph.node('Transpose', `${scope}/joined`, [mixed], { perm: [0, 2, 1, 3] }),
      graph.integers([0, tokens, width]),
    ]);
    const attended = graph.node('Add', `${scope}/residual1`, [
      x,
      await affine(`${scope}/out`, joined, `${name}.self_attn.out_proj`, width, width),
    ]);
    const hidden = await affine(
      `${scope}/fc1`,
      await norm(`${scope}/norm2`, attended, `${name}.layer_norm2`),
      `${name}.mlp.fc1`,
      vision.intermediateSize,
      width,
    );
    x = graph.node('Add', `${scope}/residual2`, [
      attended,
      await affine(`${scope}/fc2`, geluTanh(graph, scope, hidden), `${name}.mlp.fc2`, width, vision.intermediateSize),
    ]);
  }
  const projected = await affine(
    '/projector',
    await norm('/final', x, 'vision.post_layernorm'),
    'projector',
    text.hiddenSize,
    width,
  );
  graph.output(
    'image_features',
    graph.node('Div', '/scaled', [projected, graph.scalar(Math.sqrt(text.hiddenSize))]),
    'float32',
    ['batch_size', tokens, text.hiddenSize],
  );
  return graph;
}

export async function peerDecoderGraph(shape: BenchShape, weights: PeerWeights): Promise<GraphBuilder> {
  const { text, vocabularySize } = shape;
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = text;
  const graph = new GraphBuilder('decoder');
  const linear = (scope: string, x: Value, name: string, rows: number, columns: number) =>
    weights.product(graph, scope, x, `${name}.weight`, rows, columns);
  const norm = async (scope: string, x: Value, name: string) => {
    const mean = graph.node(
      'ReduceMean',
      scope,
      [graph.node('Pow', scope, [x, graph.scalar(2)]), graph.integers([-1])],
      { keepdims: 1 },
    );
    const root = graph.node('Sqrt', scope, [graph.node('Add', `${scope}/epsilon`, [mean, graph.scalar(EPSILON)])]);
    const weight = graph.external(
      `${name}.weight`,
      'float32',
      [hiddenSize],
      await weights.plain(`${name}.weight`, [hiddenSize], value => 1 + value),
    );
    return graph.node('Mul', `${scope}/weighted`, [graph.node('Div', scope, [x, root]), weight]);
  };
  const embeds = graph.input('inputs_embeds', 'float32', ['batch_size', 'sequence_length', hiddenSize]);
  const positions = graph.input('position_ids', 'int64', ['batch_size', 'sequence_length']);
  const rotate = rotation(graph, positions, headDim);
  const hidden = shape.isCausal === true ? laterPositions(graph, positions) : undefined;
  const byHead = (scope: string, x: Value, count: number) =>
    graph.node('Transpose', scope, [graph.node('Reshape', scope, [x, graph.integers([0, -1, count, headDim])])], {
      perm: [0, 2, 1, 3],
    });
  const expanded = (scope: string, x: Value) => {
    const repeated = graph.node('Expand', scope, [
      graph.node('Unsqueeze', scope, [x, graph.integers([2])]),
      graph.integers([1, 1, heads / kvHeads, 1, 1]),
    ]);
    return graph.node('Reshape', scope, [repeated, graph.integers([0, heads, -1, headDim])]);
  };
  let x = graph.node('Mul', '/scaled', [embeds, graph.scalar(Math.sqrt(hiddenSize))]);
  for (let layer = 0; layer < text.layers; layer++) {
    const scope = `/layers.${layer}`;
    const name = `language.layers.${layer}`;
    const isHalf = weights.cacheType === 'float16';
    const past = (part: string) => {
      const input = graph.input(`past_key_values.${layer}.${part}`, weights.cacheType, [
        'batch_size',
        kvHeads,
        'past_sequence_length',
        headDim,
      ]);
      return isHalf ? graph.node('Cast', `${scope}/past_${part}`, [input], { to: 1 }) : input;
    };
    const present = (part: string, value: Value) =>
      graph.output(
        `present.${layer}.${part}`,
        isHalf ? graph.node('Cast', `${scope}/present_${part}`, [value], { to: 10 }) : value,
        weights.cacheType,
        ['batch_size', kvHeads, 'total_sequence_length', headDim],
      );
    const normed = await norm(`${scope}/norm1`, x, `${name}.input_layernorm`);
    const q = rotate(
      `${scope}/q/rotated`,
      byHead(
        `${scope}/q`,
        await linear(`${scope}/q`, normed, `${name}.self_attn.q_proj`, heads * headDim, hiddenSize),
        heads,
      ),
    );
    const k = rotate(
      `${scope}/k/rotated`,
      byHead(
        `${scope}/k`,
        await linear(`${scope}/k`, normed, `${name}.self_attn.k_proj`, kvHeads * headDim, hiddenSize),
        kvHeads,
      ),
    );
    const v = byHead(
      `${scope}/v`,
      await linear(`${scope}/v`, normed, `${name}.self_attn.v_proj`, kvHeads * headDim, hiddenSize),
      kvHeads,
    );
    const keys = graph.node('Concat', `${scope}/keys`, [past('key'), k], { axis: 2 });
    const values = graph.node('Concat', `${scope}/values`, [past('value'), v], { axis: 2 });
    present('key', keys);
    present('value', values);
    const turned = graph.node('Transpose', `${scope}/turned`, [expanded(`${scope}/keys`, keys)], {
      perm: [0, 1, 3, 2],
    });
    const scores = graph.node('Mul', `${scope}/scores`, [
      graph.node('MatMul', `${scope}/scores`, [q, turned]),
      graph.scalar(text.queryScalar ** -0.5),
    ]);
    const probabilities = graph.node('Softmax', scope, [
      masked(graph, `${scope}/mask`, capped(graph, `${scope}/cap`, scores, 50), hidden),
    ], { axis: -1 });
    const mixed = graph.node('Transpose', `${scope}/mix`, [
      graph.node('MatMul', `${scope}/mix`, [probabilities, expanded(`${scope}/values`, values)]),
    ], { perm: [0, 2, 1, 3] });
    const attended = await linear(
      `${scope}/out`,
      graph.node('Reshape', `${scope}/mix`, [mixed, graph.integers([0, -1, heads * headDim])]),
      `${name}.self_attn.o_proj`,
      hiddenSize,
      heads * headDim,
    );
    const sum = graph.node('Add', `${scope}/residual1`, [
      x,
      await norm(`${scope}/norm2`, attended, `${name}.post_attention_layernorm`),
    ]);
    const input = await norm(`${scope}/norm3`, sum, `${name}.pre_feedforward_layernorm`);
    const gate = geluTanh(
      graph,
      `${scope}/gate`,
      await linear(`${scope}/gate`, input, `${name}.mlp.gate_proj`, intermediateSize, hiddenSize),
    );
    const product = graph.node('Mul', `${scope}/product`, [
      gate,
      await linear(`${scope}/up`, input, `${name}.mlp.up_proj`, intermediateSize, hiddenSize),
    ]);
    const down = await linear(`${scope}/down`, product, `${name}.mlp.down_proj`, hiddenSize, intermediateSize);
    x = graph.node('Add', `${scope}/residual2`, [
      sum,
      await norm(`${scope}/norm4`, down, `${name}.post_feedforward_layernorm`),
    ]);
  }
  const logits = await linear(
    '/lm_head',
    await norm('/final', x, 'language.norm'),
    'language.embed_tokens',
    vocabularySize,
    hiddenSize,
  );
  graph.output('logits', capped(graph, '/final/cap', logits, 30), 'float32', [
    'batch_size',
    'sequence_length',
    vocabularySize,
  ]);
  return graph;
}

/** [B, 1, S, total]: 0, or a large negative number for keys behind the query. */
function laterPositions(graph: GraphBuilder, positions: Value): Value {
  const mask = graph.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length']);
  const total = graph.node(
    'Gather',
    '/hidden/total',
    [graph.node('Shape', '/hidden', [mask]), graph.integers([1], [])],
    { axis: 0 },
  );
  const keys = graph.node('Range', '/hidden', [graph.integers([0], []), total, graph.integers([1], [])]);
  const queries = graph.node('Unsqueeze', '/hidden/queries', [
    graph.node('Sub', '/hidden', [positions, graph.integers([1])]),
    graph.integers([2]),
  ]);
  const later = graph.node('Cast', '/hidden/later', [graph.node('Greater', '/hidden', [keys, queries])], { to: 1 });
  return graph.node('Unsqueeze', '/hidden/heads', [
    graph.node('Mul', '/hidden', [later, graph.scalar(-1e9)]),
    graph.integers([1]),
  ]);
}

function masked(graph: GraphBuilder, scope: string, scores: Value, hidden: Value | undefined): Value {
  return hidden === undefined ? scores : graph.node('Add', scope, [scores, hidden]);
}

function capped(graph: GraphBuilder, scope: string, x: Value, cap: number): Value {
  return graph.node('Mul', scope, [
    graph.node('Tanh', scope, [graph.node('Div', scope, [x, graph.scalar(cap)])]),
    graph.scalar(cap),
  ]);
}

/** Sines and cosines are computed in the graph from the positions, as exporters leave them. */
function rotation(graph: GraphBuilder, positions: Value, headDim: number): (scope: string, x: Value) => Value {
  const half = headDim / 2;
  const steps = graph.node('Mul', '/rotation/steps', [
    graph.node('Cast', '/rotation/range', [graph.integers(Array.from({ length: half }, (_, i) => i))], { to: 1 }),
    graph.scalar(-2 / headDim),
  ]);
  const frequencies = graph.node('Pow', '/rotation/frequencies', [graph.scalar(10000), steps]);
  const column = graph.node('Unsqueeze', '/rotation/positions', [
    graph.node('Cast', '/rotation/positions', [positions], { to: 1 }),
    graph.integers([2]),
  ]);
  const angles = graph.node('Mul', '/rotation/angles', [column, frequencies]);
  const both = graph.node('Concat', '/rotation/angles', [angles, angles], { axis: -1 });
  const cos = graph.node('Unsqueeze', '/rotation/cos', [graph.node('Cos', '/rotation', [both]), graph.integers([1])]);
  const sin = graph.node('Unsqueeze', '/rotation/sin', [graph.node('Sin', '/rotation', [both]), graph.integers([1])]);
  return (scope, x) => {
    const low = graph.node('Slice', `${scope}/low`, [
      x,
      graph.integers([0]),
      graph.integers([half]),
      graph.integers([3]),
    ]);
    const high = graph.node('Slice', `${scope}/high`, [
      x,
      graph.integers([half]),
      graph.integers([headDim]),
      graph.integers([3]),
    ]);
    const turned = graph.node('Concat', `${scope}/turned`, [graph.node('Neg', scope, [high]), low], { axis: -1 });
    return graph.node('Add', scope, [
      graph.node('Mul', `${scope}/cos`, [x, cos]),
      graph.node('Mul', `${scope}/sin`, [turned, sin]),
    ]);
  };
}

function geluTanh(graph: GraphBuilder, scope: string, x: Value): Value {
  const cube = graph.node('Mul', `${scope}/cubic`, [
    graph.node('Pow', `${scope}/cube`, [x, graph.scalar(3)]),
    graph.scalar(0.044715),
  ]);
  const inner = graph.node('Mul', `${scope}/inner`, [
    graph.node('Add', `${scope}/inner`, [x, cube]),
    graph.scalar(Math.sqrt(2 / Math.PI)),
  ]);
  const outer = graph.node('Add', `${scope}/outer`, [graph.node('Tanh', scope, [inner]), graph.scalar(1)]);
  return graph.node('Mul', `${scope}/gelu`, [graph.node('Mul', `${scope}/half`, [x, graph.scalar(0.5)]), outer]);
}
