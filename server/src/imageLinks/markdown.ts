/**
 * Pictures in Markdown and its dialects: inline, by reference, as HTML, with attributes of Pandoc and kramdown, as
 * embeds of Obsidian, blocks of Microsoft Learn, shortcodes of Hugo, directives of MyST, and in code of R.
 */
import { chunkLinks, directiveLinks } from './codeBlocks';
import { isImageTarget } from '../../../paligemma/src/pictureTypes';
import { Finder, type AltSyntax, type ImageLink, type Span } from './imageLink';
import { decodeMarkdown } from './markdownText';
import { maskMarkdown, type CodeBlock } from './markdownMask';
import { embedAt, pairAlt, shortcodeAt, sizeAtEnd, tableRows, tripleColonAt, type Source } from './markdownBlocks';
import { readPairs, type Pairs } from './pairs';
import { linksOfTag, readTag, type TagDialect } from './tags';

const MAX_DESTINATION = 2000;
const MAX_PARENTHESES = 32;

interface Destination {
  readonly target: string;
  readonly range: Span;
}

/** What stands between the brackets: the label, the place that alt text takes, and what has to follow it there. */
interface LinkWords {
  readonly label: Span;
  readonly slot: Span;
  readonly after: string;
}

interface Opener {
  readonly at: number;
  readonly isImage: boolean;
  /** Brackets stand inside of its own. */
  hasBrackets: boolean;
  /** It is a picture, or one stands inside. */
  hasImage: boolean;
}

export type MarkdownDialect = 'markdown' | 'quarto' | 'rmarkdown' | 'mdx';

/**
 * Where brackets hold the caption, the alt text has an attribute of its own. Source: Quarto, "Figures"; Pandoc, test
 * command 11140.
 */
const altAttributes: Readonly<Partial<Record<MarkdownDialect, string>>> = { quarto: 'fig-alt', rmarkdown: 'alt' };

export function markdownLinks(text: string, dialect: MarkdownDialect): ImageLink[] {
  const blocks: CodeBlock[] = [];
  const masked = maskMarkdown(text, dialect === 'mdx', block => blocks.push(block));
  const links = new MarkdownScan(text, masked, dialect).run();
  if (dialect === 'markdown') links.push(...directiveLinks(text, masked, blocks));
  else if (dialect !== 'mdx') links.push(...chunkLinks(text, blocks, dialect));
  return links.sort((a, b) => a.range.start - b.range.start);
}

// Source: CommonMark 0.31, "Link reference definitions": a label has 999 characters at most, and no brackets.
const LONGEST_LABEL = 999;

class MarkdownScan {
  private readonly links: ImageLink[] = [];
  private readonly finder: Finder;
  private readonly source: Source;
  private readonly definitions: ReadonlyMap<string, Destination>;
  private readonly syntax: AltSyntax;
  private readonly dialect: TagDialect;
  private readonly isMdx: boolean;
  private readonly altAttribute: string | undefined;
  private openers: Opener[] = [];

  /** `masked`: the same text without code and comments. */
  constructor(private readonly text: string, private readonly masked: string, dialect: MarkdownDialect) {
    const isMdx = dialect === 'mdx';
    this.finder = new Finder(masked);
    this.source = { text, masked, finder: this.finder, isTableRow: tableRows(masked) };
    this.isMdx = isMdx;
    this.altAttribute = altAttributes[dialect];
    this.syntax = isMdx ? 'mdx' : 'markdown';
    this.dialect = { kind: isMdx ? 'jsx' : 'html', syntax: 'htmlInMarkdown', hasBraces: isMdx };
    this.definitions = this.readDefinitions();
  }

