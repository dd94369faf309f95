/** What the words of a prompt or a model's name say about the kind of answers. */

/** The task word of a prompt, where it has one. */
export function firstWord(prompt: string): string {
  return /^\s*(\S*)/.exec(prompt)?.[1]?.toLowerCase() ?? '';
}

/** Whether a whole word of `text` is one of `words`, which are in small letters. */
export function hasWord(text: string, words: readonly string[]): boolean {
  return text.toLowerCase().split(/[^\p{L}\p{N}]+/u).some(word => words.includes(word));
}
