/** Pictures in Org: links without a description, with `:alt` in `#+ATTR_HTML`. */
import type { AltSlot, ImageLink, Span } from './imageLink';
import { isDocumentTarget, isImageTarget } from '../../../paligemma/src/pictureTypes';

interface Line extends Span {
  readonly text: string;
}

// Source: Org manual, "Images" (in HTML export), "Literal Examples"; org-element.el, affiliated keywords.
const link = /\[\[(?:file:|attachment:)?([^[\]\n]{1,2000})\](?:\[([^[\]\n]{0,2000})\])?\]/g;
const alone = /^[ \t]*\[\[[^[\]\n]{1,2000}\]\][ \t]*$/;
const keyword = /^[ \t]*#\+(?:ATTR_\w{1,20}|CAPTION|NAME|RESULTS|HEADER)(?:\[[^\]\n]{0,200}\])?:/i;
const htmlAttributes = /^[ \t]*#\+ATTR_HTML:/i;
const block = /^[ \t]*#\+(BEGIN|END)_(\S{1,50})/i;
/** Fixed width, or a comment. */
const unread = /^[ \t]*(?:#|:)(?:[ \t]|$)/;
const literalBlocks = new Set(['src', 'example', 'export', 'comment']);
/** Characters; a longer line is data. */
const LONGEST_LINE = 20_000;
/** Keywords above one picture. */
const MOST_KEYWORDS = 20;

export function orgLinks(text: string): ImageLink[] {
  const links: ImageLink[] = [];
  const literal = new LiteralBlocks();
  const above: Line[] = [];
  let isInParagraph = false;
  for (let start = 0; start <= text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const whole = text.slice(start, Math.min(end, start + LONGEST_LINE)).replace(/\r$/, '');
    const line: Line = { text: whole, start, end: start + whole.length };
    start = end + 1;
    if (literal.holds(whole)) continue;
    if (keyword.test(whole)) {
      if (above.length < MOST_KEYWORDS) above.push(line);
      // It ends the paragraph before it.
      isInParagraph = false;
      continue;
    }
    if (!unread.test(whole)) links.push(...lineLinks(text, line, above, isInParagraph));
    isInParagraph = whole.trim() !== '' && !block.test(whole) && !/^\*+ /.test(whole);
    above.length = 0;
  }
  return links;
}

/** Follows the lines of a file through blocks that are taken as they stand. */
class LiteralBlocks {
  private name: string | undefined;

  /** Whether the next line is inside of one. */
  holds(line: string): boolean {
    const [, edge, name] = block.exec(line.toLowerCase()) ?? [];
    if (this.name === undefined) {
      if (edge === 'begin' && literalBlocks.has(name ?? '')) this.name = name;
      return false;
    }
    if (edge === 'end' && name === this.name) this.name = undefined;
    return true;
  }
}

function lineLinks(text: string, line: Line, above: readonly Line[], isInParagraph: boolean): ImageLink[] {
  // Attributes belong to a paragraph: only a picture that is one of its own can be sure of them.
  const isAlone = !isInParagraph && alone.test(line.text);
  return [...line.text.matchAll(link)].flatMap((match): ImageLink[] => {
    const target = match[1]!;
    // A description makes it a link to a picture, unless it is a picture itself.
    if (!isImageTarget(target)) return [];
    const start = line.start + match.index;
    const range = { start, end: start + match[0].length };
    const targetStart = start + match[0].indexOf(target, 2);
    const own = isAlone && !isDocumentTarget(target)
      ? altOf(text, line, above)
      : { alt: undefined, altSlot: undefined, start };
    return [{
      kind: 'org',
      range: { start: own.start, end: range.end },
      target,
      targetRange: { start: targetStart, end: targetStart + target.length },
      alt: own.alt,
      altSlot: own.altSlot,
    }];
  });
}

function altOf(
  text: string,
  line: Line,
  above: readonly Line[],
): { readonly alt: string | undefined; readonly altSlot: AltSlot; readonly start: number } {
  const start = line.start + (line.text.length - line.text.trimStart().length);
  for (const attributes of above) {
    if (!htmlAttributes.test(attributes.text)) continue;
    const head = /[ \t]:alt(?=[ \t]|$)[ \t]*/i.exec(attributes.text);
    if (head === null) continue;
    const from = head.index + head[0].length;
    const next = /[ \t]+:[-\w]+(?=[ \t]|$)/.exec(attributes.text.slice(from - 1));
    const raw = attributes.text.slice(from, next === null ? undefined : Math.max(from, from - 1 + next.index))
      .trimEnd();
    const gap = /\s$/.test(head[0]) ? '' : ' ';
    const range = { start: attributes.start + from, end: attributes.start + from + raw.length };
    // Quotes around the whole value are those of Lisp.
    const alt = /^"(.*)"$/.exec(raw)?.[1] ?? raw;
    return {
      alt: alt === '' || alt === 'nil' ? undefined : alt,
      altSlot: { range, before: gap, after: '', syntax: 'org' },
      start: Math.min(start, attributes.start),
    };
  }
  const attributes = above.findLast(each => htmlAttributes.test(each.text));
  if (attributes !== undefined) {
    const end = attributes.start + attributes.text.trimEnd().length;
    return {
      alt: undefined,
      altSlot: { range: { start: end, end }, before: ' :alt ', after: '', syntax: 'org' },
      start: attributes.start,
    };
  }
  const newline = text.startsWith('\r\n', line.end) ? '\r\n' : '\n';
  const indent = line.text.slice(0, start - line.start);
  return {
    alt: undefined,
    altSlot: { range: { start, end: start }, before: '#+ATTR_HTML: :alt ', after: newline + indent, syntax: 'org' },
    start,
  };
}
