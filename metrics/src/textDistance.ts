import * as l10n from '@vscode/l10n';
import { editDistance } from './common/editDistance';
import { means, type Metric } from './common/metric';
import { characters, strip, withoutDoubleSpaces } from './common/python';

export interface TextDistance {
  /** Insertions, deletions and substitutions of code points. */
  readonly distance: number;
  /** `distance` over the longer of both, 0…1. Source: roboflow/maestro d6dd21f, metric `edit_distance`. */
  readonly normalized: number;
  /** Edits of characters over the target’s, blanks at both ends left out; `null` for an empty target. */
  readonly cer: number | null;
  /** The same of words. */
  readonly wer: number | null;
}

/** Source: python-Levenshtein 0.27.5; jiwer 4.0.0 with its default transforms. */
export function textDistance(prediction: string, target: string): TextDistance {
  const [found, wanted] = [characters(prediction), characters(target)];
  const distance = editDistance(found, wanted);
  return {
    distance,
    normalized: distance / Math.max(1, found.length, wanted.length),
    cer: target === '' ? null : characterRate(prediction, target, distance),
    wer: target === '' ? null : rate(wordsOf(prediction), wordsOf(target)),
  };
}

/** @param distance That of both texts, blanks at their ends included. */
function characterRate(prediction: string, target: string, distance: number): number {
  const [found, wanted] = [strip(prediction), strip(target)];
  if (found === prediction && wanted === target) return distance / characters(target).length;
  return rate(characters(found), characters(wanted));
}

function rate(found: readonly string[], wanted: readonly string[]): number {
  return editDistance(found, wanted) / Math.max(1, wanted.length);
}

/** Only blanks divide words; a single tab or newline between two does not. */
function wordsOf(text: string): readonly string[] {
  return strip(withoutDoubleSpaces(text)).split(' ').filter(word => word !== '');
}

export const textEditDistance: Metric = {
  name: 'edit_distance',
  about: () => l10n.t('edits from one text to the other, as a number, normalised, and as CER and WER'),
  fields: 'prediction, target',
  score: fields => ({ expected: { ...textDistance(fields.text('prediction'), fields.text('target')) } }),
  summary: scores => means(scores, ['distance', 'normalized', 'cer', 'wer']),
};
