/** Which lines of a text other lines have taken the place of. Free of the editor. */

/** The parts of the editor's changes that are needed: one after the other, each in the text as the one before left it. */
export interface TextChange {
  readonly range: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
  readonly text: string;
}

export interface ChangedLines {
  /** From 0. */
  readonly first: number;
  /** How many lines stood there before, and stand there now. */
  readonly before: number;
  readonly after: number;
}

/** The one stretch that holds all changes. @param count Lines of the text before. */
export function changedLines(changes: readonly TextChange[], count: number): ChangedLines {
  let lines = count;
  let [first, behind] = [count, count];
  for (const { range: { start, end }, text } of changes) {
    first = Math.min(first, start.line);
    behind = Math.min(behind, lines - 1 - end.line);
    lines += text.split(/\r\n|\r|\n/).length - 1 - (end.line - start.line);
  }
  return { first, before: count - behind - first, after: lines - behind - first };
}
