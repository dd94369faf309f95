/**
 * The tree that lxml makes of a page. It differs from that of HTML 5 where tables are concerned: no `tbody` is added, a
 * cell may stand in a table without a row, and nothing is moved out of a table.
 * Source: the behaviour of libxml2 2.14.6 as lxml 6.1.3 shows it.
 */
import * as l10n from '@vscode/l10n';
import { CaseFault } from '../common/caseFault';
import { markupTokens, type MarkupToken } from './markup';

export interface MarkupElement {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (MarkupElement | string)[];
}

/** Deeper ones are made by nobody who means a table. */
const DEEPEST = 250;
const MOST_ELEMENTS = 200_000;

/** Elements that hold nothing. */
const voidTags = new Set(names('area base basefont br col frame hr img input isindex link meta param'));

/** What the start of an element ends, where it is open and the innermost. */
const endedBy = new Map(
  Object.entries({
    a: 'a table td th',
    b: 'center p td th',
    big: 'p',
    caption: 'col colgroup tbody tfoot thead tr',
    colgroup: 'colgroup tbody tfoot thead tr',
    dd: 'dt',
    dl: 'form li',
    dt: 'dd dl',
    font: 'center td th',
    form: 'form',
    h1: 'form li p table',
    h2: 'form li p table',
    h3: 'form li p table',
    h4: 'form li p table',
    h5: 'form li p table',
    h6: 'form li p table',
    head: 'a abbr b big blockquote body br center cite code dl dt dd del div em font form h1 h2 h3 h4 h5 h6 hr i img '
      + 'kbd li ol p pre q s small span strike strong sub sup table tt u ul var',
    i: 'center p td th',
    li: 'li',
    ol: 'form',
    option: 'optgroup option',
    p: 'blockquote caption center col colgroup dd div dl dt form h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td tfoot '
      + 'th title tr ul',
    pre: 'dd dl dt form li table ul',
    s: 'p',
    small: 'p',
    span: 'td th',
    strike: 'p',
    tbody: 'tbody tfoot',
    td: 'tbody td tfoot th tr',
    tfoot: 'tbody',
    th: 'tbody td tfoot th tr',
    thead: 'tbody tfoot',
    tr: 'tbody tfoot tr',
    tt: 'p',
    u: 'p td th',
    ul: 'form pre',
  }).map(([tag, others]): [string, ReadonlySet<string>] => [tag, new Set(names(others))]),
);

/** An end tag ends nothing beyond an element that ranks higher; all others rank 100. */
const ranks = new Map([
  ['div', 150],
  ['td', 160],
  ['th', 160],
  ['tr', 170],
  ['thead', 180],
  ['tbody', 180],
  ['tfoot', 180],
  ['table', 190],
  ['head', 200],
  ['body', 200],
  ['html', 220],
]);

const headTags = new Set(['script', 'style', 'meta', 'link', 'title', 'base']);

function names(text: string): readonly string[] {
  return text.split(' ');
}

/**
 * @returns The `html` element, its parts added where they are missing; undefined for a text without any content.
 * @throws CaseFault for one that no table needs.
 */
export function pageTree(html: string): MarkupElement | undefined {
  const page = new Page();
  for (const token of markupTokens(html)) if (!page.take(token)) break;
  return page.root;
}

class Page {
  root: MarkupElement | undefined;
  private readonly open: MarkupElement[] = [];
  /** End tags of `html`, `head` and `body` that belong to start tags which were in the wrong place. */
  private misplaced = 0;
  private hadHead = false;
  private hadBody = false;
  private elements = 0;

  /** @returns False once nothing that follows counts. */
  take(token: MarkupToken): boolean {
    if (token.kind === 'start') this.start(token);
    else if (token.kind === 'cut') this.prepare(token.name);
    else if (token.kind === 'end') this.end(token.name);
    else this.text(token.text);
    return this.root === undefined || this.open.length > 0;
  }

  private start({ name, attributes, isClosed }: Extract<MarkupToken, { kind: 'start' }>): void {
    this.prepare(name);
    if (this.isMisplaced(name)) {
      this.misplaced++;
      return;
    }
    this.push(name, attributes);
    if (isClosed || voidTags.has(name)) this.open.pop();
  }

  /** What the beginning of a tag does, whether or not an element comes of it. */
  private prepare(name: string): void {
    while (endedBy.get(this.innermost?.tag ?? '')?.has(name) === true) this.open.pop();
    this.addMissing(name);
  }

  private addMissing(name: string): void {
    if (name === 'html') return;
    if (this.open.length === 0) this.push('html');
    if (name === 'body' || name === 'head') return;
    if (this.open.length <= 1 && headTags.has(name)) {
      if (!this.hadHead) this.push('head');
    } else if (!this.hadBody && !this.open.some(({ tag }) => tag === 'body' || tag === 'head')) this.push('body');
  }

  private isMisplaced(name: string): boolean {
    if (name === 'html') return this.open.length > 0;
    if (name === 'head') return this.open.length !== 1;
    return name === 'body' && this.open.some(({ tag }) => tag === 'body');
  }

  private push(tag: string, attributes: ReadonlyMap<string, string> = new Map()): void {
    if (this.open.length >= DEEPEST || ++this.elements > MOST_ELEMENTS) {
      throw new CaseFault(
        l10n.t('Its HTML has more than {0} elements, or more than {1} in each other.', MOST_ELEMENTS, DEEPEST),
      );
    }
    const element = { tag, attributes, children: [] };
    this.innermost?.children.push(element);
    this.root ??= element;
    this.open.push(element);
    this.hadHead ||= tag === 'head' || tag === 'body';
    this.hadBody ||= tag === 'body';
  }

  private end(name: string): void {
    if (this.misplaced > 0 && (name === 'html' || name === 'head' || name === 'body')) {
      this.misplaced--;
      return;
    }
    const rank = rankOf(name);
    for (let at = this.open.length - 1; at >= 0; at--) {
      const tag = this.open[at]!.tag;
      if (tag === name) {
        this.open.length = at;
        return;
      }
      if (rankOf(tag) > rank) return;
    }
  }

  private text(text: string): void {
    const isBlank = /^[\t\n\f\r ]*$/.test(text);
    const place = this.innermost?.tag;
    if (place === undefined || place === 'html' || place === 'head') {
      if (isBlank) return;
      if (place === 'head') this.open.pop();
      if (!this.hadBody) {
        if (place === undefined) this.push('html');
        this.push('body');
      }
    }
    this.innermost?.children.push(text);
  }

  private get innermost(): MarkupElement | undefined {
    return this.open.at(-1);
  }
}

function rankOf(tag: string): number {
  return ranks.get(tag) ?? 100;
}
