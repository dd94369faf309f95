/** Pictures that dialects of Markdown write without round brackets: embeds, blocks between colons, shortcodes. */
import type { AltSlot, AltSyntax, Finder, ImageLink, Span } from './imageLink';
import { isDocumentTarget, isImageTarget } from '../../../paligemma/src/pictureTypes';
import { decodeMarkdown } from './markdownText';
import { readPairs, type Pair, type Pairs } from './pairs';

export interface Source {
  readonly text: string;
  /** The same without code and comments. */
  readonly masked: string;
  readonly finder: Finder;
  /** Whether a place is in a row of a table; to be asked from ever later places. */
  readonly isTableRow: (at: number) => boolean;
}

const embed = /!\[\[([^[\]|\n\0]{1,1000}?)((?:\\?\|[^[\]|\n\0]{0,10000}){0,4})\]\](?![([])/y;
const tripleColon = /:::image[ \t]+/y;
const shortcode =
  /\{\{([<%])[ \t]*([\w./-]{1,100})[ \t]+|\{%-?[ \t]*include(?:_relative|_cached)?[ \t]+[^\s=]{1,200}[ \t]+/y;
/** Names of values that hold the path, in shortcodes and includes of common themes. */
const sourceNames = new Set(['src', 'source', 'path', 'image_path', 'image', 'file', 'url']);
const shortcodesWithAlt = /(?:^|[/_-])(?:figure|img|image|picture|photo)s?(?:$|[._-])/i;

/** Characters of `|200`, `|200x100` at the end of an alt text of Obsidian; in a table the bar is escaped. */
export function sizeAtEnd(label: string): number {
  return /\\?\|\d{1,5}(?:x\d{1,5})?[ \t]*$/.exec(label)?.[0].length ?? 0;
}

export function tableRows(masked: string): Source['isTableRow'] {
  let start = 0;
  let end = -1;
  return at => {
    while (end < at) {
      start = end + 1;
      const newline = masked.indexOf('\n', start);
      end = newline < 0 ? masked.length : newline;
    }
    return /^[ \t>]*\|/.test(masked.slice(start, Math.min(at, start + 50)));
  };
}

/** `![[a.png]]`, `![[a.png|alt]]`, `![[a.png|alt|200]]`. Source: Obsidian help, "Embed files". */
export function embedAt({ masked, isTableRow }: Source, at: number): ImageLink | undefined {
  embed.lastIndex = at;
  const match = embed.exec(masked);
  if (match === null || !isImageTarget(match[1]!.trim())) return undefined;
  const targetStart = at + '![['.length;
  const targetRange = { start: targetStart, end: targetStart + match[1]!.length };
  const behind = match[2]!;
  const own = behind.slice(0, behind.length - Math.min(behind.length, sizeAtEnd(behind.slice(-20))));
  const bar = /^\\?\|/.exec(own)?.[0].length ?? 0;
  const alt = own.slice(bar).trim();
  const newBar = behind.startsWith('\\') || isTableRow(at) ? '\\|' : '|';
  return {
    kind: 'wiki',
    range: { start: at, end: at + match[0].length },
    target: match[1]!.trim(),
    targetRange,
    alt: alt === '' ? undefined : alt,
    altSlot: isDocumentTarget(match[1]!.trim()) ? undefined : {
      range: { start: targetRange.end + bar, end: targetRange.end + own.length },
      before: bar > 0 ? '' : newBar,
      after: '',
      syntax: 'embed',
    },
  };
}

/** `:::image source="a.png" alt-text="…":::`. Source: Microsoft Learn, "Markdown reference", Images. */
export function tripleColonAt({ text, masked, finder }: Source, at: number): ImageLink | undefined {
  tripleColon.lastIndex = at;
  const head = tripleColon.exec(masked)?.[0].length;
  const list = head === undefined ? undefined : readPairs(masked, at + head, ':::', finder);
  const source = list?.pairs.find(({ name }) => name === 'source');
  if (list === undefined || source === undefined) return undefined;
  const isIcon = list.pairs.some(({ name, value }) => name === 'type' && text.slice(value.start, value.end) === 'icon');
  const link = pairLink(text, at, list, source, { altName: isIcon ? undefined : 'alt-text', syntax: 'tripleColon' });
  // The attribute is asked for: an empty one says that nobody has written it yet.
  return link.alt === '' ? { ...link, alt: undefined } : link;
}

/** `{{< figure src="a.png" alt="…" >}}` of Hugo, `{% include figure.html path="a.png" alt="…" %}` of Jekyll. */
export function shortcodeAt({ text, masked, finder }: Source, at: number): ImageLink | undefined {
  shortcode.lastIndex = at;
  const match = shortcode.exec(masked);
  if (match === null) return undefined;
  const close = match[1] === undefined ? '%}' : match[1] === '<' ? '>}}' : '%}}';
  const list = readPairs(masked, at + match[0].length, close, finder);
  const source = list?.pairs.find(({ name, value }) =>
    sourceNames.has(name) && isImageTarget(text.slice(value.start, value.end))
  );
  if (list === undefined || source === undefined) return undefined;
  // A shortcode that knows no alt text would take no notice of it, or fail.
  const takesAlt = match[2] === undefined || shortcodesWithAlt.test(match[2])
    || list.pairs.some(({ name }) => name === 'alt');
  return pairLink(text, at, list, source, { altName: takesAlt ? 'alt' : undefined, syntax: 'shortcode' });
}

function pairLink(
  text: string,
  start: number,
  { pairs, end }: Pairs,
  source: Pair,
  { altName, syntax }: { readonly altName: string | undefined; readonly syntax: AltSyntax },
): ImageLink {
  const link = {
    kind: 'markdown',
    range: { start, end },
    target: text.slice(source.value.start, source.value.end),
    targetRange: source.value,
  } as const;
  if (altName === undefined) return { ...link, alt: undefined, altSlot: undefined };
  const pair = pairs.find(({ name }) => name === altName);
  if (pair !== undefined) return { ...link, ...pairAlt(text, pair, syntax) };
  const range: Span = { start: source.end, end: source.end };
  return { ...link, alt: undefined, altSlot: { range, before: ` ${altName}="`, after: '"', syntax } };
}

/** The alt text that a pair holds, and its place. */
export function pairAlt(
  text: string,
  { value, quote }: Pair,
  syntax: AltSyntax,
): { readonly alt: string; readonly altSlot: AltSlot } {
  const around = quote === '' ? '"' : '';
  const raw = text.slice(value.start, value.end);
  // Hugo takes the words as they stand.
  const alt = syntax === 'shortcode' ? raw.replaceAll('\\"', '"') : decodeMarkdown(raw);
  return { alt: alt.trim(), altSlot: { range: value, before: around, after: around, syntax } };
}
