/** The arrays of a big_vision checkpoint as the tensors of a model: layers apart, matrices turned round. */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';
import { shown } from '../../../paligemma/src/shown';
import { BlockReader, type ArrayView } from './arrayViews';
import { arrayMismatch, arrayMissing, bigVisionSizes, type BigVisionSizes } from './bigVisionSizes';
import { HEAD, EMBEDDING } from './modelTensors';
import { openNpz, type NpyArray } from './npzArchive';
import { inTorchOrder } from './patchOrder';
import { TensorReader, type MadeTensor } from './safetensors';

export interface BigVisionWeights {
  readonly sizes: BigVisionSizes;
  /** By canonical name. */
  readonly tensors: Map<string, MadeTensor>;
}

/** Optimisers are kept beside the weights. */
const isWeight = (name: string) => /^(?:params\/)?(?:img|llm)\//.test(name);

/**
 * Opens the archive by its directory and headers only.
 * @throws Failure weightsMissing, weightsCorrupt, tensorMissing, tensorMismatch, modelUnsupported.
 * Source: big_vision 0127fb6, `models/vit.py`, `models/ppp/gemma.py`; transformers 5.23,
 * `convert_paligemma2_weights_to_hf.py`.
 */
export async function openBigVision(file: string): Promise<BigVisionWeights> {
  const reader = new TensorReader();
  try {
    const arrays = new Map<string, NpyArray>();
    for (const array of await openNpz(file, isWeight, reader)) arrays.set(array.name.replace(/^params\//, ''), array);
    const sizes = bigVisionSizes(file, arrays);
    return { sizes, tensors: tensorsOf(file, arrays, sizes) };
  } finally {
    await reader.close();
  }
}

function tensorsOf(
  file: string,
  arrays: ReadonlyMap<string, NpyArray>,
  { config: { vision, text }, vocabularySize }: BigVisionSizes,
): Map<string, MadeTensor> {
  const names = new Names(file, arrays);
  const width = vision.hiddenSize;
  const inner = vision.intermediateSize;
  const patch = vision.patchSizePx;
  const hidden = text.hiddenSize;
  names.plain('img/pos_embedding', 1, 'vision.embeddings.position_embedding.weight', [vision.imageTokens, width]);
  names.turned('img/embedding/kernel', 1, 'vision.embeddings.patch_embedding.weight', [patch * patch * 3, width]);
  names.patches('vision.embeddings.patch_embedding.weight', [width, 3, patch, patch]);
  names.plain('img/embedding/bias', 1, 'vision.embeddings.patch_embedding.bias', [width]);
  const block = 'img/Transformer/encoderblock';
  const layers = vision.layers;
  const vector = (array: string, name: string, length: number) =>
    names.plain(`${block}/${array}`, layers, `vision.encoder.layers.#.${name}`, [length]);
  const affine = (array: string, name: string, inputs: number, outputs: number) => {
    names.turned(`${block}/${array}/kernel`, layers, `vision.encoder.layers.#.${name}.weight`, [inputs, outputs]);
    vector(`${array}/bias`, `${name}.bias`, outputs);
  };
  for (const at of [0, 1]) {
    vector(`LayerNorm_${at}/scale`, `layer_norm${at + 1}.weight`, width);
    vector(`LayerNorm_${at}/bias`, `layer_norm${at + 1}.bias`, width);
  }
  for (const [array, name] of [['query', 'q'], ['key', 'k'], ['value', 'v'], ['out', 'out']] as const) {
    affine(`MultiHeadDotProductAttention_0/${array}`, `self_attn.${name}_proj`, width, width);
  }
  affine('MlpBlock_0/Dense_0', 'mlp.fc1', width, inner);
  affine('MlpBlock_0/Dense_1', 'mlp.fc2', inner, width);
  names.plain('img/Transformer/encoder_norm/scale', 1, 'vision.post_layernorm.weight', [width]);
  names.plain('img/Transformer/encoder_norm/bias', 1, 'vision.post_layernorm.bias', [width]);
  names.turned('img/head/kernel', 1, 'projector.weight', [width, hidden]);
  names.plain('img/head/bias', 1, 'projector.bias', [hidden]);
  names.plain('llm/embedder/input_embedding', 1, EMBEDDING, [vocabularySize, hidden]);
  names.same(HEAD, EMBEDDING);
  decoderTensors(names, text);
  names.plain('llm/final_norm/scale', 1, 'language.norm.weight', [hidden]);
  return names.finish();
}

function decoderTensors(names: Names, text: BigVisionSizes['config']['text']): void {
  const { layers, heads, kvHeads, headDim, hiddenSize: hidden, intermediateSize: inner } = text;
  const turned = (array: string, name: string, matrix: readonly [number, number], more: Partial<Place> = {}) =>
    names.turned(`llm/layers/${array}`, layers, `language.layers.#.${name}.weight`, matrix, more);
  turned('attn/q_einsum/w', 'self_attn.q_proj', [hidden, headDim], { blocks: heads });
  turned('attn/kv_einsum/w', 'self_attn.k_proj', [hidden, headDim], { blocks: kvHeads, of: 2, at: 0 });
  turned('attn/kv_einsum/w', 'self_attn.v_proj', [hidden, headDim], { blocks: kvHeads, of: 2, at: 1 });
  turned('attn/attn_vec_einsum/w', 'self_attn.o_proj', [heads * headDim, hidden]);
  turned('mlp/gating_einsum', 'mlp.gate_proj', [hidden, inner], { of: 2, at: 0 });
  turned('mlp/gating_einsum', 'mlp.up_proj', [hidden, inner], { of: 2, at: 1 });
  turned('mlp/linear', 'mlp.down_proj', [inner, hidden]);
  for (
    const [array, name] of [
      ['pre_attention_norm', 'input_layernorm'],
      ['post_attention_norm', 'post_attention_layernorm'],
      ['pre_ffw_norm', 'pre_feedforward_layernorm'],
      ['post_ffw_norm', 'post_feedforward_layernorm'],
    ] as const
  ) names.plain(`llm/layers/${array}/scale`, layers, `language.layers.#.${name}.weight`, [hidden]);
}

/** Where a matrix lies in the part of an array that belongs to one layer. */
interface Place {
  /** Matrices below each other, each turned round by itself. */
  readonly blocks: number;
  /** Matrices of several kinds that share the array, and which of them is meant. */
  readonly of: number;
  readonly at: number;
}

/** Gives the arrays of one archive their names. `#` in a name stands for the layer. */
class Names {
  private readonly tensors = new Map<string, MadeTensor>();
  private readonly used = new Set<string>();
  private readonly blocks = new BlockReader();

  constructor(private readonly file: string, private readonly arrays: ReadonlyMap<string, NpyArray>) {}

  /** As it is stored. */
  plain(array: string, layers: number, name: string, shape: readonly number[]): void {
    const [rows = 1, columns = 1] = shape;
    this.add({ array, layers, kinds: 1, name, shape }, { isTurned: false, blocks: 1, rows, columns, start: 0 });
  }

  /** @param matrix Inputs and outputs, as they are stored; the tensor has the outputs first. */
  turned(
    array: string,
    layers: number,
    name: string,
    [inputs, outputs]: readonly [number, number],
    { blocks = 1, of: kinds = 1, at = 0 }: Partial<Place> = {},
  ): void {
    this.add(
      { array, layers, kinds, name, shape: [blocks * outputs, inputs] },
      { isTurned: true, blocks, rows: outputs, columns: inputs, start: at * blocks * inputs * outputs },
    );
  }

  /** The patch embedding, which was turned round already. */
  patches(name: string, shape: readonly number[]): void {
    const tensor = this.tensors.get(name);
    if (tensor !== undefined) this.tensors.set(name, inTorchOrder(tensor, shape));
  }

  same(name: string, other: string): void {
    const tensor = this.tensors.get(other);
    if (tensor !== undefined) this.tensors.set(name, tensor);
  }

  /** @throws Failure tensorMismatch where an array has no place in the model. */
  finish(): Map<string, MadeTensor> {
    const left = [...this.arrays.keys()].find(name => !this.used.has(name));
    if (left === undefined) return this.tensors;
    throw new Failure(
      'tensorMismatch',
      l10n.t(
        'The archive {0} holds the array {1}, which a PaliGemma 2 of big_vision does not have. Download it again, or save the model in transformers format.',
        this.file,
        shown(left),
      ),
    );
  }

  /** `view`: of the first layer. */
  private add({ array: arrayName, layers, kinds, name, shape }: Placed, view: Omit<ArrayView, 'array'>): void {
    const array = this.arrays.get(arrayName);
    if (array === undefined) throw arrayMissing(this.file, arrayName);
    this.used.add(arrayName);
    const count = shape.reduce((product, side) => product * side, 1);
    const values = array.shape.reduce((product, side) => product * side, 1);
    if (values !== layers * kinds * count) throw arrayMismatch(this.file, array);
    for (let layer = 0; layer < layers; layer++) {
      const own: ArrayView = { ...view, array, start: layer * kinds * count + view.start };
      this.tensors.set(name.replace('#', String(layer)), {
        name: array.name,
        file: array.file,
        type: array.type,
        shape,
        byteLength: (array.byteLength / values) * count,
        make: (reader, first, rows) => this.blocks.rows(reader, own, first, rows),
      });
    }
  }
}

/** The tensors of one name in all layers. */
interface Placed {
  readonly array: string;
  readonly layers: number;
  /** Tensors of several names that share the array. */
  readonly kinds: number;
  readonly name: string;
  readonly shape: readonly number[];
}
