/** Writes a Hugging Face checkpoint with random bf16 weights, tensor by tensor. */
import { cp, mkdir, open, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { configJson, imageTokens, type BenchShape } from './shapes';

interface TensorPlan {
  readonly name: string;
  readonly shape: readonly number[];
  /** Mean of the values: norms of the vision tower scatter around 1. */
  readonly mean: number;
}

const POOL_VALUES = 2 ** 22;
const PIECE_VALUES = 2 ** 21;
/** Of the matrices: keeps what passes through normed layers near 1. */
const DEVIATION = 0.03;
/** Real weights have a few large ones; a quantiser must live with them. */
const OUTLIER_EVERY = 2048;
const OUTLIER_FACTOR = 8;

const tokenizerConfig = {
  tokenizer_class: 'GemmaTokenizer',
  processor_class: 'PaliGemmaProcessor',
  add_bos_token: true,
  add_eos_token: false,
  clean_up_tokenization_spaces: false,
  bos_token: '<bos>',
  eos_token: '<eos>',
  pad_token: '<pad>',
  unk_token: '<unk>',
  additional_special_tokens: ['<image>'],
  model_max_length: 8192,
};

/** @param tokenizerFile A tokenizer.json, which is copied. */
export async function writeRandomCheckpoint(folder: string, shape: BenchShape, tokenizerFile: string): Promise<void> {
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeFile(path.join(partial, 'config.json'), JSON.stringify(configJson(shape), undefined, 1));
  await writeFile(
    path.join(partial, 'generation_config.json'),
    JSON.stringify({ bos_token_id: 2, eos_token_id: 1, pad_token_id: 0 }),
  );
  await writeFile(path.join(partial, 'tokenizer_config.json'), JSON.stringify(tokenizerConfig, undefined, 1));
  await cp(tokenizerFile, path.join(partial, 'tokenizer.json'));
  const file = await open(path.join(partial, 'model.safetensors'), 'w');
  try {
    await writeTensors(file, tensorPlans(shape));
  } finally {
    await file.close();
  }
  await rename(partial, folder);
}

async function writeTensors(file: FileHandle, plans: readonly TensorPlan[]): Promise<void> {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const { name, shape } of plans) {
    const start = end;
    end += shape.reduce((product, dim) => product * dim, 2);
    header[name] = { dtype: 'BF16', shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, 0x20);
  padded.writeBigUInt64LE(BigInt(padded.length - 8));
  text.copy(padded, 8);
  await file.write(padded);
  const pools = new Map([0, 1].map(mean => [mean, gaussianPool(mean)] as const));
  let seed = 1;
  for (const { shape, mean } of plans) {
    const pool = pools.get(mean)!;
    for (let left = shape.reduce((product, dim) => product * dim, 1); left > 0;) {
      const count = Math.min(left, PIECE_VALUES);
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const start = seed % (POOL_VALUES - PIECE_VALUES);
      await file.write(new Uint8Array(pool.buffer, start * 2, count * 2));
      left -= count;
    }
  }
}

/** Normally distributed bf16 values with outliers. */
function gaussianPool(mean: number): Uint16Array {
  const pool = new Uint16Array(POOL_VALUES);
  const value = new Float32Array(1);
  const bits = new Uint32Array(value.buffer);
  let seed = 12345;
  const uniform = () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) + 1) / 2 ** 32;
  for (let i = 0; i < pool.length; i++) {
    const gaussian = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) * DEVIATION;
    value[0] = mean + (mean === 0 && i % OUTLIER_EVERY === 0 ? gaussian * OUTLIER_FACTOR : gaussian);
    pool[i] = bits[0]! >>> 16;
  }
  return pool;
}

/** Names as Google's checkpoints have them. */
function tensorPlans(shape: BenchShape): TensorPlan[] {
  const { text, vision } = shape;
  const plans: TensorPlan[] = [];
  const add = (name: string, dims: readonly number[], mean = 0) => plans.push({ name, shape: dims, mean });
  const affine = (name: string, rows: number, columns: number) => {
    add(`${name}.weight`, [rows, columns]);
    add(`${name}.bias`, [rows]);
  };
  const norm = (name: string) => {
    add(`${name}.weight`, [vision.hiddenSize], 1);
    add(`${name}.bias`, [vision.hiddenSize]);
  };
  const tower = 'vision_tower.vision_model';
  add(`${tower}.embeddings.patch_embedding.weight`, [vision.hiddenSize, 3, vision.patchSizePx, vision.patchSizePx]);
  add(`${tower}.embeddings.patch_embedding.bias`, [vision.hiddenSize]);
  add(`${tower}.embeddings.position_embedding.weight`, [imageTokens(shape), vision.hiddenSize]);
  for (let layer = 0; layer < vision.layers; layer++) {
    const scope = `${tower}.encoder.layers.${layer}`;
    norm(`${scope}.layer_norm1`);
    norm(`${scope}.layer_norm2`);
    for (const part of ['q', 'k', 'v', 'out']) {
      affine(`${scope}.self_attn.${part}_proj`, vision.hiddenSize, vision.hiddenSize);
    }
    affine(`${scope}.mlp.fc1`, vision.intermediateSize, vision.hiddenSize);
    affine(`${scope}.mlp.fc2`, vision.hiddenSize, vision.intermediateSize);
  }
  norm(`${tower}.post_layernorm`);
  affine('multi_modal_projector.linear', text.hiddenSize, vision.hiddenSize);
  add('language_model.model.embed_tokens.weight', [shape.vocabularySize, text.hiddenSize]);
  for (let layer = 0; layer < text.layers; layer++) {
    const scope = `language_model.model.layers.${layer}`;
    for (
      const name of [
        'input_layernorm',
        'post_attention_layernorm',
        'pre_feedforward_layernorm',
        'post_feedforward_layernorm',
      ]
    ) add(`${scope}.${name}.weight`, [text.hiddenSize]);
    add(`${scope}.self_attn.q_proj.weight`, [text.heads * text.headDim, text.hiddenSize]);
    for (const part of ['k', 'v']) {
      add(`${scope}.self_attn.${part}_proj.weight`, [text.kvHeads * text.headDim, text.hiddenSize]);
    }
    add(`${scope}.self_attn.o_proj.weight`, [text.hiddenSize, text.heads * text.headDim]);
    for (const part of ['gate', 'up']) {
      add(`${scope}.mlp.${part}_proj.weight`, [text.intermediateSize, text.hiddenSize]);
    }
    add(`${scope}.mlp.down_proj.weight`, [text.hiddenSize, text.intermediateSize]);
  }
  add('language_model.model.norm.weight', [text.hiddenSize]);
  return plans;
}
