/** Pictures that fenced blocks of Markdown stand for: directives of MyST, and figures of R in R Markdown and Quarto. */
import type { AltSlot, ImageLink, Span } from './imageLink';
import type { CodeBlock } from './markdownMask';

interface Line extends Span {
  readonly text: string;
}

/** Characters; a longer line is data. */
const LONGEST_LINE = 5000;
const directive = /^([ \t>]*)(?:`{3,}|~{3,}|:{3,})[ \t]*\{(?:image|figure)\}[ \t]+(\S.*?)[ \t]*$/;
const colonFence = /^[ \t>]{0,40}:{3,}[ \t]*\{(?:image|figure)\}[ \t]+\S/gm;
const chunk = /^[ \t>]*(?:`{3,}|~{3,})[ \t]*\{r\b(.*)\}[ \t]*$/i;
const option = /^([ \t>]*)#\|[ \t]*([\w.-]+)[ \t]*:[ \t]*/;
const figureAlt = /^fig[.-]alt$/;
const figureCaption = /^fig[.-]cap$/;

/** `{image} a.png` and `{figure} a.png`, between backticks, tildes or colons, with the option `alt`. */
export function directiveLinks(text: string, masked: string, blocks: readonly CodeBlock[]): ImageLink[] {
  const openings = [
    ...blocks.map(({ opening }) => opening.start),
    // Colons enclose Markdown, not code.
    ...Array.from(masked.matchAll(colonFence), match => match.index),
  ];
  return openings.flatMap(start => {
    const line = lineAt(text, start);
    const match = line.text.length > LONGEST_LINE ? null : directive.exec(line.text);
    return match === null ? [] : [directiveLink(text, line, match[1]!, match[2]!)];
  });
}

function directiveLink(text: string, line: Line, indent: string, target: string): ImageLink {
  const targetStart = line.start + line.text.trimEnd().length - target.length;
  const { alt, slot, end } = directiveAlt(text, line, indent);
  return {
    kind: 'markdown',
    range: { start: line.start + indent.length, end: Math.max(line.end, end) },
    target,
    targetRange: { start: targetStart, end: targetStart + target.length },
    alt,
    altSlot: slot,
  };
}

interface OptionForm {
  readonly alt: RegExp;
  /** A line that belongs to the options. */
  readonly line: RegExp;
  readonly isYaml: boolean;
  readonly syntax: AltSlot['syntax'];
  readonly quote: string;
  readonly name: string;
}

/** Source: MyST, "Directives": options are the first lines, `:name: value`, or YAML between two lines of dashes. */
const colonOptions: OptionForm = {
  alt: /^[ \t>]*:alt:[ \t]*/,
  line: /^[ \t>]*:[^:\s][^:]*:/,
  isYaml: false,
  syntax: 'mystOption',
  quote: '',
  name: ':alt: ',
};
const yamlOptions: OptionForm = {
  alt: /^[ \t>]*alt:[ \t]*/,
  line: /^(?![ \t>]*---)/,
  isYaml: true,
  syntax: 'chunkOption',
  quote: '"',
  name: 'alt: ',
};
const MOST_OPTIONS = 50;

function directiveAlt(
  text: string,
  opening: Line,
  indent: string,
): { readonly alt: string | undefined; readonly slot: AltSlot; readonly end: number } {
  const first = nextLine(text, opening);
  const dashes = first !== undefined && /^[ \t>]*---[ \t]*$/.test(first.text) ? first : undefined;
  const { alt, line: own, isYaml, syntax, quote, name } = dashes === undefined ? colonOptions : yamlOptions;
  let line = dashes === undefined ? first : nextLine(text, dashes);
  for (let count = 0; count < MOST_OPTIONS && line !== undefined && own.test(line.text); count++) {
    const head = alt.exec(line.text)?.[0];
    if (head !== undefined) {
      const value = scalar(line, head.length, isYaml);
      const before = (head.endsWith(':') ? ' ' : '') + quote;
      const slot = { range: value.whole, before, after: quote, syntax };
      return { alt: value.text === '' ? undefined : value.text, slot, end: line.end };
    }
    line = nextLine(text, line);
  }
  const { end } = dashes ?? opening;
  const before = `${newlineAt(text, opening.end)}${indent}${name}${quote}`;
  return { alt: undefined, slot: { range: { start: end, end }, before, after: quote, syntax }, end: 0 };
}

/**
 * `knitr::include_graphics("a.png")`, with the option `fig.alt` of its chunk: in the header, or in a line `#|`. Without
 * one, `fig.cap` is read out.
 */
