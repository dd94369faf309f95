/** Pictures in Markdown and MDX: inline, by reference, and as HTML. */
import { isImageTarget } from '../../../paligemma/src/pictureTypes';
import { decodeEntities } from './entities';
import { Finder, type AltSyntax, type ImageLink, type Span } from './imageLink';
import { maskMarkdown } from './markdownMask';
import { linksOfTag, readTag, type TagDialect } from './tags';

const MAX_DESTINATION = 2000;
const MAX_PARENTHESES = 32;

interface Destination {
  readonly target: string;
  readonly range: Span;
}

interface Opener {
  readonly at: number;
  readonly isImage: boolean;
}

export function markdownLinks(text: string, languageId: 'markdown' | 'mdx'): ImageLink[] {
  const isMdx = languageId === 'mdx';
  return new MarkdownScan(text, maskMarkdown(text, isMdx), isMdx).run();
}

class MarkdownScan {
  private readonly links: ImageLink[] = [];
  private readonly finder: Finder;
  private readonly definitions: ReadonlyMap<string, Destination>;
  private readonly syntax: AltSyntax;
  private readonly dialect: TagDialect;
  private openers: Opener[] = [];

  /** `masked`: the same text without code and comments. */
  constructor(private readonly text: string, private readonly masked: string, isMdx: boolean) {
    this.finder = new Finder(masked);
    this.syntax = isMdx ? 'mdx' : 'markdown';
    this.dialect = { kind: isMdx ? 'jsx' : 'html', syntax: 'htmlInMarkdown', hasBraces: isMdx };
    this.definitions = this.readDefinitions();
  }

  run(): ImageLink[] {
    const marks = /\\[^\r\n]|!\[|[[\]<]|\n(?=[ \t>]{0,100}\r?\n)/g;
    for (let match = marks.exec(this.masked); match !== null; match = marks.exec(this.masked)) {
      const at = match.index;
      switch (match[0]) {
        case '\n':
          this.openers = [];
          break;
        case '![':
          this.openers.push({ at, isImage: true });
          break;
        case '[':
          this.openers.push({ at, isImage: false });
          break;
        case ']':
          marks.lastIndex = this.close(at);
          break;
        case '<':
          marks.lastIndex = this.tag(at);
          break;
        default:
      }
    }
    return this.links.sort((a, b) => a.range.start - b.range.start);
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
    if (inline !== undefined) {
      this.add(opener, inline.destination, inline.end, label, label, '');
      return inline.end;
    }
    if (!opener.isImage) return at + 1;
    return this.reference(opener, label, at);
  }

  /** `![alt][name]`, `![name][]`, `![name]`. Other alt text than the name needs the name written out. */
  private reference(opener: Opener, label: Span, at: number): number {
    const isBracket = this.masked[at + 1] === '[';
    const close = isBracket ? this.finder.next(']', at + 2) : at;
    const named = isBracket && close < this.masked.length && close - at < 1000;
    const name = named ? this.masked.slice(at + 2, close) : '';
    const end = named ? close + 1 : at + 1;
    const written = name.trim() === '' ? this.text.slice(label.start, label.end) : undefined;
    const destination = this.definitions.get(normaliseLabel(written ?? name));
    if (destination === undefined) return at + 1;
    const slot = written === undefined ? label : { start: label.start, end: named ? close : label.end };
    this.add(opener, destination, end, label, slot, written === undefined ? '' : `][${written}`);
    return end;
  }

  private add(opener: Opener, destination: Destination, end: number, label: Span, slot: Span, after: string): void {
    const range = { start: opener.at, end };
    const address = { target: destination.target, targetRange: destination.range };
    if (!opener.isImage) {
      if (isImageTarget(destination.target)) {
        this.links.push({ kind: 'markdown', range: destination.range, ...address, alt: undefined, altSlot: undefined });
      }
      return;
    }
    const alt = decodeMarkdown(this.text.slice(label.start, label.end)).trim();
    this.links.push({
      kind: 'markdown',
      range,
      ...address,
      alt: alt === '' ? undefined : alt,
      altSlot: { range: slot, before: '', after, syntax: this.syntax },
    });
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
      if (code === 0x5c && end + 1 < this.masked.length && this.masked.charCodeAt(end + 1) > 0x20) end++;
      else if (code === 0x28 && ++depth > MAX_PARENTHESES) return undefined;
      else if (code === 0x29 && depth-- === 0) break;
    }
    if (end === at || end - at > MAX_DESTINATION) return undefined;
    return { target: decodeMarkdown(this.text.slice(at, end)), range: { start: at, end } };
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

/** Backslash escapes and entities resolved. */
export function decodeMarkdown(raw: string): string {
  return decodeEntities(
    raw.replace(/\\([!-/:-@[-`{-~])/g, (_, char: string) => char === '&' ? '&amp;' : char).split('\n').map(oneLine)
      .filter(isKept).join(' '),
  );
}

/** Blanks around line ends go: an expression for them would take time by the square of a long row of blanks. */
function oneLine(part: string, index: number, parts: readonly string[]): string {
  const start = index > 0 ? part.trimStart() : part;
  return index < parts.length - 1 ? start.trimEnd() : start;
}

function isKept(part: string, index: number, parts: readonly string[]): boolean {
  return part !== '' || index === 0 || index === parts.length - 1;
}
