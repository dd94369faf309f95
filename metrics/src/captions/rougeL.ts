import { checkPairs } from '../common/editDistance';

/** Recall counts β² times as much as precision. */
const BETA = 1.2;
/** Words of one caption times those of the other. */
const MOST_PAIRS = 1e9;

/**
 * ROUGE-L of one caption, 0…1: F-measure of the longest common subsequence of words. The best precision and the best
 * recall may come from two references. Words stand between single blanks.
 * @throws CaseFault for texts of some 30,000 words.
 * Source: pycocoevalcap 1.2, `rouge/rouge.py`.
 */
export function rougeL(prediction: string, references: readonly string[]): number {
  const answer = prediction.split(' ');
  const wanted = references.map(reference => reference.split(' '));
  const common = wanted.map(words => longestCommon(answer, words));
  const precision = Math.max(...common.map(length => length / answer.length));
  const recall = Math.max(...common.map((length, index) => length / wanted[index]!.length));
  if (precision === 0 || recall === 0) return 0;
  return (1 + BETA ** 2) * precision * recall / (recall + BETA ** 2 * precision);
}

/** Length of the longest common subsequence. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  checkPairs(a.length, b.length, MOST_PAIRS);
  const row = new Uint32Array(b.length + 1);
  for (const word of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]!;
      row[j] = word === b[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]!);
      diagonal = above;
    }
  }
  return row[b.length]!;
}
