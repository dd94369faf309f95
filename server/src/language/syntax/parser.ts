/** Lines → prompts, directives and expectations, and which directives apply to which prompt. Never throws. */
import { parseImageList } from './imageList';
import type { ImageItem } from './imageList';
import { contentOf, directiveNameEnd, isEmptyPromptLine, skipSpace } from './scanner';
import type { ScannedLine } from './scanner';
import { parseSetting } from './settingKeys';
import type { SettingValues } from './settingKeys';

/** Part of a line, in UTF-16 units; `line` counts from 0. */
export interface Span {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** The text of one physical line of a prompt or an expectation: the parts, joined by `\n`, are the whole. */
export interface TextPart {
  readonly line: number;
  readonly start: number;
  readonly text: string;
}

export interface PromptNode {
  readonly kind: 'prompt';
  readonly line: number;
  /** Last physical line of the prompt itself. */
  readonly endLine: number;
  /** Exactly what is sent; empty for `""`. */
  readonly text: string;
  readonly parts: readonly TextPart[];
  readonly isLiteral: boolean;
  /** Written as `""`. */
  readonly isEmptyForm: boolean;
  readonly state: PromptState;
  readonly expectations: readonly ExpectationNode[];
}

/** A suffix that is expected of a prompt. Several under one prompt are alternatives. */
export interface ExpectationNode {
  readonly line: number;
  readonly endLine: number;
  /** Without the white space around it. */
  readonly text: string;
  readonly parts: readonly TextPart[];
}

export type DirectiveNode = ModelDirective | ImageDirective | SetDirective | UnknownDirective;

interface DirectiveBase {
  readonly line: number;
  /** The `@` and the name as written. */
  readonly name: Span;
  /** What follows the name, without white space around it; empty at the end of the line where nothing follows. */
  readonly value: Span;
}

export interface ModelDirective extends DirectiveBase {
  readonly kind: 'model';
  /** Without quotes; empty where nothing is written. */
  readonly model: string;
}

export interface ImageDirective extends DirectiveBase {
  readonly kind: 'image';
  readonly items: readonly ImageItem[];
}

export interface SetDirective extends DirectiveBase {
  readonly kind: 'set';
  readonly key: Span;
  readonly keyText: string;
  readonly setting: Span;
  readonly settingText: string;
  /** A `=` or `:` between key and value, which does no harm. */
  readonly hasAssignment: boolean;
  /** The value where key and value are right. */
  readonly parsed: SettingValues;
}

export interface UnknownDirective extends DirectiveBase {
  readonly kind: 'unknown';
}

/** What the directives above a prompt say. Prompts between the same directives share the object. */
export interface PromptState {
  readonly model: ModelDirective | undefined;
  readonly images: ImageDirective | undefined;
  readonly settings: SettingValues;
  /** The lines that gave `settings`, one for each key. */
  readonly setDirectives: readonly SetDirective[];
}

export interface PromptFile {
  readonly prompts: readonly PromptNode[];
  readonly directives: readonly DirectiveNode[];
  /** What holds behind each of `directives`. */
  readonly states: readonly PromptState[];
  /** Indented `=>` lines without a prompt above. */
  readonly strayExpectations: readonly ExpectationNode[];
}

export const emptyState: PromptState = { model: undefined, images: undefined, settings: {}, setDirectives: [] };

/** A prompt whose expectations are still to come. */
type OpenPrompt = PromptNode & { readonly expectations: ExpectationNode[] };

export function parseLines(lines: readonly ScannedLine[]): PromptFile {
  return parseRange(lines, 0, lines.length, emptyState);
}

/**
 * The file after an edit. Where the edit keeps the number of lines and touches no directive, only the prompts around it
 * are parsed and all others stay the same objects; else everything is parsed. Equals `parseLines(lines)`.
 */
export function reparseLines(
  before: readonly ScannedLine[],
  file: PromptFile,
  lines: readonly ScannedLine[],
): PromptFile {
  if (before.length !== lines.length) return parseLines(lines);
  const changed = changedLines(before, lines);
  if (changed === undefined) return file;
  const { from, to } = changed;
  // Above the first prompt an expectation is a stray one; strays and directives are rare enough to begin anew.
  if (
    from === 0 || file.strayExpectations.length > 0 || hasDirective(lines, from, to) || hasDirective(before, from, to)
  ) return parseLines(lines);
  const first = indexBehind(file.prompts, from);
  const last = indexBehind(file.prompts, to);
  const state = file.states[indexBehind(file.directives, from) - 1] ?? emptyState;
  const part = parseRange(lines, from, to, state);
  if (part.strayExpectations.length > 0) return parseLines(lines);
  return { ...file, prompts: [...file.prompts.slice(0, first), ...part.prompts, ...file.prompts.slice(last)] };
}

/**
 * The lines between which two texts of equally many lines differ, widened to whole prompts: expectations reach back to
 * their prompt, and a prompt reaches forward to its expectations. Undefined where they are equal.
 */
function changedLines(
  before: readonly ScannedLine[],
  lines: readonly ScannedLine[],
): { from: number; to: number } | undefined {
  let from = 0;
  while (from < lines.length && lines[from] === before[from]) from++;
  if (from === lines.length) return undefined;
  let to = lines.length;
  while (lines[to - 1] === before[to - 1]) to--;
  while (from > 0 && !(isStart(lines[from]) && isStart(before[from]))) from--;
  while (to < lines.length && !isStart(lines[to])) to++;
  return { from, to };
}

function hasDirective(lines: readonly ScannedLine[], from: number, to: number): boolean {
  for (let line = from; line < to; line++) if (lines[line]?.kind === 'directive') return true;
  return false;
}

/** Index of the first node that begins at or behind `line`. */
export function indexBehind(nodes: readonly { readonly line: number }[], line: number): number {
  let low = 0;
  let high = nodes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nodes[middle]!.line < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isStart(line: ScannedLine | undefined): boolean {
  return line?.kind === 'prompt' || line?.kind === 'directive';
}

function parseRange(lines: readonly ScannedLine[], from: number, to: number, before: PromptState): PromptFile {
  const prompts: PromptNode[] = [];
  const directives: DirectiveNode[] = [];
  const states: PromptState[] = [];
  const strayExpectations: ExpectationNode[] = [];
  let state = before;
  let open: OpenPrompt | undefined;
  for (let index = from; index < to; index++) {
    const line = lines[index]!;
    switch (line.kind) {
      case 'blank':
      case 'comment':
      case 'joined':
        break;
      case 'directive': {
        const directive = parseDirective(line, index);
        directives.push(directive);
        state = applyDirective(state, directive);
        states.push(state);
        open = undefined;
        break;
      }
      case 'prompt': {
        open = parsePrompt(lines, index, state);
        prompts.push(open);
        index = open.endLine;
        break;
      }
      case 'expectation': {
        const expectation = parseExpectation(lines, index);
        if (open === undefined) strayExpectations.push(expectation);
        else open.expectations.push(expectation);
        index = expectation.endLine;
        break;
      }
    }
  }
  return { prompts, directives, states, strayExpectations };
}

/** The value of one directive line. */
export function parseDirective(line: ScannedLine, index: number): DirectiveNode {
  const nameEnd = directiveNameEnd(line);
  const valueStart = Math.min(skipSpace(line.text, nameEnd), Math.max(line.end, nameEnd));
  const name: Span = { line: index, start: line.start, end: nameEnd };
  const value: Span = { line: index, start: valueStart, end: Math.max(valueStart, line.end) };
  const base = { line: index, name, value };
  const text = line.text.slice(value.start, value.end);
  switch (line.text.slice(name.start, name.end)) {
    case '@model':
      return { ...base, kind: 'model', model: unquote(text) };
    case '@image':
      return { ...base, kind: 'image', items: parseImageList(text, index, value.start) };
    case '@set':
      return { ...base, kind: 'set', ...parseSetting(text, index, value.start) };
    default:
      return { ...base, kind: 'unknown' };
  }
}

function applyDirective(state: PromptState, directive: DirectiveNode): PromptState {
  switch (directive.kind) {
    case 'model':
      return { ...state, model: directive };
    case 'image':
      return { ...state, images: directive };
    case 'set': {
      if (Object.keys(directive.parsed).length === 0) return state;
      const others = state.setDirectives.filter(other => other.keyText !== directive.keyText);
      return { ...state, settings: { ...state.settings, ...directive.parsed }, setDirectives: [...others, directive] };
    }
    case 'unknown':
      return state;
  }
}

function parsePrompt(lines: readonly ScannedLine[], index: number, state: PromptState): OpenPrompt {
  const line = lines[index]!;
  const parts = partsFrom(lines, index);
  return {
    kind: 'prompt',
    line: index,
    endLine: index + parts.length - 1,
    text: joinParts(parts),
    parts,
    isLiteral: line.isLiteral,
    isEmptyForm: isEmptyPromptLine(line),
    state,
    expectations: [],
  };
}

function parseExpectation(lines: readonly ScannedLine[], index: number): ExpectationNode {
  const parts = partsFrom(lines, index);
  return { line: index, endLine: index + parts.length - 1, text: joinParts(parts).trim(), parts };
}

/** The part of a line and of the lines that it is joined to. */
function partsFrom(lines: readonly ScannedLine[], index: number): TextPart[] {
  const parts: TextPart[] = [];
  let line = lines[index];
  for (let at = index; line !== undefined; line = lines[++at]) {
    parts.push({ line: at, start: line.start, text: contentOf(line) });
    if (!line.joinsNext) break;
  }
  return parts;
}

function joinParts(parts: readonly TextPart[]): string {
  return parts.length === 1 ? parts[0]!.text : parts.map(part => part.text).join('\n');
}

function unquote(text: string): string {
  const quote = text[0];
  return (quote === '"' || quote === "'") && text.length > 1 && text.endsWith(quote) ? text.slice(1, -1) : text;
}
