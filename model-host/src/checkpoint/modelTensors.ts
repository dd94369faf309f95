/** Every tensor that a PaliGemma 2 checkpoint has, by its canonical name. */
import type { PaliGemmaConfig } from './config';

/** Names to shapes, matrices as [rows, columns], rows being outputs. Source: transformers 5.23, the modules' classes. */
export function modelTensors(
  { vision, text }: PaliGemmaConfig,
  vocabularySize: number,
): ReadonlyMap<string, readonly number[]> {
  const tensors = new Map<string, readonly number[]>();
  const affine = (name: string, rows: number, columns: number) => {
    tensors.set(`${name}.weight`, [rows, columns]).set(`${name}.bias`, [rows]);
  };
  const layerNorm = (name: string) => {
    tensors.set(`${name}.weight`, [vision.hiddenSize]).set(`${name}.bias`, [vision.hiddenSize]);
  };
  const patch = vision.patchSizePx;
  tensors.set('vision.embeddings.patch_embedding.weight', [vision.hiddenSize, 3, patch, patch]);
  tensors.set('vision.embeddings.patch_embedding.bias', [vision.hiddenSize]);
  tensors.set('vision.embeddings.position_embedding.weight', [vision.imageTokens, vision.hiddenSize]);
  for (let layer = 0; layer < vision.layers; layer++) {
    const scope = `vision.encoder.layers.${layer}`;
    layerNorm(`${scope}.layer_norm1`);
    layerNorm(`${scope}.layer_norm2`);
    for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) {
      affine(`${scope}.self_attn.${part}`, vision.hiddenSize, vision.hiddenSize);
    }
    affine(`${scope}.mlp.fc1`, vision.intermediateSize, vision.hiddenSize);
    affine(`${scope}.mlp.fc2`, vision.hiddenSize, vision.intermediateSize);
  }
  layerNorm('vision.post_layernorm');
  affine('projector', text.hiddenSize, vision.hiddenSize);
  tensors.set('language.embed_tokens.weight', [vocabularySize, text.hiddenSize]);
  for (let layer = 0; layer < text.layers; layer++) {
    const scope = `language.layers.${layer}`;
    for (const norm of NORMS) tensors.set(`${scope}.${norm}.weight`, [text.hiddenSize]);
    const queries = text.heads * text.headDim;
    const keys = text.kvHeads * text.headDim;
    tensors.set(`${scope}.self_attn.q_proj.weight`, [queries, text.hiddenSize]);
    tensors.set(`${scope}.self_attn.k_proj.weight`, [keys, text.hiddenSize]);
    tensors.set(`${scope}.self_attn.v_proj.weight`, [keys, text.hiddenSize]);
    tensors.set(`${scope}.self_attn.o_proj.weight`, [text.hiddenSize, queries]);
    tensors.set(`${scope}.mlp.gate_proj.weight`, [text.intermediateSize, text.hiddenSize]);
    tensors.set(`${scope}.mlp.up_proj.weight`, [text.intermediateSize, text.hiddenSize]);
    tensors.set(`${scope}.mlp.down_proj.weight`, [text.hiddenSize, text.intermediateSize]);
  }
  tensors.set('language.norm.weight', [text.hiddenSize]);
  tensors.set(HEAD, [vocabularySize, text.hiddenSize]);
  return tensors;
}

/** The output matrix: a tensor of its own, or the embedding again. */
export const HEAD = 'lm_head.weight';
export const EMBEDDING = 'language.embed_tokens.weight';

const NORMS = [
  'input_layernorm',
  'post_attention_layernorm',
  'pre_feedforward_layernorm',
  'post_feedforward_layernorm',
] as const;

/**
 * Tensors that some checkpoints store and no run reads: SigLIP's pooling head, and buffers that follow from sizes.
 * Source: transformers 4.49 `siglip/modeling_siglip.py`, `gemma2/modeling_gemma2.py`.
 */
export function isUnread(name: string): boolean {
  return /^vision\.head\.|\.position_ids$|\.rotary_emb\.|\.inv_freq$/.test(name);
}
