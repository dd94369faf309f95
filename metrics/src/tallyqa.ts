import * as l10n from '@vscode/l10n';
import { accuracy } from './chartqa';
import { lower } from './common/python';
import type { Metric } from './common/metric';

const numerals = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'],
  ...['eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty'],
];
const counts = new Map([['none', '0'], ...numerals.map((word, count): [string, string] => [word, String(count)])]);

/**
 * TallyQA and CountBenchQA: the same text, once an answer that is a number word as a whole, none to twenty, is written
 * in digits.
 * Source: big_vision 0127fb6, `evaluators/proj/paligemma/transfers/tallyqa.py`.
 */
export function isSameCount(prediction: string, target: string): boolean {
  const digits = (text: string) => counts.get(lower(text)) ?? text;
  return digits(prediction) === digits(target);
}

export const tallyqa: Metric = {
  name: 'tallyqa',
  about: () => l10n.t('counts: the same text after number words became digits'),
  fields: 'prediction, target',
  score: fields => ({ expected: isSameCount(fields.text('prediction'), fields.text('target')) }),
  summary: accuracy,
};
