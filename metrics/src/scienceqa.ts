import * as l10n from '@vscode/l10n';
import { lower } from './common/python';
import type { Metric } from './common/metric';

/**
 * The letter of an answer that begins with "The answer is X.", in small letters. An answer without one is wrong.
 * Source: big_vision 0127fb6, `evaluators/proj/paligemma/transfers/science_qa.py`.
 */
export function scienceqaLetterOf(answer: string): string | undefined {
  return /^the answer is ([a-z])\./.exec(lower(answer))?.[1];
}

export const scienceqaLetter: Metric = {
  name: 'scienceqa_letter',
  about: () => l10n.t('ScienceQA: the letter that an answer names, or null where it names none'),
  fields: 'prediction',
  score: fields => ({ expected: scienceqaLetterOf(fields.text('prediction')) ?? null }),
  summary: scores => ({
    parsefail: scores.filter(({ expected }) => expected === null).length / Math.max(1, scores.length),
  }),
};