export function chunkLinks(
  text: string,
  blocks: readonly CodeBlock[],
  dialect: 'quarto' | 'rmarkdown',
): ImageLink[] {
  return blocks.flatMap(block => {
    const header = text.slice(block.opening.start, block.opening.end).replace(/\r$/, '');
    if (header.length > LONGEST_LINE || !chunk.test(header)) return [];
    const body = text.slice(block.body.start, Math.max(block.body.start, block.body.end));
    const pictures = [...body.matchAll(/^([^#\n]{0,500}?)\binclude_graphics\([ \t]*(["'])([^"'\\\n]{1,1000})\2/gm)];
    const alt = pictures.length === 1 ? chunkAlt(text, block, header, dialect) : undefined;
    return pictures.map((match): ImageLink => {
      const end = block.body.start + match.index + match[0].length - 1;
      const targetRange = { start: end - match[3]!.length, end };
      return {
        kind: 'markdown',
        range: alt === undefined ? targetRange : { start: block.opening.start, end: Math.max(end + 1, alt.end) },
        target: match[3]!,
        targetRange,
        alt: alt?.alt,
        altSlot: alt?.slot,
      };
    });
  });
}

interface ChunkAlt {
  readonly alt: string | undefined;
  readonly slot: AltSlot | undefined;
  readonly end: number;
}

function chunkAlt(text: string, block: CodeBlock, header: string, dialect: 'quarto' | 'rmarkdown'): ChunkAlt {
  const { start } = block.opening;
  const lines = optionLines(text, block);
  const own = lines.find(({ name }) => figureAlt.test(name));
  if (own !== undefined) return optionAlt(own);
  const inHeader = headerOption(header, start, figureAlt);
  if (inHeader !== undefined) return inHeader;
  const caption = lines.find(({ name }) => figureCaption.test(name))?.value.text
    ?? headerOption(header, start, figureCaption)?.alt;
  const [indent] = lines.length > 0 ? [lines[0]!.indent] : /^[ \t>]*/.exec(header) ?? [''];
  const [name, at, mark, colon] = dialect === 'quarto'
    ? ['fig-alt', start + header.length, '#| ', ': ']
    : lines.length > 0
    ? ['fig.alt', start + header.length, '#| ', ': ']
    : ['fig.alt', start + header.lastIndexOf('}'), undefined, '='];
  const before = mark === undefined ? ', ' : newlineAt(text, start + header.length) + indent + mark;
  return {
    alt: caption === '' ? undefined : caption,
    slot: { range: { start: at, end: at }, before: `${before}${name}${colon}"`, after: '"', syntax: 'chunkOption' },
    end: at,
  };
}

interface OptionLine {
  readonly name: string;
  readonly indent: string;
  readonly hasGap: boolean;
  readonly value: ReturnType<typeof scalar>;
  readonly end: number;
}

/** The lines `#| name: value` at the top of a chunk. */
function optionLines(text: string, { opening, body }: CodeBlock): readonly OptionLine[] {
  const lines: OptionLine[] = [];
  let line = nextLine(text, lineAt(text, opening.start));
  while (line !== undefined && line.start < body.end && line.text.length <= LONGEST_LINE) {
    const match = option.exec(line.text);
    if (match === null) break;
    const [head, indent = '', name = ''] = match;
    lines.push({ name, indent, hasGap: /\s$/.test(head), value: scalar(line, head.length, true), end: line.end });
    line = nextLine(text, line);
  }
  return lines;
}

function optionAlt({ value, hasGap, end }: OptionLine): ChunkAlt {
  // A list, or text over several lines: which picture it belongs to, and how it is written, is the person's business.
  if (/^[[|>!]/.test(value.raw)) return { alt: undefined, slot: undefined, end };
  const before = hasGap ? '"' : ' "';
  return {
    alt: value.text === '' ? undefined : value.text,
    slot: { range: value.whole, before, after: '"', syntax: 'chunkOption' },
    end,
  };
}

/** An option in the braces of a chunk: an expression of R, of which only a string is read. */
function headerOption(header: string, start: number, name: RegExp): ChunkAlt | undefined {
  for (const match of header.matchAll(/[,\s]([\w.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')?/g)) {
    if (!name.test(match[1]!)) continue;
    const raw = match[2] ?? match[3];
    const end = start + match.index + match[0].length;
    if (raw === undefined) return { alt: undefined, slot: undefined, end };
    const text = unescaped(raw);
    const range = { start: end - raw.length - 2, end };
    return {
      alt: text === '' ? undefined : text,
      slot: { range, before: '"', after: '"', syntax: 'chunkOption' },
      end,
    };
  }
  return undefined;
}

/** What stands behind `from` on a line; as a scalar of YAML it may have quotes, which belong to `whole`. */
function scalar(
  line: Line,
  from: number,
  isYaml: boolean,
): { readonly whole: Span; readonly raw: string; readonly text: string } {
  const raw = line.text.slice(from).trim();
  const start = line.start + Math.min(from, line.text.length);
  const double = isYaml ? /^"((?:[^"\\]|\\.)*)"$/.exec(raw)?.[1] : undefined;
  const single = isYaml ? /^'((?:[^']|'')*)'$/.exec(raw)?.[1] : undefined;
  const text = double === undefined ? single?.replaceAll("''", "'") ?? raw : unescaped(double);
  return { whole: { start, end: start + raw.length }, raw, text: text.trim() };
}

function unescaped(raw: string): string {
  return raw.replace(/\\(.)/g, '$1');
}

function lineAt(text: string, start: number): Line {
  const newline = text.indexOf('\n', start);
  const end = newline < 0 ? text.length : newline;
  const line = text.slice(start, end);
  const bare = line.endsWith('\r') ? line.slice(0, -1) : line;
  return { start, end: start + bare.length, text: bare };
}

function nextLine(text: string, { end }: Line): Line | undefined {
  const newline = text.indexOf('\n', end);
  return newline < 0 ? undefined : lineAt(text, newline + 1);
}

/** The line end that stands at `at`, for one more line there. */
function newlineAt(text: string, at: number): string {
  return text.startsWith('\r\n', at) ? '\r\n' : '\n';
}
