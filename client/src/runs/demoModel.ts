/** Says so where an answer comes from the bundled demo model. Free of the editor. */
import type { ModelInfo } from '../../../server/src/contract/protocol';
import type { Translate } from '../../../paligemma/src/translate';

/** Undefined for models that were trained on real pictures. @param model Name of the model as a result holds it. */
export function modelNote(model: string, models: readonly ModelInfo[], t: Translate): string | undefined {
  if (!models.some(({ id, kind }) => id === model && kind === 'demo')) return undefined;
  return t(
    'This is the small demo model: it knows drawn shapes and printed words only. Choose another model for your own pictures.',
  );
}
