/** Pictures in LaTeX: `\includegraphics`, with the option `alt` of graphicx and tagpdf. */
import type { AltSlot, ImageLink, Span } from './imageLink';
import { Finder } from './imageLink';

const MAX_ARGUMENT = 4000;
const verbatim = /\\begin\{(verbatim\*?|lstlisting|minted|Verbatim|comment|filecontents\*?)\}/y;

export function latexLinks(text: string): ImageLink[] {
  const links: ImageLink[] = [];
  const finder = new Finder(text);
  // One list for all links behind it: a copy for each would take memory by the square of a hostile file.
  let folders: readonly string[] = [];
  const marks = /\\(?:includegraphics\*?|includesvg|graphicspath|verb\*?(?![A-Za-z])|begin\{|[^A-Za-z])|%/g;
  for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
    const at = match.index;
    const after = at + match[0].length;
    switch (match[0]) {
      case '%':
        marks.lastIndex = finder.next('\n', after);
        break;
      case '\\verb':
      case '\\verb*':
        marks.lastIndex = endOfVerb(text, after);
        break;
      case '\\begin{':
        marks.lastIndex = endOfVerbatim(text, at, finder) ?? after;
        break;
      case '\\graphicspath':
        folders = graphicsPath(text, after) ?? folders;
        break;
      case '\\includegraphics':
      case '\\includegraphics*':
      case '\\includesvg': {
        const link = readGraphics(text, at, after, folders);
        if (link === undefined) break;
        links.push(link);
        marks.lastIndex = link.range.end;
        break;
      }
      default:
    }
  }
  return links;
}

function endOfVerb(text: string, at: number): number {
  const mark = text[at] ?? '\n';
  for (let end = at + 1; end < text.length && text[end] !== '\n'; end++) if (text[end] === mark) return end + 1;
  return at;
}

function endOfVerbatim(text: string, at: number, finder: Finder): number | undefined {
  verbatim.lastIndex = at;
  const name = verbatim.exec(text)?.[1];
  return name === undefined ? undefined : finder.next(`\\end{${name}}`, at);
}

/** `{{figures/}{img/}}`: folders that are tried in order. */
function graphicsPath(text: string, at: number): readonly string[] | undefined {
  const argument = group(text, skipSpace(text, at), '{', '}');
  return argument === undefined
    ? undefined
    : [
      ...[...text.slice(argument.start, argument.end).matchAll(/\{([^{}]*)\}/g)].map(match => match[1]!.trim()).filter(
        folder => folder !== '',
      ),
      '',
    ];
}

function readGraphics(text: string, at: number, after: number, folders: readonly string[]): ImageLink | undefined {
  const start = skipSpace(text, after);
  const options = text[start] === '[' ? group(text, start, '[', ']') : undefined;
  const braces = options === undefined ? start : skipSpace(text, options.end + 1);
  const argument = group(text, braces, '{', '}');
  if (argument === undefined) return undefined;
  const raw = text.slice(argument.start, argument.end);
  const target = raw.trim().replace(/^"(.*)"$/, '$1').replace(
    /\\(?:detokenize\{([^{}]*)\}|([_#%& ]))/g,
    (_, whole: string | undefined, char: string | undefined) => whole ?? char ?? '',
  );
  const { alt, slot } = altOf(text, options, braces);
  return {
    kind: 'latex',
    range: { start: at, end: argument.end + 1 },
    target,
    targetRange: argument,
    alt,
    altSlot: slot,
    ...(folders.length === 0 ? {} : { bases: folders }),
    mayLackExtension: true,
  };
}

function altOf(
  text: string,
  options: Span | undefined,
  braces: number,
): { readonly alt: string | undefined; readonly slot: AltSlot } {
  const syntax = 'latex';
  if (options === undefined) {
    return { alt: undefined, slot: { range: { start: braces, end: braces }, before: '[alt={', after: '}]', syntax } };
  }
  for (const part of splitOptions(text, options)) {
    const match = /^(\s*alt\s*=\s*)([^]*)$/.exec(text.slice(part.start, part.end));
    if (match === null) continue;
    const value = match[2]!.trimEnd();
    const start = part.start + match[1]!.length;
    const isBraced = value.startsWith('{') && value.endsWith('}');
    const range = isBraced ? { start: start + 1, end: start + value.length - 1 } : { start, end: start + value.length };
    const alt = decodeLatex(text.slice(range.start, range.end)).trim();
    return {
      alt: alt === '' ? undefined : alt,
      slot: { range, before: isBraced ? '' : '{', after: isBraced ? '' : '}', syntax },
    };
  }
  const written = text.slice(options.start, options.end).trimEnd();
  const at = options.start + written.length;
  const comma = written === '' || written.endsWith(',') ? '' : ',';
  return { alt: undefined, slot: { range: { start: at, end: at }, before: `${comma}alt={`, after: '}', syntax } };
}

function splitOptions(text: string, options: Span): Span[] {
  const parts: Span[] = [];
  let depth = 0;
  let start = options.start;
  for (let at = options.start; at <= options.end; at++) {
    const char = text[at];
    if (at === options.end || (char === ',' && depth === 0)) {
      parts.push({ start, end: at });
      start = at + 1;
    } else if (char === '\\') at++;
    else if (char === '{') depth++;
    else if (char === '}') depth--;
  }
  return parts;
}

/** The inside of the group that opens at `at`; undefined where it does not, or does not close nearby. */
function group(text: string, at: number, open: string, close: string): Span | undefined {
  if (text[at] !== open) return undefined;
  let depth = 0;
  for (let end = at + 1; end < text.length && end - at < MAX_ARGUMENT; end++) {
    const char = text[end];
    if (char === '\\') end++;
    else if (char === close && depth === 0) return { start: at + 1, end };
    else if (char === '{') depth++;
    else if (char === '}') depth--;
    if (depth < 0) return undefined;
  }
  return undefined;
}

function skipSpace(text: string, at: number): number {
  let end = at;
  while (end - at < 200 && /\s/.test(text[end] ?? 'x')) end++;
  return end;
}

/** The commands that `altEdit` writes, and the usual escapes. */
function decodeLatex(raw: string): string {
  return raw.replace(
    /\\textbackslash\{\}|\\textasciitilde\{\}|\\textasciicircum\{\}|\\([{}#$%&_, ])/g,
    (whole, char: string | undefined) =>
      char ?? (whole.startsWith('\\textb') ? '\\' : whole.startsWith('\\textasciit') ? '~' : '^'),
  ).replace(/\s+/g, ' ');
}
