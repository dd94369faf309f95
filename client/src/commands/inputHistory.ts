/** What was typed into a question before. Free of the editor. */

/** Entries that are kept. */
export const HISTORY_LENGTH = 12;

/** The history with `input` as its newest entry, each entry once. */
export function withEntry(history: readonly string[], input: string): string[] {
  return [input, ...history.filter(entry => entry !== input)].slice(0, HISTORY_LENGTH);
}

/** Reads what a memory held; anything may stand there. */
export function parseHistory(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter(entry => typeof entry === 'string' && entry !== '').slice(0, HISTORY_LENGTH) as string[]
    : [];
}
