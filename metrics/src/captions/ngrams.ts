/** N-grams of a text whose words stand between blanks. */
import { words } from '../common/python';

/** Lengths 1…4. */
export const NGRAM_LENGTHS = 4;

export interface Ngrams {
  /** How many words. */
  readonly length: number;
  /** Of each length, at index length − 1: how often each stands there. */
  readonly counts: readonly ReadonlyMap<string, number>[];
}

export function ngramsOf(text: string): Ngrams {
  const all = words(text);
  const counts = Array.from({ length: NGRAM_LENGTHS }, (_, index) => {
    const found = new Map<string, number>();
    for (let start = 0; start + index < all.length; start++) {
      const ngram = all.slice(start, start + index + 1).join(' ');
      found.set(ngram, (found.get(ngram) ?? 0) + 1);
    }
    return found;
  });
  return { length: all.length, counts };
}

/** A caption with those that people wrote for the same picture, all of them in n-grams. */
export interface CountedCaption {
  readonly prediction: Ngrams;
  readonly references: readonly Ngrams[];
}
