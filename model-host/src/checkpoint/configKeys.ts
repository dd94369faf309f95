/**
 * What the keys of `config.json` mean. Source: transformers 4.47 and 5.23, `configuration_utils.py`,
 * `configuration_paligemma.py`, `configuration_gemma2.py` and `configuration_siglip.py`.
 */
import * as l10n from '@vscode/l10n';
import { isRecord } from '../../../paligemma/src/checks';
import { all, applied, harmless, off, only, onlyIf, type KeyTable } from './keyTable';

/** Written by every configuration of transformers, also where they say nothing of the model. */
const commonKeys: KeyTable = {
  ...all([
    'architectures',
    'attn_implementation',
    'auto_map',
    'bos_token_id',
    'cache_implementation',
    'decoder_start_token_id',
    'dtype',
    'eos_token_id',
    'finetuning_task',
    'id2label',
    'initializer_factor',
    'initializer_range',
    'is_decoder',
    'label2id',
    'model_type',
    'name_or_path',
    'num_labels',
    // A merged checkpoint may keep them; how its weights are stored is told by their headers.
    'compression_config',
    'quantization',
    'quantization_config',
    'output_attentions',
    'output_hidden_states',
    'pad_token_id',
    'prefix',
    'problem_type',
    'return_dict',
    'sep_token_id',
    'task_specific_params',
    'tf_legacy_loss',
    'tokenizer_class',
    'torch_dtype',
    'torchscript',
    'transformers_version',
    'transformers.js_config',
    'unsloth_fixed',
    'unsloth_version',
    'use_bfloat16',
    'use_cache',
  ], harmless),
  // Old versions wrote the defaults of generation into every config; nothing reads them any more.
  ...all([
    'bad_words_ids',
    'begin_suppress_tokens',
    'diversity_penalty',
    'do_sample',
    'early_stopping',
    'encoder_no_repeat_ngram_size',
    'exponential_decay_length_penalty',
    'forced_bos_token_id',
    'forced_eos_token_id',
    'length_penalty',
    'max_length',
    'max_new_tokens',
    'min_length',
    'no_repeat_ngram_size',
    'num_beam_groups',
    'num_beams',
    'num_return_sequences',
    'output_scores',
    'remove_invalid_values',
    'repetition_penalty',
    'return_dict_in_generate',
    'suppress_tokens',
    'temperature',
    'top_k',
    'top_p',
    'typical_p',
  ], harmless),
  // Feeding forward in chunks gives the same numbers.
  chunk_size_feed_forward: harmless,
  is_encoder_decoder: off(() => l10n.t('an encoder and a decoder')),
  add_cross_attention: off(() => l10n.t('cross attention')),
  cross_attention_hidden_size: off(() => l10n.t('cross attention')),
  tie_encoder_decoder: off(() => l10n.t('an encoder and a decoder')),
  pruned_heads: off(() => l10n.t('attention heads that were removed')),
  per_layer_config: off(() => l10n.t('layers of different kinds')),
};

/** Top level. Sizes here are defaults of the class: those of the parts count. */
export const paliGemmaKeys: KeyTable = {
  ...commonKeys,
  ...all(['hidden_size', 'ignore_index', 'num_hidden_layers', 'projection_dim', 'vocab_size'], harmless),
  ...all(
    [
      'eos_token_id',
      'image_token_id',
      'image_token_index',
      'model_type',
      'text_config',
      'tie_word_embeddings',
      'transformers_weights',
      'vision_config',
    ],
    applied,
  ),
};

/** A rotation is the plain one, whichever of its keys says so. */
const isPlainRotation = (value: unknown) =>
  isRecord(value) && [undefined, null, 'default'].includes((value['rope_type'] ?? value['type']) as string | undefined);

export const textKeys: KeyTable = {
  ...commonKeys,
  ...all([
    'attn_logit_softcapping',
    'final_logit_softcapping',
    'head_dim',
    'hidden_size',
    'intermediate_size',
    'layer_types',
    'max_position_embeddings',
    'model_type',
    'num_attention_heads',
    'num_hidden_layers',
    'num_key_value_heads',
    'query_pre_attn_scalar',
    'rms_norm_eps',
    'rope_parameters',
    'rope_theta',
    'sliding_window',
    'vocab_size',
  ], applied),
  ...all([
    'attention_dropout',
    // What Gemma 2 reads is hidden_activation; this one stands beside it in published files.
    'hidden_act',
    'num_image_tokens',
    // The rhythm of the window, from before layer_types: Gemma 2 has no other.
    'sliding_window_pattern',
    // The head belongs to the whole model: tie_word_embeddings counts at the top level only.
    'tie_word_embeddings',
  ], harmless),
  attention_bias: off(() => l10n.t('biases in the attention')),
  hidden_activation: only(['gelu_pytorch_tanh'], () => l10n.t('a different activation')),
  partial_rotary_factor: only([1], () => l10n.t('a rotation of a part of each head')),
  rope_scaling: onlyIf(isPlainRotation, () => l10n.t('scaled rotations')),
  use_bidirectional_attention: only([true], () => l10n.t('a prompt that does not see all of itself')),
};

/** Inside of `rope_parameters`. */
export const rotationKeys: KeyTable = {
  rope_theta: applied,
  rope_type: only(['default'], () => l10n.t('a different kind of rotation')),
  type: only(['default'], () => l10n.t('a different kind of rotation')),
  partial_rotary_factor: only([1], () => l10n.t('a rotation of a part of each head')),
};

export const visionKeys: KeyTable = {
  ...commonKeys,
  ...all([
    'hidden_size',
    'image_size',
    'intermediate_size',
    'layer_norm_eps',
    'num_attention_heads',
    'num_hidden_layers',
    'patch_size',
  ], applied),
  ...all([
    'attention_dropout',
    'num_image_tokens',
    'num_positions',
    'projection_dim',
    // mlx-vlm notes that the tower was left as it was; how its weights are stored, they tell themselves.
    'skip_vision',
    // PaliGemma takes the tower's last hidden states, whether there is a head or not.
    'vision_use_head',
    'vocab_size',
  ], harmless),
  hidden_act: only(['gelu_pytorch_tanh'], () => l10n.t('a different activation')),
  model_type: only(['siglip_vision_model'], () => l10n.t('a different vision tower')),
  num_channels: only([3], () => l10n.t('pictures of another kind')),
};
