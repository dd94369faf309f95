/**
 * Lines and tokens of a prompt file. Each physical line is read on its own; the only thing that one line tells the next
 * is whether it is joined to it. That makes an edit cheap: lines are immutable and are kept while their text stays.
 */

/** What a line is. `joined` continues the prompt or the expectation of the line above. */
export type LineKind = 'blank' | 'comment' | 'directive' | 'prompt' | 'expectation' | 'joined';
export type LineEnd = '' | '\n' | '\r\n' | '\r';
/** What a joined line continues. */
export type Joinable = 'prompt' | 'expectation';

/** One physical line. Offsets count UTF-16 units from the start of the line. */
export interface ScannedLine {
  /** Without the line end. */
  readonly text: string;
  readonly eol: LineEnd;
  readonly kind: LineKind;
  /** What this line continues; only where `kind` is `joined`. */
  readonly joinedTo: Joinable | undefined;
  /** First unit of the content: behind byte order mark, indentation, marker or leading backslash. */
  readonly start: number;
  /** Behind the last unit of the content: before the joining backslash and before what is not sent. */
  readonly end: number;
  /** A backslash at the end joins the next line. */
  readonly joinsNext: boolean;
  /** A prompt whose leading backslash takes every meaning from the rest of the line. */
  readonly isLiteral: boolean;
  readonly hasByteOrderMark: boolean;
}

export type TokenKind =
  | 'byteOrderMark'
  | 'space'
  | 'comment'
  | 'directive'
  | 'value'
  | 'escape'
  | 'text'
  | 'emptyPrompt'
  | 'join'
  | 'arrow'
  | 'lineEnd';

/** A piece of a line. The tokens of a line follow each other without a gap and give back its text and its line end. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

const BYTE_ORDER_MARK = 0xfeff;
const BACKSLASH = 0x5c;
const ARROW = '=>';

/**
 * Splits text at `\n`, `\r\n` and `\r`, the line ends of LSP. The last part has no line end; there is always one part.
 */
export function splitLines(text: string): { text: string; eol: LineEnd }[] {
  const parts: { text: string; eol: LineEnd }[] = [];
  let start = 0;
  let nextReturn = text.indexOf('\r');
  let nextFeed = text.indexOf('\n');
  while (nextReturn >= 0 || nextFeed >= 0) {
    const isReturn = nextReturn >= 0 && (nextFeed < 0 || nextReturn < nextFeed);
    const at = isReturn ? nextReturn : nextFeed;
    const eol: LineEnd = !isReturn ? '\n' : nextFeed === at + 1 ? '\r\n' : '\r';
    parts.push({ text: text.slice(start, at), eol });
    start = at + eol.length;
    if (nextReturn >= 0 && nextReturn < start) nextReturn = text.indexOf('\r', start);
    if (nextFeed >= 0 && nextFeed < start) nextFeed = text.indexOf('\n', start);
  }
  parts.push({ text: text.slice(start), eol: '' });
  return parts;
}

/** Reads one line. `joinedTo`: what the line above continues on this line. Never throws. */
export function scanLine(text: string, eol: LineEnd, joinedTo: Joinable | undefined, isFirst: boolean): ScannedLine {
  const hasByteOrderMark = isFirst && text.charCodeAt(0) === BYTE_ORDER_MARK;
  const begin = hasByteOrderMark ? 1 : 0;
  // One literal with all fields, and no spreading: this runs for every line of a file that is opened.
  const make = (kind: LineKind, start: number, end: number, joinsNext = false, isLiteral = false): ScannedLine => ({
    text,
    eol,
    kind,
    joinedTo,
    start,
    end,
    joinsNext,
    isLiteral,
    hasByteOrderMark,
  });
  const endsWithBackslash = text.charCodeAt(text.length - 1) === BACKSLASH;
  const contentEnd = endsWithBackslash ? text.length - 1 : text.length;
  if (joinedTo !== undefined) return make('joined', 0, contentEnd, endsWithBackslash);
  const indent = skipSpace(text, 0);
  if (indent === text.length) return make('blank', text.length, text.length);
  switch (text[indent]) {
    case '#':
      return make('comment', indent, trimmedEnd(text));
    case '@':
      return make('directive', indent, trimmedEnd(text));
    case '=':
      if (indent === begin || text[indent + 1] !== '>') break;
      return make('expectation', ...expectationContent(text, indent, endsWithBackslash));
    case '\\':
      if (indent === begin) return make('prompt', begin + 1, text.length, false, true);
      break;
    case '"':
      if (isEmptyPrompt(text, indent)) return make('prompt', text.length, text.length);
      break;
    default:
      break;
  }
  return make('prompt', begin, contentEnd, endsWithBackslash);
}

