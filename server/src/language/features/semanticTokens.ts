/** Colour that needs meaning: is the task known, is the picture there, what is a label. */
import type { CheckpointKind } from '../../../../paligemma/src/facts';
import type { Range } from 'vscode-languageserver-types';
import { checkpointOf } from '../knowledge/checkpoint';
import type { LanguageContext } from '../knowledge/context';
import { positionOf, promptsBetween, shapeOf } from '../syntax/document';
import type { PromptDocument } from '../syntax/document';
import { unitsBefore } from '../text/encoding';
import type { PositionEncoding } from '../text/encoding';
import { checkpointFacts } from '../knowledge/models';
import type { CheckpointFacts } from '../knowledge/models';
import type { DirectiveNode, ExpectationNode, PromptNode, PromptState, TextPart } from '../syntax/parser';
import { readTokens } from '../syntax/promptShape';
import type { PromptShape, TextSpan } from '../syntax/promptShape';
import { settingKey } from '../syntax/settingKeys';

export const semanticTokenTypes = [
  'comment',
  'decorator',
  'keyword',
  'enumMember',
  'variable',
  'string',
  'operator',
  'number',
  'property',
  'namespace',
  'macro',
] as const;
/**
 * `unresolved`: a task that the checkpoint does not know, a picture that is not there. `expected`: part of a `=>` line.
 */
export const semanticTokenModifiers = ['unresolved', 'expected'] as const;

type TokenType = (typeof semanticTokenTypes)[number];
type Modifier = (typeof semanticTokenModifiers)[number];

interface Piece {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly type: TokenType;
  readonly modifiers: readonly Modifier[];
}

const typeIndex = new Map<string, number>(semanticTokenTypes.map((type, index) => [type, index]));

/** Tokens as LSP packs them, five numbers each, of the whole document or of a range of lines. */
export function semanticTokens(
  document: PromptDocument,
  context: LanguageContext,
  range?: Range,
  encoding: PositionEncoding = 'utf-16',
): number[] {
  const { from, to } = linesIn(document, range);
  const pieces: Piece[] = [];
  for (let line = from; line <= to; line++) {
    const scanned = document.lines[line];
    if (scanned?.kind === 'comment') {
      pieces.push({ line, start: scanned.start, end: scanned.end, type: 'comment', modifiers: [] });
    }
  }
  const isIn = (first: number, last: number) => last >= from && first <= to;
  for (const directive of document.directives) {
    if (isIn(directive.line, directive.line)) directivePieces(document, directive, context, pieces);
  }
  for (const expectation of document.strayExpectations) {
    if (isIn(expectation.line, expectation.endLine)) expectationPieces(document, expectation, pieces);
  }
  const kinds = new Map<PromptState, CheckpointFacts>();
  for (const prompt of promptsBetween(document, from, to)) {
    let facts = kinds.get(prompt.state);
    if (facts === undefined) kinds.set(prompt.state, facts = checkpointOf(prompt.state, context));
    promptPieces(document, prompt, facts.kind, pieces);
    for (const expectation of prompt.expectations) expectationPieces(document, expectation, pieces);
  }
  return pack(document, pieces.filter(piece => isIn(piece.line, piece.line)), encoding);
}

function linesIn(document: PromptDocument, range: Range | undefined): { from: number; to: number } {
  const last = document.lines.length - 1;
  return range === undefined
    ? { from: 0, to: last }
    : { from: Math.max(0, range.start.line), to: Math.min(range.end.line, last) };
}

function directivePieces(
  document: PromptDocument,
  directive: DirectiveNode,
  context: LanguageContext,
  pieces: Piece[],
): void {
  const add = (
    span: { readonly line: number; readonly start: number; readonly end: number },
    type: TokenType,
    isResolved = true,
  ) =>
    pieces.push({
      line: span.line,
      start: span.start,
      end: span.end,
      type,
      modifiers: isResolved ? [] : ['unresolved'],
    });
  add(directive.name, 'decorator', directive.kind !== 'unknown');
  switch (directive.kind) {
    case 'model':
      add(
        directive.value,
        'namespace',
        checkpointFacts(directive.model, context.models).isKnown
          || context.modelFolderExists(document.uri, directive.model) !== false,
      );
      break;
    case 'image':
      for (const item of directive.items) {
        add(item, 'string', context.images(document.uri, item.text)?.uris.length !== 0);
      }
      break;
    case 'set': {
      add(directive.key, 'property', settingKey(directive.keyText) !== undefined);
      const isRight = Object.keys(directive.parsed).length > 0;
      add(directive.setting, /^\d/.test(directive.settingText) ? 'number' : 'enumMember', isRight);
      break;
    }
    case 'unknown':
      break;
  }
}

