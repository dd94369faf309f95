/**
 * Markdown without what is no Markdown: a text of the same length in which code, comments and front matter are blank.
 */
import { Finder, type Span } from './imageLink';

interface Fence {
  readonly char: string;
  readonly length: number;
  readonly isQuoted: boolean;
}

/** A fenced block of code: programs of R Markdown and directives of MyST stand in such. */
export interface CodeBlock {
  /** The opening line, without its line end. */
  readonly opening: Span;
  /** The lines between the fences. */
  readonly body: Span;
}

const listMarker = /^(?:[-*+]|\d{1,9}[.)])[ \t]/;

/**
 * Line ends stay where they are, so that lines and paragraphs do too.
 * @param onCode Is told of every fenced block, in order.
 */
export function maskMarkdown(text: string, isMdx: boolean, onCode: (block: CodeBlock) => void = () => {}): string {
  const blank = new Blanker(text);
  blankBlocks(text, blank, isMdx, onCode);
  const withoutBlocks = blank.result();
  const inline = new Blanker(withoutBlocks);
  blankCodeSpans(withoutBlocks, inline);
  return blankComments(inline.result(), isMdx);
}

function blankBlocks(text: string, blank: Blanker, isMdx: boolean, onCode: (block: CodeBlock) => void): void {
  const finder = new Finder(text);
  const indented = new IndentedCode();
  let fence: Fence | undefined;
  let opening: Span = { start: 0, end: 0 };
  for (let start = frontMatterEnd(text, blank); start < text.length;) {
    const end = finder.next('\n', start);
    const line = text.slice(start, Math.min(end, start + 1000));
    const inside = fence;
    fence = inside === undefined ? openingFence(line) : isClosed(line, inside) ? undefined : inside;
    if (inside === undefined && fence === undefined) {
      if (indented.takes(line) && !isMdx) blank.add({ start, end });
    } else {
      blank.add({ start, end });
      indented.reset();
      if (inside === undefined) opening = { start, end };
      else if (fence === undefined) onCode({ opening, body: { start: opening.end + 1, end: start } });
    }
    start = end + 1;
  }
}

/** Follows the lines outside of fences. */
class IndentedCode {
  private isAfterBlank = true;
  private isInList = false;

  /** Whether the next line is code by its indentation. Inside of a list that may as well be text. */
  takes(line: string): boolean {
    const isBlank = line.trim() === '';
    if (!isBlank) {
      this.isInList = listMarker.test(line.trimStart())
        || (this.isInList && !(this.isAfterBlank && indentOf(line) === 0));
    }
    if (this.isAfterBlank && !this.isInList && !isBlank && indentOf(line) >= 4) return true;
    this.isAfterBlank = isBlank;
    return false;
  }

  reset(): void {
    this.isAfterBlank = false;
  }
}

/** @returns Where the body starts. */
function frontMatterEnd(text: string, blank: Blanker): number {
  const opening = /^\ufeff?---[ \t]*\r?\n/.exec(text.slice(0, 200));
  if (opening === null) return 0;
  const closing = /^(?:---|\.\.\.)[ \t]*\r?$/m;
  const body = text.slice(opening[0].length, 100_000);
  const match = closing.exec(body);
  if (match === null) return 0;
  const end = opening[0].length + match.index + match[0].length;
  blank.add({ start: 0, end });
  return end;
}

function openingFence(line: string): Fence | undefined {
  const match = /^((?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t])*)(`{3,}|~{3,})(.*)$/.exec(line);
  if (match === null || (match[2]!.startsWith('`') && match[3]!.includes('`'))) return undefined;
  return { char: match[2]![0]!, length: match[2]!.length, isQuoted: match[1]!.includes('>') };
}

function isClosed(line: string, { char, length, isQuoted }: Fence): boolean {
  if (isQuoted && !/^[ \t]*>/.test(line)) return true;
  const bare = line.replace(/^[ \t>]+/, '').trimEnd();
  return bare.length >= length && bare === char.repeat(bare.length);
}

function indentOf(line: string): number {
  let indent = 0;
  for (const char of line) {
    if (char === ' ') indent++;
    else if (char === '\t') indent += 4 - indent % 4;
    else break;
  }
  return indent;
}

/** A run of backticks opens a span that the next run of the same length in the paragraph closes. */
function blankCodeSpans(text: string, blank: Blanker): void {
  let runs: Span[] = [];
  const close = () => {
    const nextOfLength = new Map<number, number>();
    const partner: (number | undefined)[] = [];
    for (let index = runs.length - 1; index >= 0; index--) {
      const length = runs[index]!.end - runs[index]!.start;
      partner[index] = nextOfLength.get(length);
      nextOfLength.set(length, index);
    }
    for (let index = 0; index < runs.length; index++) {
      const other = partner[index];
      if (other === undefined || text[runs[index]!.start - 1] === '\\') continue;
      blank.add({ start: runs[index]!.start, end: runs[other]!.end });
      index = other;
    }
    runs = [];
  };
  for (const match of text.matchAll(/`+|\n(?=[ \t>]{0,100}\r?\n)/g)) {
    if (match[0] === '\n') close();
    else runs.push({ start: match.index, end: match.index + match[0].length });
  }
  close();
}

function blankComments(text: string, isMdx: boolean): string {
  const [open, end] = isMdx ? ['{/*', '*/}'] as const : ['<!--', '-->'] as const;
  const blank = new Blanker(text);
  const finder = new Finder(text);
  for (let at = finder.next(open, 0); at < text.length; at = finder.next(open, at + 1)) {
    const close = finder.next(end, at + open.length);
    if (close >= text.length) break;
    blank.add({ start: at, end: close + end.length });
    at = close;
  }
  return blank.result();
}

/** Blanks spans that come in order. */
class Blanker {
  private readonly parts: string[] = [];
  private done = 0;

  constructor(private readonly text: string) {}

  add({ start, end }: Span): void {
    if (end <= this.done) return;
    this.parts.push(
      this.text.slice(this.done, Math.max(start, this.done)),
      this.text.slice(Math.max(start, this.done), end).replace(/[^\r\n]/g, '\0'),
    );
    this.done = end;
  }

  result(): string {
    return this.parts.join('') + this.text.slice(this.done);
  }
}
