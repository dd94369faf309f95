/** Sizes of the models that the benchmark builds with random weights. */

export interface BenchShape {
  readonly name: string;
  readonly text: {
    readonly hiddenSize: number;
    readonly intermediateSize: number;
    readonly layers: number;
    readonly heads: number;
    readonly kvHeads: number;
    readonly headDim: number;
    readonly queryScalar: number;
  };
  readonly vision: {
    readonly hiddenSize: number;
    readonly intermediateSize: number;
    readonly layers: number;
    readonly heads: number;
    readonly imageSizePx: number;
    readonly patchSizePx: number;
  };
  readonly vocabularySize: number;
  readonly imageTokenId: number;
  /** The peer's decoder takes an attention mask and hides later positions, as a faulty export does. */
  readonly isCausal?: boolean;
}

/**
 * PaliGemma 2 3B at 224 px. Source: config.json of google/paligemma2-3b-pt-224. `layers` cuts both towers, for a
 * shorter run.
 */
export function shape3b(layers = 26): BenchShape {
  return {
    name: layers === 26 ? '3b' : `3b-${layers}-layers`,
    text: { hiddenSize: 2304, intermediateSize: 9216, layers, heads: 8, kvHeads: 4, headDim: 256, queryScalar: 256 },
    vision: {
      hiddenSize: 1152,
      intermediateSize: 4304,
      layers: layers === 26 ? 27 : layers,
      heads: 16,
      imageSizePx: 224,
      patchSizePx: 14,
    },
    vocabularySize: 257216,
    imageTokenId: 257152,
  };
}

/**
 * Small enough for a few seconds; vocabulary and image token are those of the golden model whose tokenizer it takes.
 */
export const quickShape: BenchShape = {
  name: 'quick',
  text: { hiddenSize: 64, intermediateSize: 128, layers: 3, heads: 4, kvHeads: 2, headDim: 32, queryScalar: 32 },
  vision: { hiddenSize: 64, intermediateSize: 96, layers: 2, heads: 4, imageSizePx: 224, patchSizePx: 14 },
  vocabularySize: 2368,
  imageTokenId: 2325,
};

/**
 * Real widths of every size and resolution, one layer of each tower, and a vocabulary small enough for a test. Source:
 * config.json of google/paligemma2-{3b,10b,28b}-pt-{224,448,896}.
 */
export function oneLayerShape(size: '3b' | '10b' | '28b', imageSizePx: 224 | 448 | 896): BenchShape {
  const text = {
    '3b': { hiddenSize: 2304, intermediateSize: 9216, heads: 8, kvHeads: 4, headDim: 256, queryScalar: 256 },
    '10b': { hiddenSize: 3584, intermediateSize: 14336, heads: 16, kvHeads: 8, headDim: 256, queryScalar: 256 },
    '28b': { hiddenSize: 4608, intermediateSize: 36864, heads: 32, kvHeads: 16, headDim: 128, queryScalar: 144 },
  }[size];
  const { vocabularySize, imageTokenId } = quickShape;
  return {
    ...shape3b(1),
    name: `${size}-${imageSizePx}`,
    text: { ...text, layers: 1 },
    vision: { ...shape3b(1).vision, imageSizePx },
    vocabularySize,
    imageTokenId,
  };
}

export function imageTokens({ vision }: BenchShape): number {
  return Math.floor(vision.imageSizePx / vision.patchSizePx) ** 2;
}

export function configJson(shape: BenchShape): Record<string, unknown> {
  const { text, vision } = shape;
  return {
    architectures: ['PaliGemmaForConditionalGeneration'],
    model_type: 'paligemma',
    torch_dtype: 'bfloat16',
    bos_token_id: 2,
    eos_token_id: 1,
    pad_token_id: 0,
    hidden_size: vision.hiddenSize,
    projection_dim: text.hiddenSize,
    image_token_index: shape.imageTokenId,
    text_config: {
      model_type: 'gemma2',
      hidden_size: text.hiddenSize,
      intermediate_size: text.intermediateSize,
      num_hidden_layers: text.layers,
      num_attention_heads: text.heads,
      num_key_value_heads: text.kvHeads,
      head_dim: text.headDim,
      query_pre_attn_scalar: text.queryScalar,
      vocab_size: shape.vocabularySize,
      num_image_tokens: imageTokens(shape),
      attn_logit_softcapping: 50,
      final_logit_softcapping: 30,
      sliding_window: 4096,
    },
    vision_config: {
      model_type: 'siglip_vision_model',
      hidden_size: vision.hiddenSize,
      intermediate_size: vision.intermediateSize,
      num_hidden_layers: vision.layers,
      num_attention_heads: vision.heads,
      image_size: vision.imageSizePx,
      patch_size: vision.patchSizePx,
      vision_use_head: false,
    },
  };
}
