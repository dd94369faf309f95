/** Growing the selection: word, part of the prompt, prompt, its line, its expectations, its section, the file. */
import type { Position, Range, SelectionRange } from 'vscode-languageserver-types';
import {
  clampToDocument,
  directiveAt,
  expectationAt,
  lastLineOf,
  linesRange,
  offsetOf,
  promptAt,
  rangeOf,
  shapeOf,
  spanRange,
} from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { trimSpan, wordAt } from '../syntax/promptShape';
import type { TextSpan } from '../syntax/promptShape';

export function selectionRanges(document: PromptDocument, positions: readonly Position[]): SelectionRange[] {
  return positions.map(where => {
    const position = clampToDocument(document, where);
    const ranges = [
      ...rangesAt(document, position),
      sectionRange(document, position.line),
      linesRange(document, 0, document.lines.length - 1),
    ];
    return nest(ranges, position);
  });
}

/** From the inside to the outside; each must hold the one before. */
function rangesAt(document: PromptDocument, position: Position): Range[] {
  const directive = directiveAt(document, position.line);
  const line = linesRange(document, position.line, position.line);
  if (directive !== undefined) {
    const inner = directive.kind === 'image'
      ? directive.items
      : directive.kind === 'set'
      ? [directive.key, directive.setting]
      : [];
    return [...[...inner, directive.name, directive.value].map(spanRange), line];
  }
  const prompt = promptAt(document, position.line);
  if (prompt === undefined) return [line];
  const all = linesRange(document, prompt.line, lastLineOf(prompt));
  const expectation = position.line > prompt.endLine ? expectationAt(prompt, position.line) : undefined;
  if (expectation !== undefined) {
    const text = rangeOf(expectation.parts, {
      start: 0,
      end: expectation.parts.map(part => part.text).join('\n').length,
    });
    return [text, linesRange(document, expectation.line, expectation.endLine), all];
  }
  const offset = offsetOf(prompt.parts, position);
  const spans = offset === undefined ? [] : spansAt(document, prompt, offset);
  return [...spans.map(span => rangeOf(prompt.parts, span)), linesRange(document, prompt.line, prompt.endLine), all];
}

function spansAt(
  document: PromptDocument,
  prompt: NonNullable<ReturnType<typeof promptAt>>,
  offset: number,
): TextSpan[] {
  const shape = shapeOf(document, prompt);
  const { text } = shape;
  const holds = (span: TextSpan) => span.start <= offset && offset <= span.end;
  let wordStart = offset;
  while (wordStart > 0 && offset - wordStart < 1000 && !/\s/.test(text[wordStart - 1] ?? '')) wordStart--;
  const word = wordAt(text, wordStart);
  const candidates = [
    ...shape.tokens.filter(holds),
    word,
    ...shape.objects.filter(holds),
    shape.body,
    trimSpan(text, 0, text.length),
    { start: 0, end: text.length },
  ];
  return candidates.filter(span => holds(span) && span.end > span.start);
}

/** The lines from the directive above to the line before the next one. */
function sectionRange(document: PromptDocument, line: number): Range {
  let from = 0;
  let to = document.lines.length - 1;
  for (const directive of document.directives) {
    if (directive.kind !== 'image' && directive.kind !== 'model') continue;
    if (directive.line <= line) from = directive.line;
    else {
      to = directive.line - 1;
      break;
    }
  }
  return linesRange(document, from, to);
}

function nest(ranges: readonly Range[], position: Position): SelectionRange {
  let result: SelectionRange | undefined;
  for (const range of [...ranges].reverse()) {
    if (!holdsPosition(range, position) || (result !== undefined && !isStrictlyInside(range, result.range))) continue;
    result = result === undefined ? { range } : { range, parent: result };
  }
  return result ?? { range: { start: position, end: position } };
}

function holdsPosition(range: Range, position: Position): boolean {
  return compare(range.start, position) <= 0 && compare(position, range.end) <= 0;
}

function isStrictlyInside(inner: Range, outer: Range): boolean {
  const start = compare(outer.start, inner.start);
  const end = compare(inner.end, outer.end);
  return start <= 0 && end <= 0 && (start < 0 || end < 0);
}

function compare(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}
