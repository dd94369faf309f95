/**
 * Reads the HTML in which models write tables: `table thead tbody tr td th b i sub sup br`, with `colspan`, `rowspan`
 * and `coords`. Tolerant of everything; pure; time grows with the length only. The metric TEDS reads markup by a reader of its
 * own (`metrics/src/tables`), as the parser of its reference does, faults included; this one looks for what the model meant.
 */
import { decodeEntities } from '../entities';

/** An element of the tree. Cells hold text and inline elements, all others only elements. */
export interface TableElement {
  readonly tag: TableTag;
  /** As written, entities resolved; the first of a name counts. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: TableNode[];
  /** Four bins as they stand before the cell or at its beginning, outside of its attributes. */
  readonly locs?: readonly number[];
  /** Of its start tag: UTF-16 units of the suffix. */
  readonly start: number;
}

export interface TableText {
  readonly text: string;
  readonly start: number;
}

export type TableNode = TableElement | TableText;

const sectionTags = ['thead', 'tbody', 'tfoot'] as const;
const cellTags = ['td', 'th'] as const;
const inlineTags = ['b', 'i', 'sub', 'sup', 'br'] as const;
export type InlineTag = (typeof inlineTags)[number];
export type TableTag = 'table' | (typeof sectionTags)[number] | 'tr' | (typeof cellTags)[number] | InlineTag;

/** What stands in other places of a page and says nothing about a table. */
const ignoredTags = new Set(['html', 'body', 'head', 'div', 'p', 'span', 'colgroup', 'col', 'caption']);
const tagNames: ReadonlySet<string> = new Set(['table', ...sectionTags, 'tr', ...cellTags, ...inlineTags]);
/** Names that mean the same. */
const sameTags: Readonly<Record<string, InlineTag>> = { strong: 'b', em: 'i' };

/** Something that is not as it is in HTML. */
export type TableFaultKind =
  | 'noTable'
  | 'unknownTag'
  | 'cutTag'
  | 'unclosed'
  | 'looseText'
  | 'nestedTable'
  | 'looseEnd';

export interface TableTokenFault {
  readonly kind: TableFaultKind;
  /** The tag's name or the text that it is about, shortened. */
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

export interface TableTree {
  readonly root: TableElement;
  readonly faults: readonly TableTokenFault[];
  /** True where the text held more elements than are read. */
  readonly isBounded: boolean;
}

type Token =
  | {
    readonly kind: 'start' | 'end';
    readonly name: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly start: number;
    readonly end: number;
    /** The text ended within it. */
    readonly isCut: boolean;
  }
  | { readonly kind: 'loc'; readonly bin: number; readonly start: number; readonly end: number }
  | { readonly kind: 'text'; readonly text: string; readonly start: number; readonly end: number };

/** A text that begins as a table, or in the middle of one: at a section, a row or a cell. */
export function isTableMarkup(text: string): boolean {
  return /^\s*(?:<loc\d{4}>\s*)*<(?:html|body|table|thead|tbody|tr|td|th)[\s>]/i.test(text);
}

/** Inline elements deeper than this have no effect. */
const DEEPEST_INLINE = 8;
/** More attributes than a cell can have say nothing. */
const MOST_ATTRIBUTES = 20;
const MOST_FAULTS = 100;
/** Several times what the longest answer of a model has tokens for. */
const MOST_ELEMENTS = 50_000;

/** @returns A `table` element, made where the text begins inside of one. */
export function readTable(text: string): TableTree {
  const tree = new TreeBuilder();
  for (const token of tokens(text)) {
    if (tree.isFull) break;
    tree.take(token);
  }
  return tree.end(text.length);
}

class TreeBuilder {
  private readonly root: TableElement;
  private faults: TableTokenFault[] = [];
  private section: TableElement | undefined;
  private row: TableElement | undefined;
  private cell: TableElement | undefined;
  /** Whether the cell holds more than blanks. */
  private isFilled = false;
  /** Inline elements that are open in the cell, the innermost last. */
  private inline: TableElement[] = [];
  private locs: number[] = [];
  private hasRows = false;
  private wasTableOpened = false;
  private wasTableClosed = false;
  private isCut = false;
  private elements = 0;

