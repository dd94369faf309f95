/** Pictures in reStructuredText: the directives `image` and `figure`, with the option `:alt:`. */
import type { ImageLink, Span } from './imageLink';

interface Line extends Span {
  readonly text: string;
  readonly indent: number;
}

// Source: docutils, "reStructuredText Directives": image, figure; a substitution definition may hold an image.
const directive =
  /^(\s*(?:(?:[-*+•]|\d{1,9}[.)])\s+)?)\.\.[ \t]+(?:\|[^|\n]{1,200}\|[ \t]+)?(image|figure)::[ \t]+(\S.*?)\s*$/;
/** Directives whose content is taken as it stands. */
const literalDirectives = new Set([
  'code',
  'code-block',
  'sourcecode',
  'parsed-literal',
  'raw',
  'literalinclude',
  'math',
  'highlight',
  'doctest',
]);
const option = /^:((?:\\:|[^:\n]){1,100}):(?:[ \t]+|$)/;

export function rstLinks(text: string): ImageLink[] {
  const lines = linesOf(text);
  const links: ImageLink[] = [];
  let literalIndent = -1;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!;
    if (line.text === '') continue;
    if (literalIndent >= 0 && line.indent > literalIndent) continue;
    literalIndent = -1;
    const match = line.text.length < 5000 ? directive.exec(line.text) : null;
    if (match !== null) links.push(readDirective(text, lines, index, match));
    else if (startsLiteral(line.text)) literalIndent = line.indent;
  }
  return links;
}

function readDirective(text: string, lines: readonly Line[], index: number, match: RegExpExecArray): ImageLink {
  const line = lines[index]!;
  const column = match[1]!.length;
  const target = match[3]!;
  const start = line.start + line.text.trimEnd().length - target.length;
  const newline = text.startsWith('\r\n', line.end) ? '\r\n' : '\n';
  let last = line;
  let indent = column + 3;
  let alt: { readonly range: Span; readonly text: string } | undefined;
  for (let next = index + 1; next < lines.length; next++) {
    const following = lines[next]!;
    if (following.text === '' || following.indent <= column) break;
    last = following;
    const found = option.exec(following.text.trimStart().slice(0, 200));
    if (found === null) break;
    indent = following.indent;
    const end = continuation(lines, next);
    last = lines[end]!;
    if (found[1]!.trim() === 'alt') alt = optionValue(text, following, found[0].length, last);
    next = end;
  }
  const slot = alt === undefined
    ? { range: { start: line.end, end: line.end }, before: `${newline}${' '.repeat(indent)}:alt: `, after: '' }
    : {
      range: alt.range,
      before: alt.range.start === alt.range.end && text[alt.range.start - 1] === ':' ? ' ' : '',
      after: '',
    };
  return {
    kind: 'rst',
    range: { start: line.start + match[1]!.length, end: Math.max(line.end, alt?.range.end ?? 0) },
    // Line ends and spaces in a URI of reStructuredText do not count; a path with a space has it escaped.
    target: target.replace(/\\(.)/g, '$1'),
    targetRange: { start, end: start + target.length },
    alt: alt === undefined || alt.text === '' ? undefined : alt.text,
    altSlot: { ...slot, syntax: 'rst' },
  };
}

/** Whether what is indented below is no markup: code, a comment, or a paragraph that ends in `::`. */
function startsLiteral(line: string): boolean {
  const markup = /^\s*\.\.(?:[ \t]+|$)/.exec(line);
  if (markup === null) return line.trimEnd().endsWith('::');
  const rest = line.slice(markup[0].length, markup[0].length + 100);
  const name = /^([\w:+.-]+?)::(?:\s|$)/.exec(rest)?.[1];
  return name === undefined ? !/^[_[|]/.test(rest) : literalDirectives.has(name);
}

/** The last line of the option at `index`: lines that are indented deeper go on with it. */
function continuation(lines: readonly Line[], index: number): number {
  const { indent } = lines[index]!;
  let end = index;
  while (end + 1 < lines.length && lines[end + 1]!.text !== '' && lines[end + 1]!.indent > indent) end++;
  return end;
}

function optionValue(
  text: string,
  first: Line,
  head: number,
  last: Line,
): { readonly range: Span; readonly text: string } {
  const start = Math.min(first.start + first.indent + head, last.end);
  return {
    range: { start, end: Math.max(start, last.end) },
    text: text.slice(start, last.end).replace(/\s+/g, ' ').trim(),
  };
}

/**
 * Lines without trailing blanks; `end` is behind the last character that counts. Tabs count as far as the next column
 * of eight.
 */
function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start <= text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const whole = text.slice(start, end);
    const line = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
    const bare = line.trim() === '' ? '' : line;
    lines.push({ text: bare, start, end: start + line.length, indent: line.length - line.trimStart().length });
    start = end + 1;
  }
  return lines;
}