/** What the line below is joined to. */
export function joinOf(line: ScannedLine): Joinable | undefined {
  if (!line.joinsNext) return undefined;
  return line.kind === 'joined' ? line.joinedTo : line.kind === 'expectation' ? 'expectation' : 'prompt';
}

/** The content of a line: what is sent of a prompt, what is expected, a directive with its value, a comment. */
export function contentOf(line: ScannedLine): string {
  return line.text.slice(line.start, line.end);
}

/** True for a prompt written as `""`. */
export function isEmptyPromptLine(line: ScannedLine): boolean {
  return line.kind === 'prompt' && !line.isLiteral && line.start === line.text.length && line.text.length > 0;
}

/** The tokens of a line, its line end included; see {@link Token}. */
export function lineTokens(line: ScannedLine): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const to = (kind: TokenKind, end: number) => {
    if (end > at) tokens.push({ kind, start: at, end });
    at = Math.max(at, end);
  };
  if (line.hasByteOrderMark) to('byteOrderMark', 1);
  const { text } = line;
  switch (line.kind) {
    case 'blank':
      break;
    case 'comment':
      to('space', line.start);
      to('comment', line.end);
      break;
    case 'directive':
      to('space', line.start);
      to('directive', directiveNameEnd(line));
      to('space', skipSpace(text, at));
      to('value', line.end);
      break;
    case 'expectation':
      to('space', skipSpace(text, 0));
      to('arrow', at + ARROW.length);
      to('space', line.start);
      to('text', line.end);
      break;
    case 'prompt':
      if (line.isLiteral) to('escape', line.start);
      else if (isEmptyPromptLine(line)) {
        to('space', skipSpace(text, 0));
        to('emptyPrompt', at + 2);
      }
      to('text', line.end);
      break;
    case 'joined':
      to('text', line.end);
      break;
  }
  if (line.joinsNext) {
    to('space', text.length - 1);
    to('join', text.length);
  }
  to('space', text.length);
  to('lineEnd', text.length + line.eol.length);
  return tokens;
}

/** Behind the `@` and the name of a directive line. */
export function directiveNameEnd(line: ScannedLine): number {
  let end = line.start + 1;
  while (end < line.end && !isSpace(line.text, end)) end++;
  return end;
}

/** The first unit at or behind `from` that is not white space. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text, at)) at++;
  return at;
}

/** White space as `String.prototype.trim` sees it, line ends included. */
export function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code <= 0x20) return code === 0x20 || (code >= 9 && code <= 13);
  return code >= 0xa0 && /\s/.test(text.charAt(at));
}

/** Where the expected text begins and ends, and whether the next line is joined to it. */
function expectationContent(
  text: string,
  arrowAt: number,
  endsWithBackslash: boolean,
): [start: number, end: number, joinsNext: boolean] {
  const start = skipSpace(text, arrowAt + ARROW.length);
  const joinsNext = endsWithBackslash && start < text.length;
  return [start, joinsNext ? text.length - 1 : Math.max(start, trimmedEnd(text)), joinsNext];
}

function trimmedEnd(text: string): number {
  let end = text.length;
  while (end > 0 && isSpace(text, end - 1)) end--;
  return end;
}

function isEmptyPrompt(text: string, indent: number): boolean {
  return text.startsWith('""', indent) && skipSpace(text, indent + 2) === text.length;
}
