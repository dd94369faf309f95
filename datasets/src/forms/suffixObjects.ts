/** The objects that a line of text says: the way back from {@link objectsSuffix}. */
import * as l10n from '@vscode/l10n';
import { boxFromLocBins } from '../../../paligemma/src/locTokens';
import { objectsOf } from '../../../paligemma/src/prompts';
import { parseSuffix } from '../../../paligemma/src/suffix';
import type { FractionBox } from './setObject';

export interface SaidObject {
  readonly label: string;
  readonly box: FractionBox;
  readonly codes?: readonly number[];
}

/**
 * Bins are parts of the side by 1023, as training data are made, so that the edge is reached.
 * @returns A sentence where the line says something else than objects. A `detect` line without any is one of no objects.
 */
export function suffixObjects(prefix: string, suffix: string): readonly SaidObject[] | string {
  const { boxes, text } = parseSuffix(suffix);
  const asked = objectsOf(prefix);
  if (text !== '') return l10n.t('The line answers with text (“{0}”), and this form holds objects only.', shown(text));
  if (boxes.length === 0 && asked.length === 0) {
    return l10n.t('The line names no object, and this form holds objects only.');
  }
  const [only, ...others] = asked;
  const said: SaidObject[] = [];
  for (const { bins, label, codes } of boxes) {
    // A referring expression stands in the prefix alone. Source: big_vision 0127fb6, RefCOCO.
    const name = label !== '' ? label : others.length === 0 ? only : undefined;
    if (name === undefined) return l10n.t('A box has no label, and the prefix does not name one thing either.');
    const box = boxFromLocBins(bins, 1, 1, 1023);
    said.push({ label: name, box, ...(codes === undefined ? {} : { codes }) });
  }
  return said;
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
