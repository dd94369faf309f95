/** How a field that filters takes what was typed: one rule for every list of the editor. */

/** True where the words of the filter all stand in the text. Case and accents do not matter. */
export function matchesFilter(text: string, filter: string): boolean {
  return hasWords(plainLetters(text), filterWords(filter));
}

/** The words of a filter, for {@link hasWords}; empty where everything fits. */
export function filterWords(filter: string): readonly string[] {
  return plainLetters(filter).split(/\s+/).filter(word => word !== '');
}

/** @param plain What {@link plainLetters} made of the text. */
export function hasWords(plain: string, words: readonly string[]): boolean {
  return words.every(word => plain.includes(word));
}

/** Small letters without accents. */
export function plainLetters(text: string): string {
  return text.normalize('NFKD').replace(/\p{Mn}/gu, '').toLowerCase().trim();
}