  run(): ImageLink[] {
    const marks = /\\[^\r\n]|!\[|[[\]<]|\{\{[<%]|\{%|:::image[ \t]|\n(?=[ \t>]{0,100}\r?\n)/g;
    for (let match = marks.exec(this.masked); match !== null; match = marks.exec(this.masked)) {
      const at = match.index;
      switch (match[0].charAt(0)) {
        case '\n':
          this.openers = [];
          break;
        case '!':
          marks.lastIndex = this.block(embedAt, at) ?? this.open(at, true);
          break;
        case '[':
          this.open(at, false);
          break;
        case ']':
          marks.lastIndex = this.close(at);
          break;
        case '<':
          marks.lastIndex = this.tag(at);
          break;
        case '{':
          marks.lastIndex = this.block(shortcodeAt, at) ?? at + match[0].length;
          break;
        case ':':
          marks.lastIndex = this.block(tripleColonAt, at) ?? at + match[0].length;
          break;
        default:
      }
    }
    return this.links;
  }

  /** @returns Where to go on; undefined where there is no such picture. */
  private block(read: (source: Source, at: number) => ImageLink | undefined, at: number): number | undefined {
    const link = this.isMdx ? undefined : read(this.source, at);
    if (link !== undefined) this.links.push(link);
    return link?.range.end;
  }

  private open(at: number, isImage: boolean): number {
    const around = this.openers.at(-1);
    if (around !== undefined) around.hasBrackets = true;
    this.openers.push({ at, isImage, hasBrackets: false, hasImage: false });
    return at + (isImage ? 2 : 1);
  }

  private tag(at: number): number {
    const limit = Math.min(this.finder.next('\n\n', at), this.finder.next('\n\r\n', at));
    const tag = readTag(this.masked, at, limit, this.dialect, this.finder);
    if (tag === undefined) return at + 1;
    // Values are taken from the text itself: an attribute may hold backticks.
    const found = linksOfTag(this.text, tag, this.dialect);
    this.links.push(...found);
    return found.length > 0 ? tag.range.end : at + 1;
  }

  /** @returns Where to go on behind the bracket at `at`. */
  private close(at: number): number {
    const opener = this.openers.pop();
    if (opener === undefined) return at + 1;
    const label: Span = { start: opener.at + (opener.isImage ? 2 : 1), end: at };
    const inline = this.masked[at + 1] === '(' ? this.readInline(at + 2) : undefined;
    const end = inline !== undefined
      ? this.add(opener, inline.destination, inline.end, { label, slot: label, after: '' })
      : opener.isImage
      ? this.reference(opener, label, at)
      : at + 1;
    const around = this.openers.at(-1);
    if (opener.hasImage && around !== undefined) around.hasImage = true;
    return end;
  }

  /** `![alt][name]`, `![name][]`, `![name]`. Other alt text than the name needs the name written out. */
  private reference(opener: Opener, label: Span, at: number): number {
    const isBracket = this.masked[at + 1] === '[';
    const close = isBracket ? this.finder.next(']', at + 2) : at;
    const named = isBracket && close < this.masked.length && close - at < LONGEST_LABEL;
    const name = named ? this.masked.slice(at + 2, close) : '';
    const end = named ? close + 1 : at + 1;
    const isOwnName = name.trim() === '';
    // Each label is looked at once only: one inside of another is no name.
    if (isOwnName && (opener.hasBrackets || label.end - label.start > LONGEST_LABEL)) return at + 1;
    const written = isOwnName ? this.text.slice(label.start, label.end) : undefined;
    const destination = this.definitions.get(normaliseLabel(written ?? name));
    if (destination === undefined) return at + 1;
    const slot = written === undefined ? label : { start: label.start, end: named ? close : label.end };
    const after = written === undefined ? '' : `][${written}`;
    return this.add(opener, destination, end, { label, slot, after });
  }

  /** @returns Where to go on. */
  private add(opener: Opener, destination: Destination, end: number, words: LinkWords): number {
    const { label, slot, after } = words;
    const address = { target: destination.target, targetRange: destination.range };
    if (!opener.isImage) {
      if (isImageTarget(destination.target)) {
        this.links.push({ kind: 'markdown', range: destination.range, ...address, alt: undefined, altSlot: undefined });
      }
      return end;
    }
    const attributes = !this.isMdx && this.masked[end] === '{' ? this.attributes(end) : undefined;
    const range = { start: opener.at, end: attributes?.end ?? end };
    // Alt text in the place of pictures would take them away.
    const own = opener.hasImage
      ? { alt: undefined, altSlot: undefined }
      : this.attributeAlt(attributes, label, end) ?? this.labelAlt(label, slot, after);
    this.links.push({ kind: 'markdown', range, ...address, ...own });
    opener.hasImage = true;
    return range.end;
  }

  private labelAlt(label: Span, slot: Span, after: string): Pick<ImageLink, 'alt' | 'altSlot'> {
    const size = after === '' && slot.end === label.end && !this.isMdx
      ? sizeAtEnd(this.text.slice(Math.max(label.start, label.end - 20), label.end))
      : 0;
    const alt = decodeMarkdown(this.text.slice(label.start, label.end - size)).trim();
    const range = { start: slot.start, end: slot.end - size };
    return { alt: alt === '' ? undefined : alt, altSlot: { range, before: '', after, syntax: this.syntax } };
  }

  /** Undefined where the alt text stands in the brackets. */
  private attributeAlt(
    attributes: Pairs | undefined,
    label: Span,
    end: number,
  ): Pick<ImageLink, 'alt' | 'altSlot'> | undefined {
    const pair = attributes?.pairs.find(({ name }) => name === 'fig-alt')
      ?? attributes?.pairs.find(({ name }) => name === 'alt');
    if (pair !== undefined) return pairAlt(this.text, pair, 'attribute');
    if (this.altAttribute === undefined) return undefined;
    // Without an alt text the caption is read out.
    const caption = decodeMarkdown(this.text.slice(label.start, label.end)).trim();
    const at = attributes?.wordsEnd ?? end;
    const [before, after] = attributes === undefined ? ['{', '"}'] : [' ', '"'];
    return {
      alt: caption === '' ? undefined : caption,
      altSlot: {
        range: { start: at, end: at },
        before: `${before}${this.altAttribute}="`,
        after,
        syntax: 'attribute',
      },
    };
  }

  private attributes(at: number): Pairs | undefined {
    return readPairs(this.masked, at + (this.masked[at + 1] === ':' ? 2 : 1), '}', this.finder);
  }

  private readInline(start: number): { readonly destination: Destination; readonly end: number } | undefined {
    const from = this.skipSpace(start);
    const destination = this.masked[from] === '<' ? this.angled(from) : this.bare(from);
    if (destination === undefined) return undefined;
    const behind = destination.range.end + (this.masked[from] === '<' ? 1 : 0);
    let at = this.skipSpace(behind);
    if (at > behind) at = this.skipSpace(this.skipTitle(at));
    return this.masked[at] === ')' ? { destination, end: at + 1 } : undefined;
  }

  private angled(at: number): Destination | undefined {
    const close = this.finder.next('>', at);
    if (close >= this.masked.length || close - at > MAX_DESTINATION) return undefined;
    const raw = this.text.slice(at + 1, close);
    return /[\n<]/.test(raw) ? undefined : { target: decodeMarkdown(raw), range: { start: at + 1, end: close } };
  }

  private bare(at: number): Destination | undefined {
    let depth = 0;
    let end = at;
    for (; end < this.masked.length && end - at <= MAX_DESTINATION; end++) {
      const code = this.masked.charCodeAt(end);
      if (code <= 0x20) break;
      if (code === 0x7b) end = this.behindBraces(end);
      else if (code === 0x5c && end + 1 < this.masked.length && this.masked.charCodeAt(end + 1) > 0x20) end++;
      else if (code === 0x28 && ++depth > MAX_PARENTHESES) return undefined;
      else if (code === 0x29 && depth-- === 0) break;
    }
    if (end === at || end - at > MAX_DESTINATION) return undefined;
    return { target: decodeMarkdown(this.text.slice(at, end)), range: { start: at, end } };
  }

  /** Liquid runs before Markdown: the blanks inside of its braces are gone by then. */
  private behindBraces(at: number): number {
    if (this.masked[at + 1] !== '{') return at;
    const close = this.finder.next('}}', at);
    return close < this.masked.length && close - at < 200 ? close + 1 : at;
  }

  /** A title, or the size that some renderers take (` =100x200`). */
  private skipTitle(at: number): number {
    const quote = this.masked[at];
    if (quote === '=') return at + (/^=\d{0,6}%?x?\d{0,6}%?/.exec(this.masked.slice(at, at + 20))?.[0].length ?? 0);
    if (quote !== '"' && quote !== "'" && quote !== '(') return at;
    const mark = quote === '(' ? ')' : quote;
    let close = this.finder.next(mark, at + 1);
    while (this.masked[close - 1] === '\\' && close - at < MAX_DESTINATION) close = this.finder.next(mark, close + 1);
    return close < this.masked.length && close - at < MAX_DESTINATION ? close + 1 : at;
  }

  private skipSpace(at: number): number {
    let end = at;
    while (end - at < 1000 && /[ \t\r\n]/.test(this.masked[end] ?? 'x')) end++;
    return end;
  }

  private readDefinitions(): ReadonlyMap<string, Destination> {
    const definitions = new Map<string, Destination>();
    for (
      const match of this.masked.matchAll(
        /^[ \t>]{0,20}\[((?:[^[\]\\\n]|\\.){1,999})\]:[ \t]{0,20}(?:<([^<>\n]*)>|(\S{1,2000}))/gm,
      )
    ) {
      const raw = match[2] ?? match[3] ?? '';
      const end = match.index + match[0].length - (match[2] === undefined ? 0 : 1);
      const name = normaliseLabel(match[1]!);
      // The first one counts.
      if (!definitions.has(name)) {
        definitions.set(name, { target: decodeMarkdown(raw), range: { start: end - raw.length, end } });
      }
    }
    return definitions;
  }
}

function normaliseLabel(label: string): string {
  return label.replace(/\s+/g, ' ').trim().toLowerCase();
}