function promptPieces(document: PromptDocument, prompt: PromptNode, kind: CheckpointKind, pieces: Piece[]): void {
  const first = document.lines[prompt.line];
  const add = (span: TextSpan, type: TokenType, modifiers: readonly Modifier[] = []) => {
    addSpan(prompt.parts, span, type, modifiers, pieces);
  };
  if (prompt.isLiteral && first !== undefined) {
    pieces.push({ line: prompt.line, start: first.start - 1, end: first.start, type: 'operator', modifiers: [] });
  }
  const shape = shapeOf(document, prompt);
  if (shape.task === undefined) {
    const isStrict = kind === 'pt' || kind === 'demo';
    if (isStrict && !prompt.isLiteral) add(shape.word, 'keyword', ['unresolved']);
  } else add(shape.word, 'keyword', shape.task.knownTo[kind] === 'no' ? ['unresolved'] : []);
  if (shape.language !== undefined) add(shape.second, 'enumMember');
  bodyPieces(shape, add);
  for (let line = prompt.line; line <= prompt.endLine; line++) {
    const scanned = document.lines[line];
    if (scanned?.joinsNext === true) {
      pieces.push({ line, start: scanned.text.length - 1, end: scanned.text.length, type: 'operator', modifiers: [] });
    }
  }
}

function bodyPieces(shape: PromptShape, add: (span: TextSpan, type: TokenType) => void): void {
  if (shape.objects.length > 0) {
    shape.objects.forEach((object, index) => {
      add(object, 'variable');
      const separator = shape.separators[index];
      if (separator !== undefined) add({ start: separator, end: separator + 1 }, 'operator');
    });
    return;
  }
  for (const token of shape.tokens) add(token, token.kind === 'special' ? 'macro' : 'number');
}

function expectationPieces(document: PromptDocument, expectation: ExpectationNode, pieces: Piece[]): void {
  const line = document.lines[expectation.line];
  const arrow = line?.text.indexOf('=>') ?? -1;
  if (arrow >= 0) {
    pieces.push({ line: expectation.line, start: arrow, end: arrow + 2, type: 'operator', modifiers: ['expected'] });
  }
  for (const part of expectation.parts) {
    let at = 0;
    const add = (start: number, end: number, type: TokenType) => {
      if (end > start) {
        pieces.push({
          line: part.line,
          start: part.start + start,
          end: part.start + end,
          type,
          modifiers: ['expected'],
        });
      }
    };
    for (const token of readTokens(part.text)) {
      add(at, token.start, 'string');
      add(token.start, token.end, 'number');
      at = token.end;
    }
    add(at, part.text.length, 'string');
  }
}

/** A span of a prompt's text as pieces of single lines: LSP tokens do not cross line ends. */
function addSpan(
  parts: readonly TextPart[],
  span: TextSpan,
  type: TokenType,
  modifiers: readonly Modifier[],
  pieces: Piece[],
): void {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    if (span.end > span.start) {
      pieces.push({ line: only.line, start: only.start + span.start, end: only.start + span.end, type, modifiers });
    }
    return;
  }
  const start = positionOf(parts, span.start);
  const end = positionOf(parts, span.end);
  if (start.line === end.line) {
    if (end.character > start.character) {
      pieces.push({ line: start.line, start: start.character, end: end.character, type, modifiers });
    }
    return;
  }
  for (const part of parts) {
    if (part.line < start.line || part.line > end.line) continue;
    const from = part.line === start.line ? start.character : part.start;
    const to = part.line === end.line ? end.character : part.start + part.text.length;
    if (to > from) pieces.push({ line: part.line, start: from, end: to, type, modifiers });
  }
}

function pack(document: PromptDocument, pieces: Piece[], encoding: PositionEncoding): number[] {
  pieces.sort((a, b) => a.line - b.line || a.start - b.start);
  const data: number[] = [];
  let line = 0;
  let character = 0;
  let lastEnd = -1;
  for (const piece of pieces) {
    if (piece.end <= piece.start || (piece.line === line && piece.start < lastEnd)) continue;
    const text = document.lines[piece.line]?.text ?? '';
    const start = unitsBefore(text, piece.start, encoding);
    const length = encoding === 'utf-16' ? piece.end - piece.start : unitsBefore(text, piece.end, encoding) - start;
    let bits = 0;
    for (const modifier of piece.modifiers) bits |= 1 << semanticTokenModifiers.indexOf(modifier);
    data.push(
      piece.line - line,
      piece.line === line ? start - character : start,
      length,
      typeIndex.get(piece.type) ?? 0,
      bits,
    );
    line = piece.line;
    character = start;
    lastEnd = piece.end;
  }
  return data;
}
