/** Pictures in Typst: `image("a.png", alt: "…")`. */
import type { AltSlot, ImageLink, Span } from './imageLink';

/** Characters of the arguments of one call. */
const LONGEST_CALL = 4000;

export function typstLinks(text: string): ImageLink[] {
  const links: ImageLink[] = [];
  const marks = /\/\/|\/\*|`+|"|\\[^]|(?<![\w.-])image\(/g;
  const closings = new Map<string, number>();
  // Looked for once each: a mark that is not found behind one place is not behind a later one.
  const find = (mark: string, from: number): number => {
    const known = closings.get(mark);
    if (known !== undefined && known >= from) return known;
    const at = text.indexOf(mark, from);
    closings.set(mark, at < 0 ? text.length : at);
    return at < 0 ? text.length : at;
  };
  for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
    const [mark] = match;
    const after = match.index + mark.length;
    // An address in text (`https://`) is no comment.
    if (mark === '//') { if (text[match.index - 1] !== ':') marks.lastIndex = find('\n', after); }
    else if (mark === '/*') marks.lastIndex = find('*/', after);
    else if (mark === '"') marks.lastIndex = stringEnd(text, match.index) ?? after;
    // Two are an empty raw text; three and more enclose what may hold fewer.
    else if (mark.startsWith('`')) marks.lastIndex = mark.length === 2 ? after : find(mark, after) + mark.length;
    else if (mark === 'image(') {
      const link = readCall(text, match.index, after);
      if (link === undefined) continue;
      links.push(link);
      marks.lastIndex = link.range.end;
    }
  }
  return links;
}

function readCall(text: string, start: number, inside: number): ImageLink | undefined {
  const call = argumentsOf(text, inside);
  if (call === undefined) return undefined;
  const path = call.parts.find(part => text[part.start] === '"');
  if (path === undefined || stringEnd(text, path.start) !== path.end) return undefined;
  const targetRange = { start: path.start + 1, end: path.end - 1 };
  const named = call.parts.find(part => /^alt\s*:/.test(text.slice(part.start, part.start + 50)));
  return {
    kind: 'typst',
    range: { start, end: call.end },
    target: unescaped(text.slice(targetRange.start, targetRange.end)),
    targetRange,
    ...altOf(text, path, named),
  };
}

function altOf(text: string, path: Span, named: Span | undefined): Pick<ImageLink, 'alt' | 'altSlot'> {
  if (named === undefined) {
    const at = { start: path.end, end: path.end };
    return { alt: undefined, altSlot: { range: at, before: ', alt: "', after: '"', syntax: 'typst' } };
  }
  const start = named.start + (/^alt\s*:\s*/.exec(text.slice(named.start, named.end))?.[0].length ?? 0);
  const isNone = text.slice(start, named.end) === 'none';
  if (!isNone && (text[start] !== '"' || stringEnd(text, start) !== named.end)) {
    return { alt: undefined, altSlot: undefined };
  }
  const altSlot: AltSlot = { range: { start, end: named.end }, before: '"', after: '"', syntax: 'typst' };
  const alt = isNone ? '' : unescaped(text.slice(start + 1, named.end - 1)).trim();
  return { alt: alt === '' ? undefined : alt, altSlot };
}

/** The parts between commas, without blanks around them. */
function argumentsOf(
  text: string,
  inside: number,
): { readonly parts: readonly Span[]; readonly end: number } | undefined {
  const parts: Span[] = [];
  let depth = 0;
  let start = inside;
  for (let at = inside; at < text.length && at - inside < LONGEST_CALL; at++) {
    const char = text[at]!;
    if (char === '"') at = (stringEnd(text, at) ?? at + 1) - 1;
    else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char) && depth > 0) depth--;
    else if (depth === 0 && (char === ',' || char === ')')) {
      parts.push(trimmed(text, { start, end: at }));
      start = at + 1;
      if (char === ')') return { parts, end: at + 1 };
    }
  }
  return undefined;
}

function trimmed(text: string, { start, end }: Span): Span {
  const raw = text.slice(start, end);
  const lead = raw.length - raw.trimStart().length;
  return { start: start + lead, end: Math.max(start + lead, start + raw.trimEnd().length) };
}

/** Behind the string that starts at `at`; undefined where it does not end nearby. */
function stringEnd(text: string, at: number): number | undefined {
  for (let end = at + 1; end < text.length && end - at < LONGEST_CALL; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === '"') return end + 1;
  }
  return undefined;
}

function unescaped(raw: string): string {
  return raw.replace(
    /\\(?:u\{([0-9a-fA-F]{1,6})\}|([^]))/g,
    (whole, point: string | undefined, char: string | undefined) => {
      if (point !== undefined) {
        return parseInt(point, 16) <= 0x10ffff
          ? String.fromCodePoint(parseInt(point, 16))
          : whole;
      }
      return { n: '\n', t: '\t', r: '\r' }[char ?? ''] ?? char ?? '';
    },
  ).replace(/\s+/g, ' ');
}
