/** Pictures in AsciiDoc: `image::path[alt]` on a line of its own, `image:path[alt]` in text. */
import { decodeEntities } from './entities';
import type { AltSlot, ImageLink, Span } from './imageLink';

/** Delimiters of blocks whose content is taken as it stands. */
const literalBlock = /^(-{4,}|\.{4,}|\+{4,}|\/{4,}|`{3,}.*)\s*$/;
const blockMacro = /^image::([^\s[](?:[^[\n]*[^\s[])?)\[(.*)\]\s*$/;
// Escaped with a backslash, or one more colon, it is something else.
const inlineMacro = /(?<![\\\w])image:(?!:)([^\s:[][^[\n]{0,2000})\[((?:\\\]|[^\]\n]){0,4000})\]/g;

export function asciidocLinks(text: string): ImageLink[] {
  const links: ImageLink[] = [];
  let fence: string | undefined;
  let folder: string | undefined;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end).replace(/\r$/, '');
    const delimiter = literalBlock.exec(line)?.[1];
    if (fence !== undefined) {
      if (delimiter?.slice(0, fence.length) === fence && line.trimEnd().length === fence.length) fence = undefined;
    } else if (delimiter !== undefined) fence = delimiter.startsWith('```') ? '```' : line.trimEnd();
    else if (line.startsWith(':imagesdir:')) folder = line.slice(':imagesdir:'.length).trim();
    else if (!line.startsWith('//')) links.push(...lineLinks(line, start, folder));
    start = end + 1;
  }
  return links;
}

function lineLinks(line: string, start: number, folder: string | undefined): ImageLink[] {
  if (!line.includes('image:')) return [];
  const block = line.length < 20_000 ? blockMacro.exec(line) : null;
  const matches = block === null ? [...line.matchAll(inlineMacro)] : [block];
  const head = block === null ? 'image:'.length : 'image::'.length;
  return matches.map(match =>
    macro(start + match.index, head, match, block === null ? 'asciidocInline' : 'asciidocBlock', folder)
  );
}

function macro(
  at: number,
  head: number,
  match: RegExpExecArray,
  syntax: 'asciidocBlock' | 'asciidocInline',
  folder: string | undefined,
): ImageLink {
  const [whole, target = '', attributes = ''] = match;
  const targetStart = at + head;
  const listStart = targetStart + target.length + 1;
  const { alt, slot } = altOf(attributes, syntax);
  return {
    kind: 'asciidoc',
    range: { start: at, end: at + whole.trimEnd().length },
    target: decodeEntities(target),
    targetRange: { start: targetStart, end: targetStart + target.length },
    alt,
    altSlot: { ...slot, range: { start: listStart + slot.range.start, end: listStart + slot.range.end } },
    ...(folder === undefined || folder === '' ? {} : { bases: [folder] }),
  };
}

interface Found {
  readonly alt: string | undefined;
  readonly slot: AltSlot;
}

/**
 * The first value without a name, or the one called `alt`. Source: AsciiDoc documentation, "Images" and "Element
 * attributes".
 */
function altOf(attributes: string, syntax: 'asciidocBlock' | 'asciidocInline'): Found {
  const parts = splitAttributes(attributes);
  const named = parts.find(part => /^\s*alt\s*=/.test(attributes.slice(part.start, part.end)));
  const [first] = parts;
  const part = named
    ?? (first !== undefined && !/^\s*[\w-]+\s*=/.test(attributes.slice(first.start, first.end)) ? first : undefined);
  // Only named values are there: the text goes before them.
  if (part === undefined) {
    return {
      alt: undefined,
      slot: { range: { start: 0, end: 0 }, before: '', after: attributes === '' ? '' : ',', syntax },
    };
  }
  const from = part.start + (named === undefined ? 0 : attributes.slice(part.start, part.end).indexOf('=') + 1);
  const range = trimmed(attributes, { start: from, end: part.end });
  const raw = attributes.slice(range.start, range.end);
  const quoted = /^"((?:\\"|[^"])*)"$/.exec(raw)?.[1] ?? /^'((?:\\'|[^'])*)'$/.exec(raw)?.[1];
  const alt = decodeEntities((quoted ?? raw).replace(/\\(["'\]])/g, '$1')).trim();
  return { alt: alt === '' ? undefined : alt, slot: { range, before: '', after: '', syntax } };
}

/** Parts between commas that are not inside of quotes. */
function splitAttributes(attributes: string): Span[] {
  const parts: Span[] = [];
  let start = 0;
  let quote: string | undefined;
  let hasText = false;
  for (let at = 0; at <= attributes.length; at++) {
    const char = attributes[at];
    if (char === undefined || (char === ',' && quote === undefined)) {
      parts.push({ start, end: at });
      start = at + 1;
      hasText = false;
    } else if (char === '\\') at++;
    else if (quote !== undefined) quote = char === quote ? undefined : quote;
    else if ((char === '"' || char === "'") && !hasText) quote = char;
    else if (char !== ' ') hasText = char !== '=';
  }
  return attributes === '' ? [] : parts;
}

function trimmed(text: string, { start, end }: Span): Span {
  const raw = text.slice(start, end);
  const lead = raw.length - raw.trimStart().length;
  return raw.trim() === '' ? { start, end: start } : { start: start + lead, end: start + raw.trimEnd().length };
}