  constructor() {
    this.root = { tag: 'table', attributes: {}, children: [], start: 0 };
  }

  get isFull(): boolean {
    return this.elements >= MOST_ELEMENTS;
  }

  take(token: Token): void {
    switch (token.kind) {
      case 'loc':
        if (this.locs.length < 4) this.locs.push(token.bin);
        return this.placeCell();
      case 'text':
        return this.text(token);
      case 'start':
        // Half of a tag opens nothing.
        return token.isCut ? this.cut(token) : this.open(token);
      case 'end':
        return this.close(token);
    }
  }

  end(length: number): TableTree {
    // What else could be said of what is no table says nothing.
    if (!this.hasRows) this.faults = [{ kind: 'noTable', what: '', start: 0, end: length }];
    else if (!this.isFull && (this.cell !== undefined || (this.wasTableOpened && !this.wasTableClosed))) {
      const open = this.inline.at(-1) ?? this.cell ?? this.row ?? this.section ?? this.root;
      if (!this.isCut) this.fault('unclosed', open.tag, open.start, length);
    }
    return { root: this.root, faults: this.faults, isBounded: this.isFull };
  }

  private open({ name, attributes, start, end }: Extract<Token, { kind: 'start' | 'end' }>): void {
    const tag = (sameTags[name] ?? name) as TableTag;
    if (!tagNames.has(tag)) {
      if (!ignoredTags.has(name)) this.fault('unknownTag', name, start, end);
      return;
    }
    const element: TableElement = { tag, attributes, children: [], start };
    this.elements++;
    switch (tag) {
      case 'table':
        if (this.wasTableOpened || this.hasRows) this.fault('nestedTable', name, start, end);
        this.wasTableOpened = true;
        this.wasTableClosed = false;
        return;
      case 'thead':
      case 'tbody':
      case 'tfoot':
        this.leaveSection();
        this.section = element;
        this.root.children.push(element);
        return;
      case 'tr':
        return this.openRow(element);
      case 'td':
      case 'th':
        return this.openCell(element);
      default:
        return this.openInline(element);
    }
  }

  private openRow(element: TableElement): void {
    this.leaveRow();
    this.row = element;
    this.hasRows = true;
    (this.section ?? this.root).children.push(element);
  }

  private openCell(element: TableElement): void {
    this.leaveCell();
    this.isFilled = false;
    if (this.row === undefined) this.openRow({ tag: 'tr', attributes: {}, children: [], start: element.start });
    this.cell = this.locs.length === 4 ? { ...element, locs: this.locs } : element;
    this.locs = [];
    this.row?.children.push(this.cell);
  }

  private openInline(element: TableElement): void {
    if (this.cell === undefined) return;
    this.isFilled = true;
    if (element.tag === 'br') this.innermost?.push(element);
    else if (this.inline.length < DEEPEST_INLINE) {
      this.innermost?.push(element);
      this.inline.push(element);
    }
  }

  private close({ name, start, end }: Extract<Token, { kind: 'start' | 'end' }>): void {
    const tag = (sameTags[name] ?? name) as TableTag;
    if (!tagNames.has(tag)) {
      if (!ignoredTags.has(name)) this.fault('unknownTag', name, start, end);
      return;
    }
    switch (tag) {
      case 'table':
        this.leaveSection();
        this.wasTableClosed = true;
        return;
      case 'thead':
      case 'tbody':
      case 'tfoot':
      case 'tr':
      case 'td':
      case 'th':
        if (!this.isOpen(tag)) this.fault('looseEnd', name, start, end);
        return this.leave(tag);
      case 'br':
        return;
      default: {
        const at = this.inline.findLastIndex(element => element.tag === tag);
        if (at >= 0) this.inline.length = at;
      }
    }
  }

