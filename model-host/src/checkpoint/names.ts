/** Tensor names of a PaliGemma 2 checkpoint, brought to one form. */

/**
 * Maps the names that published checkpoints and all generations of transformers use to ours, which begin with
 * `vision.`, `projector.` or `language.`; undefined for a tensor that is not part of the model.
 * Source: transformers 4.49, 4.57 and 5.23, `paligemma/modeling_paligemma.py` (checkpoint key mappings).
 */
export function canonicalName(name: string): string | undefined {
  const inner = name.startsWith('model.') ? name.slice('model.'.length) : name;
  for (const [prefix, canonical] of PREFIXES) {
    if (inner.startsWith(prefix)) return canonical + inner.slice(prefix.length);
  }
  return undefined;
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
