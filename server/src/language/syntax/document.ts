/**
 * A prompt file: its lines, what they mean, and where things stand. Immutable; an edit gives a new one that shares most
 * lines.
 */
import type { Position, Range, TextEdit } from 'vscode-languageserver-types';
import { toUtf16 } from '../text/encoding';
import type { PositionEncoding } from '../text/encoding';
import { clampPosition, editLines, joinText, scanText } from './lines';
import { emptyState, indexBehind, parseLines, reparseLines } from './parser';
import type { DirectiveNode, ExpectationNode, PromptFile, PromptNode, PromptState, Span, TextPart } from './parser';
import { readShape } from './promptShape';
import type { PromptShape, TextSpan } from './promptShape';
import type { ScannedLine } from './scanner';

export interface PromptDocument extends PromptFile {
  readonly uri: string;
  readonly version: number;
  readonly lines: readonly ScannedLine[];
  /** Shapes of prompts by their text, shared by the versions of a document; see {@link shapeOf}. */
  readonly shapes: Map<string, PromptShape>;
}

/** One edit as `textDocument/didChange` brings it; without `range` the whole text is replaced. */
export interface ContentChange {
  readonly range?: Range;
  readonly text: string;
}

/** Reads a whole text. Takes any text and never throws. */
export function createDocument(uri: string, version: number, text: string): PromptDocument {
  return fromLines(uri, version, scanText(text), new Map());
}

/** Applies edits one after the other, as LSP orders them. `encoding`: what the positions of the edits count. */
export function changeDocument(
  document: PromptDocument,
  changes: readonly ContentChange[],
  version: number,
  encoding: PositionEncoding = 'utf-16',
): PromptDocument {
  let lines = document.lines;
  for (const change of changes) {
    lines = change.range === undefined ? scanText(change.text) : editLines(lines, {
      start: toUtf16(lines, change.range.start, encoding),
      end: toUtf16(lines, change.range.end, encoding),
    }, change.text);
  }
  return fromLines(document.uri, version, lines, document.shapes, document);
}

/** The document after edits that do not overlap, all of them in places of this document, as a client applies them. */
export function withEdits(document: PromptDocument, edits: readonly TextEdit[]): PromptDocument {
  const sorted = [...edits].sort((a, b) =>
    a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character
  );
  const parts: string[] = [];
  let at: Position = { line: 0, character: 0 };
  const copyTo = (end: Position) => {
    for (; at.line < end.line; at = { line: at.line + 1, character: 0 }) {
      const line = document.lines[at.line];
      parts.push(line?.text.slice(at.character) ?? '', line?.eol ?? '');
    }
    parts.push(document.lines[at.line]?.text.slice(at.character, Math.max(at.character, end.character)) ?? '');
    at = end;
  };
  for (const edit of sorted) {
    copyTo(edit.range.start);
    parts.push(edit.newText);
    at = edit.range.end;
  }
  copyTo({ line: document.lines.length - 1, character: document.lines.at(-1)?.text.length ?? 0 });
  return fromLines(document.uri, document.version, scanText(parts.join('')), document.shapes);
}

/**
 * Texts of prompts that are gone stay known up to this many times the prompts that are there: undo brings them back.
 */
const SPARE_SHAPES = 2;

function fromLines(
  uri: string,
  version: number,
  lines: readonly ScannedLine[],
  shapes: Map<string, PromptShape>,
  before?: PromptDocument,
): PromptDocument {
  const file = before === undefined ? parseLines(lines) : reparseLines(before.lines, before, lines);
  const { prompts, directives, states, strayExpectations } = file;
  const isFull = shapes.size > 100 + SPARE_SHAPES * prompts.length;
  return {
    uri,
    version,
    lines,
    prompts,
    directives,
    states,
    strayExpectations,
    shapes: isFull ? new Map<string, PromptShape>() : shapes,
  };
}

export function documentText(document: PromptDocument): string {
  return joinText(document.lines);
}

