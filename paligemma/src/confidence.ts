/** How sure a model was of what it wrote, 0…1, from the probabilities of its tokens. Pure; the one definition. */
import { LOC_BINS } from './facts';
import type { SuffixBox } from './suffix';

/** The tokens of a suffix, in its order. */
export interface SuffixTokens {
  /** Of each token at its step, 0…1. */
  readonly tokenProbabilities: readonly number[];
  /** Where the text of each begins, UTF-16 units of the suffix. */
  readonly tokenStarts: readonly number[];
}

const LOC_TOKENS_LENGTH = 4 * `<loc${String(LOC_BINS - 1)}>`.length;

/**
 * The geometric mean of probabilities, which does not fall with their number as a product would. Undefined where there
 * are none: inference servers tell none, and an empty answer has no token.
 */
export function meanProbability(probabilities: readonly number[]): number | undefined {
  if (probabilities.length === 0) return undefined;
  return Math.exp(probabilities.reduce((logs, probability) => logs + Math.log(probability), 0) / probabilities.length);
}

/**
 * How sure the model was of a region: the square root of the box's mean probability times the label's. Each is the
 * geometric mean of its tokens, so that a long label weighs as much as the four loc tokens; without a label it is the
 * box's alone. Seg tokens do not count: a mask of the right object has many spellings. docs/accuracy.md says how well
 * it tells right boxes from wrong ones.
 * @returns 0…1, rounded to ten-thousandths; undefined where the tokens are not told.
 */
export function regionConfidence(
  suffix: string,
  { start, end }: Pick<SuffixBox, 'start' | 'end'>,
  { tokenProbabilities, tokenStarts }: SuffixTokens,
): number | undefined {
  const labelEnd = start + suffix.slice(start, end).trimEnd().length;
  const box: number[] = [];
  const label: number[] = [];
  tokenStarts.forEach((at, index) => {
    const probability = tokenProbabilities[index];
    if (at < start || at >= labelEnd || probability === undefined) return;
    if (at < start + LOC_TOKENS_LENGTH) box.push(probability);
    else if (!suffix.startsWith('<seg', at)) label.push(probability);
  });
  const sure = meanProbability(box);
  if (sure === undefined) return undefined;
  return Math.round(Math.sqrt(sure * (meanProbability(label) ?? sure)) * 10_000) / 10_000;
}

export type ConfidenceWord = 'unsure' | 'fairlySure' | 'sure';

/** From where on a region is called so. Measured with the demo model: docs/accuracy.md, "How sure the model was". */
export const FAIRLY_SURE_FROM = 0.28;
export const SURE_FROM = 0.34;

/** A region's confidence in words: a figure of 0.4 is a good one, since neighbouring bins share what a box is sure of. */
export function confidenceWord(regionConfidence: number): ConfidenceWord {
  if (regionConfidence >= SURE_FROM) return 'sure';
  return regionConfidence >= FAIRLY_SURE_FROM ? 'fairlySure' : 'unsure';
}
