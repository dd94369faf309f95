import * as l10n from '@vscode/l10n';
import { editDistance } from './common/editDistance';
import { means, type Metric } from './common/metric';
import { characters, lower } from './common/python';

export interface VqaScores {
  /** One answer: 1 where it is the same. Several: 1/3 for each that is the same, at most 1. */
  readonly acc: number;
  /** 1 where any answer is the same. */
  readonly acc_any: number;
  /** 1 − distance / length of the longer text, 0 from one half on; the best of all answers. */
  readonly anls: number;
}

/**
 * Exact match and ANLS (average normalised Levenshtein similarity). Nothing is trimmed or normalised.
 * @param answers At least one.
 * Source: big_vision 0127fb6, `evaluators/proj/paligemma/transfers/vqa.py`.
 */
export function vqaScores(prediction: string, answers: readonly string[], toLower: boolean): VqaScores {
  const [answer, ...truths] = toLower ? [prediction, ...answers].map(lower) : [prediction, ...answers];
  const equal = truths.filter(truth => truth === answer).length;
  return {
    acc: truths.length === 1 ? equal : Math.min(1, equal / 3),
    acc_any: Math.min(1, equal),
    anls: Math.max(...truths.map(truth => similarity(truth, answer ?? ''))),
  };
}

function similarity(truth: string, answer: string): number {
  if (truth === '') return answer === '' ? 1 : 0;
  const [a, b] = [characters(truth), characters(answer)];
  const normalised = editDistance(a, b) / Math.max(a.length, b.length);
  return normalised < 0.5 ? 1 - normalised : 0;
}

export const vqaGeneric: Metric = {
  name: 'vqa_generic',
  about: () => l10n.t('exact match with one answer, a third for each of several that agree, and ANLS'),
  fields: 'prediction, answers: [TEXT…], to_lower',
  score: fields => ({
    expected: { ...vqaScores(fields.text('prediction'), fields.texts('answers', 1), fields.flag('to_lower')) },
  }),
  summary: scores => means(scores, ['acc', 'acc_any', 'anls']),
};
