/**
 * What the keys of `generation_config.json` mean. Answers are the likeliest token each time, so what only steers
 * sampling is harmless; what changes which token is likeliest, or how the search goes, is refused.
 * Source: transformers 4.47 and 5.23, `generation/configuration_utils.py`.
 */
import * as l10n from '@vscode/l10n';
import { all, applied, harmless, off, only, type KeyTable } from './keyTable';

/** Keys beyond these are of newer samplers or of somebody's own, and are not refused. */
export const generationKeys: KeyTable = {
  eos_token_id: applied,
  ...all([
    'do_sample',
    'epsilon_cutoff',
    'eta_cutoff',
    'min_p',
    'temperature',
    'top_h',
    'top_k',
    'top_p',
    'typical_p',
    // How long an answer may be is the caller's matter here.
    'max_length',
    'max_new_tokens',
  ], harmless),
  num_beams: only([1], () => l10n.t('a search with several beams')),
  num_beam_groups: only([1], () => l10n.t('a search with several beams')),
  penalty_alpha: off(() => l10n.t('contrastive search')),
  dola_layers: off(() => l10n.t('decoding by contrasting layers')),
  guidance_scale: only([1, 0], () => l10n.t('guidance')),
  repetition_penalty: only([1], () => l10n.t('a repetition penalty')),
  encoder_repetition_penalty: only([1], () => l10n.t('a repetition penalty')),
  no_repeat_ngram_size: off(() => l10n.t('answers without repetitions')),
  encoder_no_repeat_ngram_size: off(() => l10n.t('answers without repetitions')),
  bad_words_ids: off(() => l10n.t('words that must not occur')),
  suppress_tokens: off(() => l10n.t('tokens that must not occur')),
  begin_suppress_tokens: off(() => l10n.t('tokens that must not come first')),
  sequence_bias: off(() => l10n.t('a bias on tokens')),
  force_words_ids: off(() => l10n.t('words that must occur')),
  forced_bos_token_id: off(() => l10n.t('a token that must come first')),
  forced_eos_token_id: off(() => l10n.t('a token that must come last')),
  forced_decoder_ids: off(() => l10n.t('tokens at fixed places')),
  constraints: off(() => l10n.t('constraints')),
  min_length: off(() => l10n.t('a minimum answer length')),
  min_new_tokens: off(() => l10n.t('a minimum answer length')),
  exponential_decay_length_penalty: off(() => l10n.t('a length penalty')),
  stop_strings: off(() => l10n.t('texts that end the answer')),
  watermarking_config: off(() => l10n.t('a watermark')),
};