  private isOpen(tag: TableTag): boolean {
    if (tag === 'tr') return this.row !== undefined;
    return tag === 'td' || tag === 'th' ? this.cell !== undefined : this.section?.tag === tag;
  }

  private leave(tag: TableTag): void {
    if (tag === 'tr') this.leaveRow();
    else if (tag === 'td' || tag === 'th') this.leaveCell();
    else this.leaveSection();
  }

  private text({ text, start, end }: Extract<Token, { kind: 'text' }>): void {
    const isBlank = text.trim() === '';
    if (this.cell !== undefined) {
      this.innermost?.push({ text, start });
      this.isFilled ||= !isBlank;
    } else if (!isBlank) this.fault('looseText', text.trim().slice(0, 40), start, end);
  }

  /** Locs at the beginning of a cell are its own. */
  private placeCell(): void {
    const { cell, row } = this;
    if (this.locs.length < 4 || cell === undefined || row === undefined) return;
    if (this.isFilled || cell.locs !== undefined) return;
    this.cell = { ...cell, locs: this.locs };
    row.children[row.children.length - 1] = this.cell;
    this.locs = [];
  }

  private cut({ name, start, end }: Extract<Token, { kind: 'start' | 'end' }>): void {
    this.isCut = true;
    this.fault('cutTag', name, start, end);
  }

  private get innermost(): TableNode[] | undefined {
    return (this.inline.at(-1) ?? this.cell)?.children;
  }

  private leaveCell(): void {
    this.inline = [];
    this.cell = undefined;
  }

  private leaveRow(): void {
    this.leaveCell();
    this.row = undefined;
  }

  private leaveSection(): void {
    this.leaveRow();
    this.section = undefined;
  }

  private fault(kind: TableFaultKind, what: string, start: number, end: number): void {
    if (this.faults.length < MOST_FAULTS) this.faults.push({ kind, what, start, end });
  }
}

/** `<` begins a tag only before a letter or a slash and a letter, as in HTML: `p < 0.05` is text. */
function* tokens(text: string): Generator<Token> {
  const mark = /<(?:loc(0\d{3}|10[01]\d|102[0-3])>|(\/?)([a-zA-Z][a-zA-Z0-9]{0,30})(?=[\s/>]|$))/g;
  let position = 0;
  for (let match = mark.exec(text); match !== null; match = mark.exec(text)) {
    const [written, bin, slash, name = ''] = match;
    const start = match.index;
    if (start > position) yield textToken(text, position, start);
    position = start + written.length;
    if (bin !== undefined) yield { kind: 'loc', bin: Number(bin), start, end: position };
    else {
      const { attributes, end, isCut } = readAttributes(text, position);
      position = end;
      yield { kind: slash === '/' ? 'end' : 'start', name: name.toLowerCase(), attributes, start, end, isCut };
    }
    mark.lastIndex = position;
  }
  if (position < text.length) yield textToken(text, position, text.length);
}

function textToken(text: string, start: number, end: number): Token {
  return { kind: 'text', text: decodeEntities(text.slice(start, end)), start, end };
}

/** One attribute, or the end of the tag. Each try begins where the last one ended. */
const attribute = /\s*(?:(\/?>)|([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|(["'])|([^\s>]+)))?|([/="'])|$)/y;

function readAttributes(
  text: string,
  from: number,
): { readonly attributes: Readonly<Record<string, string>>; readonly end: number; readonly isCut: boolean } {
  const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
  let count = 0;
  attribute.lastIndex = from;
  for (let match = attribute.exec(text); match !== null; match = attribute.exec(text)) {
    const [, close, name, double, single, open, bare] = match;
    if (close !== undefined) return { attributes, end: attribute.lastIndex, isCut: false };
    // A quote that is never closed: the tag was cut off within the value.
    if (open !== undefined || attribute.lastIndex >= text.length) break;
    if (name === undefined || count >= MOST_ATTRIBUTES) continue;
    count++;
    attributes[name.toLowerCase()] ??= decodeEntities(double ?? single ?? bare ?? '');
  }
  return { attributes, end: text.length, isCut: true };
}
