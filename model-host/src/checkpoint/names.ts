/** Tensor names of a PaliGemma 2 checkpoint, brought to one form. */

/**
 * Maps the names that published checkpoints and all generations of transformers use to ours, which begin with
 * `vision.`, `projector.`, `language.` or `lm_head.`; undefined for a tensor that is not part of the model. What
 * trainers put before or between the names is taken off.
 * Source: transformers 4.49, 4.57 and 5.23, `paligemma/modeling_paligemma.py` (checkpoint key mappings).
 */
export function canonicalName(name: string): string | undefined {
  const inner = withoutWrappers(name);
  for (const [prefix, canonical] of PREFIXES) {
    if (inner.startsWith(prefix)) return canonical + inner.slice(prefix.length);
  }
  return undefined;
}

/**
 * Modules that wrap others, anywhere in a name: torch.compile, FSDP, activation checkpointing and DeepSpeed.
 * Source: torch 2.9 `_dynamo/eval_frame.py`, `distributed/fsdp`, `distributed/algorithms/_checkpoint`; deepspeed
 * `runtime/engine.py`.
 */
const WRAPPERS = /(?<=^|\.)(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|_forward_module)\./g;
/**
 * In front of the whole: DataParallel, PEFT's merged model that was saved with its shell, Lightning's module, and the
 * `model.` of transformers 5, each as often as somebody wrapped.
 */
const SHELLS = /^(?:module\.|base_model\.model\.|model\.)+/;

function withoutWrappers(name: string): string {
  return name.replace(WRAPPERS, '').replace(SHELLS, '');
}

/** Longest first: `language_model.model.` must win over `language_model.`. */
const PREFIXES: readonly (readonly [string, string])[] = [
  ['vision_tower.vision_model.', 'vision.'],
  ['vision_tower.', 'vision.'],
  ['multi_modal_projector.linear.', 'projector.'],
  ['language_model.lm_head.', 'lm_head.'],
  ['lm_head.', 'lm_head.'],
  ['language_model.model.', 'language.'],
  ['language_model.', 'language.'],
];