/** What a prompt means; read on first use. */
export function shapeOf(document: PromptDocument, prompt: PromptNode): PromptShape {
  let shape = document.shapes.get(prompt.text);
  if (shape === undefined) document.shapes.set(prompt.text, shape = readShape(prompt.text));
  return shape;
}

/** Where an offset of a text that may span lines stands in the document. */
export function positionOf(parts: readonly TextPart[], offset: number): Position {
  let rest = offset;
  for (const part of parts) {
    if (rest <= part.text.length) return { line: part.line, character: part.start + Math.max(0, rest) };
    rest -= part.text.length + 1;
  }
  const last = parts.at(-1);
  return { line: last?.line ?? 0, character: (last?.start ?? 0) + (last?.text.length ?? 0) };
}

export function rangeOf(parts: readonly TextPart[], span: TextSpan): Range {
  return { start: positionOf(parts, span.start), end: positionOf(parts, span.end) };
}

/** The offset in the text of a prompt that a position stands at; undefined outside of its parts. */
export function offsetOf(parts: readonly TextPart[], position: Position): number | undefined {
  let before = 0;
  for (const part of parts) {
    if (part.line === position.line) {
      const inside = position.character - part.start;
      return inside >= 0 && inside <= part.text.length ? before + inside : undefined;
    }
    before += part.text.length + 1;
  }
  return undefined;
}

export function spanRange(span: Span): Range {
  return { start: { line: span.line, character: span.start }, end: { line: span.line, character: span.end } };
}

/** From the start of the first line to the end of the last one, line ends excluded. */
export function linesRange(document: PromptDocument, from: number, to: number): Range {
  return { start: { line: from, character: 0 }, end: { line: to, character: document.lines[to]?.text.length ?? 0 } };
}

/** The range that takes whole lines away, with the line end behind them or, at the end of the file, before them. */
export function wholeLinesRange(document: PromptDocument, from: number, to: number): Range {
  if (to + 1 < document.lines.length) {
    return { start: { line: from, character: 0 }, end: { line: to + 1, character: 0 } };
  }
  const above = document.lines[from - 1];
  const start = above === undefined ? { line: 0, character: 0 } : { line: from - 1, character: above.text.length };
  return { start, end: { line: to, character: document.lines[to]?.text.length ?? 0 } };
}

/** The last line that belongs to a prompt, its expectations included. */
export function lastLineOf(prompt: PromptNode): number {
  return prompt.expectations.at(-1)?.endLine ?? prompt.endLine;
}

/** The prompt whose lines, expectations included, hold a line. */
export function promptAt(document: PromptDocument, line: number): PromptNode | undefined {
  const prompt = lastStartingAt(document.prompts, line);
  return prompt !== undefined && line <= lastLineOf(prompt) ? prompt : undefined;
}

export function directiveAt(document: PromptDocument, line: number): DirectiveNode | undefined {
  const directive = lastStartingAt(document.directives, line);
  return directive?.line === line ? directive : undefined;
}

/** What the directives above a line say. */
export function stateAt(document: PromptDocument, line: number): PromptState {
  return document.states[indexBehind(document.directives, line) - 1] ?? emptyState;
}

export function expectationAt(prompt: PromptNode, line: number): ExpectationNode | undefined {
  return prompt.expectations.find(expectation => expectation.line <= line && line <= expectation.endLine);
}

/** The prompts that begin or end inside of a range of lines. */
export function promptsBetween(document: PromptDocument, from: number, to: number): readonly PromptNode[] {
  const { prompts } = document;
  let first = indexBehind(prompts, from);
  const before = prompts[first - 1];
  if (before !== undefined && lastLineOf(before) >= from) first--;
  return prompts.slice(first, indexBehind(prompts, to + 1));
}

/** The line end that the document uses first; `\n` in a document of one line. */
export function lineEndOf(document: PromptDocument): string {
  return document.lines[0]?.eol || '\n';
}

export function clampToDocument(document: PromptDocument, position: Position): Position {
  return clampPosition(document.lines, position);
}

function lastStartingAt<T extends { readonly line: number }>(nodes: readonly T[], line: number): T | undefined {
  return nodes[indexBehind(nodes, line + 1) - 1];
}
