import * as l10n from '@vscode/l10n';
import { lower, parseFloatAsPython, withoutLast } from './common/python';
import type { Metric, Scored } from './common/metric';

const LARGEST_ERROR = 0.05;

/**
 * Relaxed accuracy of ChartQA: a number may be up to 5 % off, the bound included; everything else has to be the same
 * text. So has a number whose target is 0. Both sides are written small first.
 * Source: big_vision 0127fb6, `evaluators/proj/paligemma/transfers/chartqa.py`, with `to_lower` as its config has it.
 */
export function isRelaxedMatch(prediction: string, target: string): boolean {
  const [answer, truth] = [lower(prediction), lower(target)];
  const [found, wanted] = [numberIn(answer), numberIn(truth)];
  if (found === undefined || wanted === undefined || wanted === 0) return answer === truth;
  return Math.abs(found - wanted) / Math.abs(wanted) <= LARGEST_ERROR;
}

/** All percent signs at the end are one. */
function numberIn(text: string): number | undefined {
  if (!text.endsWith('%')) return parseFloatAsPython(text);
  const number = parseFloatAsPython(withoutLast(text, '%'));
  return number === undefined ? undefined : number / 100;
}

export const chartqaRelaxed: Metric = {
  name: 'chartqa_relaxed',
  about: () => l10n.t('ChartQA: numbers up to 5 % off count, everything else has to be the same'),
  fields: 'prediction, target',
  score: fields => ({ expected: isRelaxedMatch(fields.text('prediction'), fields.text('target')) }),
  summary: accuracy,
};

/** The share of `true`. */
export function accuracy(scores: readonly Scored[]): { readonly acc: number } {
  return { acc: scores.filter(({ expected }) => expected === true).length / Math.max(1, scores.length) };
}
