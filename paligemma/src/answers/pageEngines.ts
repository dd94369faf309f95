/** Takes the life out of words that something behind the page would run: template engines, knitr, Pandoc. */
import type { PageEngine } from './pageLanguages';

/**
 * Marks that are one only with the character behind them: a blank between the two makes them words, for every engine
 * and in whichever order they read the page. An escape would last up to the first of them.
 */
const marks: Readonly<Record<Exclude<PageEngine, 'hashes' | 'ats' | 'knitr' | 'pandoc'>, RegExp>> = {
  mustaches: /\{(?=[{%#!:])|[}%#!](?=\})/g,
  angles: /<(?=[%?#@!])|[%?](?=>)/g,
  dollars: /[$#@*~!](?=\{)/g,
  braces: /\{(?=\S)/g,
  colons: /:(?=::)/g,
};

/** The words as they are read back behind the engines: the same, but for blanks inside of marks. */
export function withoutMarks(words: string, engines: readonly PageEngine[]): string {
  let harmless = words;
  for (const engine of engines) {
    if (engine in marks) harmless = harmless.replace(marks[engine as keyof typeof marks], '$& ');
  }
  return harmless;
}
