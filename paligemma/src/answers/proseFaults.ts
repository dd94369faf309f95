import * as l10n from '@vscode/l10n';
import type { Translate } from '../translate';
import type { ProseFault } from './prose';

/**
 * What is said of an answer that cannot stand for a picture.
 * @param name Of the picture.
 * @param t The texts of the process, where they are not those of `@vscode/l10n`.
 */
export function proseFaultText(
  fault: ProseFault,
  name: string,
  t: Translate = l10n.t,
): string {
  switch (fault) {
    case 'nothing':
      return t('The model wrote nothing about {0}. Try another kind of alt text, or another model.', name);
    case 'tokens':
      return t(
        'What the model wrote about {0} is no sentence but has tokens of the model in it. Try another kind of alt text, or another model.',
        name,
      );
    case 'loop':
      return t('The model only repeated itself about {0}. Try another kind of alt text, or another model.', name);
    case 'refusal':
      return t(
        'The model refused to say anything about {0}: it was not trained for this. Try another kind of alt text, or another model.',
        name,
      );
  }
}
