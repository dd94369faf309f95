/** Which tensors of a checkpoint make up each part of the graphs. */
import type { DecoderLayerWeights, DecoderSharedWeights } from '../graph/decoderWeights';
import type { Checkpoint } from '../checkpoint/checkpoint';
import type { PaliGemmaConfig, TextConfig } from '../checkpoint/config';
import type { WeightType } from '../../../paligemma/src/facts';
import { EMBEDDING, HEAD } from '../checkpoint/modelTensors';
import type { Affine, Norm, VisionLayerWeights, VisionWeights } from '../graph/vision';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { DataFile } from './dataFile';
import type { EightBitProduct } from './eightBitProduct';
import { mlpBlockSize, type WeightWriter } from './weightWriter';

/** Added to the logits of ids that must never be picked; far below −30, where capped logits end. */
const NEVER = -1e30;

/** Type of the tower's matrices: never less than 8 bits, as their error reaches every token of the picture. */
export const visionTypes = { int4: 'int8', int8: 'int8', f16: 'f16', f32: 'f32' } as const satisfies Record<
  WeightType,
  WeightType
>;

/** @param product How its 8-bit matrices are multiplied. */
export async function visionWeights(
  writer: WeightWriter,
  config: PaliGemmaConfig,
  file: DataFile,
  type: WeightType,
  product: EightBitProduct,
): Promise<VisionWeights> {
  const { hiddenSize: width, intermediateSize, patchSizePx: patch, imageTokens } = config.vision;
  const affine = async (names: readonly string[], rows: number, columns: number): Promise<Affine> => {
    const parts = names.map(name => [`${name}.weight`, rows] as const);
    const inRows = visionTypes[type] === 'int8' && product === 'float32';
    return {
      weight: inRows
        ? await writer.rowMatrix(file, parts, columns)
        : await writer.matrix(file, visionTypes[type], parts, columns),
      bias: await writer.vector(file, names.map(name => [`${name}.bias`, rows] as const)),
    };
  };
  const norm = async (name: string): Promise<Norm> => ({
    weight: await writer.vector(file, [[`${name}.weight`, width]]),
    bias: await writer.vector(file, [[`${name}.bias`, width]]),
  });
  const layers: VisionLayerWeights[] = [];
  const patches = await writer.tensor(file, 'vision.embeddings.patch_embedding.weight', [width, 3, patch, patch]);
  const patchBias = await writer.vector(file, [['vision.embeddings.patch_embedding.bias', width]]);
  const positions = await writer.tensor(file, 'vision.embeddings.position_embedding.weight', [imageTokens, width]);
  for (let layer = 0; layer < config.vision.layers; layer++) {
    const scope = `vision.encoder.layers.${layer}`;
    layers.push({
      norm1: await norm(`${scope}.layer_norm1`),
      qkv: await affine(['q', 'k', 'v'].map(part => `${scope}.self_attn.${part}_proj`), width, width),
      out: await affine([`${scope}.self_attn.out_proj`], width, width),
      norm2: await norm(`${scope}.layer_norm2`),
      fc1: await affine([`${scope}.mlp.fc1`], intermediateSize, width),
      fc2: await affine([`${scope}.mlp.fc2`], width, intermediateSize),
    });
  }
  return {
    patch: patches,
    patchBias,
    positions,
    layers,
    finalNorm: await norm('vision.post_layernorm'),
    projector: await affine(['projector'], config.text.hiddenSize, width),
  };
}

/**
 * What the decoder's graphs share: embedding, rotation tables, final norm, and which ids may be picked.
 * `headFile`: where an output matrix of its own goes; undefined where the embedding is it.
 */
export async function sharedWeights(
  writer: WeightWriter,
  checkpoint: Checkpoint,
  tokenizer: Tokenizer,
  { file, headFile }: { readonly file: DataFile; readonly headFile: DataFile | undefined },
  type: WeightType,
): Promise<DecoderSharedWeights> {
  const { text, imageTokenId } = checkpoint.config;
  const { cos, sin } = ropeTables(text);
  const tokenBias = Float32Array.from(
    { length: checkpoint.vocabularySize },
    (_, id) => (id === imageTokenId || !tokenizer.isKnownId(id) ? NEVER : 0),
  );
  const ofVocabulary = (place: DataFile, name: string) =>
    writer.matrix(place, type, [[name, checkpoint.vocabularySize]], text.hiddenSize);
  const embedding = await ofVocabulary(file, EMBEDDING);
  return {
    embedding,
    head: headFile === undefined ? embedding : await ofVocabulary(headFile, HEAD),
    ropeCos: await file.append(cos),
    ropeSin: await file.append(sin),
    finalNorm: await writer.gemmaNorm(file, 'language.norm.weight', text.hiddenSize),
    tokenBias: { length: tokenBias.length, data: await file.append(tokenBias) },
  };
}

export async function decoderLayerWeights(
  writer: WeightWriter,
  config: TextConfig,
  layer: number,
  file: DataFile,
  type: WeightType,
): Promise<DecoderLayerWeights> {
  const scope = `language.layers.${layer}`;
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = config;
  const norm = (name: string) => writer.gemmaNorm(file, `${scope}.${name}.weight`, hiddenSize);
  const matrix = (parts: readonly (readonly [string, number])[], columns: number, blockSize?: number) =>
    writer.matrix(
      file,
      type,
      parts.map(([name, rows]) => [`${scope}.${name}.weight`, rows] as const),
      columns,
      blockSize,
    );
  return {
    inputNorm: await norm('input_layernorm'),
    qkv: await matrix([['self_attn.q_proj', heads * headDim], ['self_attn.k_proj', kvHeads * headDim], [
      'self_attn.v_proj',
      kvHeads * headDim,
    ]], hiddenSize),
    out: await matrix([['self_attn.o_proj', hiddenSize]], heads * headDim),
    postAttentionNorm: await norm('post_attention_layernorm'),
    preMlpNorm: await norm('pre_feedforward_layernorm'),
    gate: await matrix([['mlp.gate_proj', intermediateSize]], hiddenSize, mlpBlockSize(type, hiddenSize)),
    up: await matrix([['mlp.up_proj', intermediateSize]], hiddenSize, mlpBlockSize(type, hiddenSize)),
    down: await matrix([['mlp.down_proj', hiddenSize]], intermediateSize, mlpBlockSize(type, intermediateSize)),
    postMlpNorm: await norm('post_feedforward_layernorm'),
  };
}

/**
 * cos and sin of position · theta^(−2i / h), [maxPositions, h / 2] each. Source: transformers 5.23
 * `modeling_rope_utils.py`, type "default".
 */
function ropeTables({ maxPositions, headDim, ropeTheta }: TextConfig): { cos: Float32Array; sin: Float32Array } {
  const half = headDim / 2;
  const cos = new Float32Array(maxPositions * half);
  const sin = new Float32Array(maxPositions * half);
  // The reference keeps the frequencies, and their product with the position, in float32.
  const frequencies = Array.from(
    { length: half },
    (_, i) => Math.fround(1 / Math.fround(ropeTheta ** ((2 * i) / headDim))),
  );
  for (let position = 0; position < maxPositions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(position * frequencies[i]!);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
