/** What the keys of PEFT's `adapter_config.json` mean. Source: huggingface/peft 0.21, `tuners/lora/config.py`. */
import * as l10n from '@vscode/l10n';
import { all, applied, harmless, off, onlyIf, type KeyTable } from './keyTable';

/**
 * How the matrices began. Some ways take the first product out of the base when the adapter is loaded, so that W + s·B·A
 * would count it twice. Source: huggingface/peft 0.21, `tuners/lora/layer.py` update_layer.
 */
const isPlainStart = (value: unknown) =>
  typeof value === 'boolean' || ['gaussian', 'eva', 'orthogonal', 'mica'].includes(value as string);

const mergeFirst = () => l10n.t('Merge it with PEFT first (merge_and_unload), and use the merged checkpoint.');

export const adapterKeys: KeyTable = {
  ...all(['alpha_pattern', 'lora_alpha', 'peft_type', 'r', 'rank_pattern'], applied),
  ...all([
    'auto_mapping',
    'base_model_name_or_path',
    'inference_mode',
    'lora_dropout',
    'megatron_core',
    'peft_version',
    'revision',
    'task_type',
    // Which modules are adapted is told by the tensors.
    'exclude_modules',
    'layers_pattern',
    'layers_to_transform',
    'target_modules',
    // Of the beginning or the training only.
    'corda_config',
    'eva_config',
    'loftq_config',
    'lora_ga_config',
    'qalora_group_size',
    'runtime_config',
    'velora_config',
  ], harmless),
  init_lora_weights: onlyIf(
    isPlainStart,
    () => l10n.t('a base whose weights were changed first'),
    () =>
      l10n.t(
        'Save it again with PEFT as a plain LoRA: save_pretrained(FOLDER, path_initial_model_for_weight_conversion=…).',
      ),
  ),
  alora_invocation_tokens: off(() => l10n.t('an adapter that works behind certain tokens only')),
  arrow_config: off(() => l10n.t('adapters that are chosen token by token')),
  bias: onlyIf(value => value === 'none', () => l10n.t('biases that were trained'), mergeFirst),
  ensure_weight_tying: off(() => l10n.t('an adapter of tied weights')),
  fan_in_fan_out: off(() => l10n.t('transposed weights')),
  kasa_config: off(() => l10n.t('a base whose weights were changed first')),
  layer_replication: off(() => l10n.t('layers that are used several times')),
  lora_bias: off(() => l10n.t('biases beside its matrices'), mergeFirst),
  megatron_config: off(() => l10n.t('Megatron layers')),
  modules_to_save: off(() => l10n.t('whole modules in place of the model’s own'), mergeFirst),
  monteclora_config: off(() => l10n.t('matrices that are drawn at random')),
  target_parameters: off(() => l10n.t('parameters outside of linear layers')),
  trainable_token_indices: off(() => l10n.t('single rows of the embedding'), mergeFirst),
  use_bdlora: off(() => l10n.t('matrices in blocks')),
  use_dora: off(() => l10n.t('DoRA'), mergeFirst),
  use_rslora: onlyIf(value => typeof value === 'boolean', () => l10n.t('another scale')),
  use_qalora: off(() => l10n.t('QALoRA')),
};
