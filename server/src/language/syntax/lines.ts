/** The lines of a document and what an edit does to them: only lines whose text or joining changed are read again. */
import type { Range } from 'vscode-languageserver-types';
import { joinOf, scanLine, splitLines } from './scanner';
import type { Joinable, LineEnd, ScannedLine } from './scanner';

export function scanText(text: string): ScannedLine[] {
  const lines: ScannedLine[] = [];
  let joined: Joinable | undefined;
  for (const part of splitLines(text)) {
    const line = scanLine(part.text, part.eol, joined, lines.length === 0);
    lines.push(line);
    joined = joinOf(line);
  }
  return lines;
}

export function joinText(lines: readonly ScannedLine[]): string {
  return lines.map(line => line.text + line.eol).join('');
}

/**
 * The lines after one edit. `range` is clamped to the text. The result equals `scanText` of the edited text; lines that
 * the edit does not touch are the same objects.
 */
export function editLines(lines: readonly ScannedLine[], range: Range, newText: string): ScannedLine[] {
  let [from, to] = clamp(lines, range);
  const first = lines[from.line];
  const last = lines[to.line];
  if (first === undefined || last === undefined) return scanText(newText);
  let text = first.text.slice(0, from.character) + newText + last.text.slice(to.character) + last.eol;
  // A line feed right behind a lone carriage return makes one line end of the two.
  const above = lines[from.line - 1];
  if (from.character === 0 && above?.eol === '\r' && text.startsWith('\n')) {
    text = above.text + above.eol + text;
    from = { line: from.line - 1, character: 0 };
  }
  const parts = splitLines(text);
  // The part behind the last line end is the line that follows, unless the document ends there.
  const endsWithLine = to.line + 1 < lines.length;
  if (endsWithLine) parts.pop();
  to = { line: to.line + 1, character: 0 };
  return rescan(lines, from.line, to.line, parts);
}

/** Replaces `lines[from…to)` by `parts` and goes on below until a line is joined as it was before. */
function rescan(
  lines: readonly ScannedLine[],
  from: number,
  to: number,
  parts: readonly { text: string; eol: LineEnd }[],
): ScannedLine[] {
  const above = lines[from - 1];
  let joined = above === undefined ? undefined : joinOf(above);
  const result = lines.slice(0, from);
  for (const part of parts) {
    const line = scanLine(part.text, part.eol, joined, result.length === 0);
    result.push(line);
    joined = joinOf(line);
  }
  let next = to;
  for (
    let line = lines[next];
    line !== undefined && (line.joinedTo !== joined || result.length === 0);
    line = lines[++next]
  ) {
    const again = scanLine(line.text, line.eol, joined, result.length === 0);
    result.push(again);
    joined = joinOf(again);
  }
  // Not `push(...)`: spreading a hundred thousand lines overflows the stack.
  return next < lines.length ? result.concat(lines.slice(next)) : result;
}

function clamp(
  lines: readonly ScannedLine[],
  range: Range,
): [{ line: number; character: number }, { line: number; character: number }] {
  const start = clampPosition(lines, range.start);
  const end = clampPosition(lines, range.end);
  return start.line > end.line || (start.line === end.line && start.character > end.character)
    ? [end, start]
    : [start, end];
}

/** Moves a position into the text: LSP takes any line and character and means the nearest place. */
export function clampPosition(
  lines: readonly Pick<ScannedLine, 'text'>[],
  position: { readonly line: number; readonly character: number },
): { line: number; character: number } {
  if (position.line < 0) return { line: 0, character: 0 };
  const line = lines[position.line];
  if (line === undefined) return { line: Math.max(0, lines.length - 1), character: lines.at(-1)?.text.length ?? 0 };
  return { line: position.line, character: Math.min(Math.max(0, position.character), line.text.length) };
}
