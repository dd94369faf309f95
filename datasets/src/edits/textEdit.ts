/** Changes of a text as places with what comes there: what is not named keeps its letters. */
import type { Span } from '../lines/lineText';

/** UTF-16 offsets in the text as it was before any of the edits. */
export interface TextEdit extends Span {
  readonly text: string;
}

/** @param edits Apart from each other, in any order. */
export function editedText(text: string, edits: readonly TextEdit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return parts.join('') + text.slice(at);
}

/** What makes one text of another: the part in which they differ, whole code points. Undefined where they are the same. */
export function differingPart(before: string, after: string): TextEdit | undefined {
  if (before === after) return undefined;
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start++;
  if (splitsPair(before, start) || splitsPair(after, start)) start--;
  let same = 0;
  while (same < least - start && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  if (splitsPair(before, before.length - same) || splitsPair(after, after.length - same)) same--;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

/** Half a pair of surrogates, written beside the other half as an escape, would be two characters to some readers. */
function splitsPair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(Math.max(0, at - 1), at + 1));
}
