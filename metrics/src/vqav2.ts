import * as l10n from '@vscode/l10n';
import { means, type Metric } from './common/metric';
import { lower, strip, words } from './common/python';
import { vqaWords } from './vqaWords';

export interface Vqav2Scores {
  /** 0, 0.3, 0.6, 0.9 or 1 for none, one, two, three or more people who answered the same. */
  readonly acc: number;
  /** As they were compared. */
  readonly answer: string;
  readonly answers: readonly string[];
}

/** How many people answered. */
export const VQAV2_ANSWERS = 10;

/**
 * Accuracy of VQAv2 and TextVQA: each of the ten answers is left out once, and of the others three that agree are enough.
 * @param answers Ten.
 * Source: big_vision 0127fb6, `evaluators/proj/paligemma/transfers/vqav2.py`.
 */
export function vqav2Scores(prediction: string, answers: readonly string[]): Vqav2Scores {
  const plain = answers.map(onOneLine);
  // Where all agree nothing is normalised: "two" is then not "2".
  const normal = new Set(plain).size > 1 ? normalised : (text: string) => text;
  const answer = normal(onOneLine(prediction));
  const truths = plain.map(normal);
  const equal = truths.filter(truth => truth === answer).length;
  const share = (without: number) => Math.min(1, (equal - without) / 3);
  const acc = (equal * share(1) + (truths.length - equal) * share(0)) / truths.length;
  return { acc, answer, answers: truths };
}

function onOneLine(text: string): string {
  return strip(text.replace(/[\n\t]/g, ' '));
}

const marks = [...';/[]"{}()=+\\_-><@`,?!'];
const articles = new Set(['a', 'an', 'the']);

function normalised(text: string): string {
  // A comma between two digits anywhere makes every mark vanish instead of turning into a blank: so in the original.
  const hasDigitComma = /\p{Nd},\p{Nd}/u.test(text);
  let plain = text;
  for (const mark of marks) {
    const vanishes = hasDigitComma || text.includes(`${mark} `) || text.includes(` ${mark}`);
    plain = plain.replaceAll(mark, vanishes ? '' : ' ');
  }
  return words(lower(plain.replace(/\.(?!\p{Nd})/gu, '')))
    .filter(word => !articles.has(word))
    .map(word => vqaWords.get(word) ?? word)
    .join(' ');
}

export const vqav2: Metric = {
  name: 'vqav2',
  about: () => l10n.t('accuracy of VQAv2 and TextVQA against the answers of ten people'),
  fields: 'prediction, answers: [TEXT × 10]',
  score: fields => {
    const { acc, answer, answers } = vqav2Scores(fields.text('prediction'), fields.texts('answers', VQAV2_ANSWERS));
    return { expected: { acc, answer, answers } };
  },
  summary: scores => means(scores, ['acc']),
};
