/** Pictures in JSX and TSX: tags are told from comparisons by what stands before them, as a parser would see it. */
import { Finder } from './imageLink';
import type { ImageLink } from './imageLink';
import { linksOfTag, LONGEST_STRING, readTag, stringEnd, type Tag, type TagDialect } from './tags';

const jsxDialect: TagDialect = { kind: 'jsx', syntax: 'html', hasBraces: true };

const SHORT_STRING = 200;

/** What the text at a place is: code, code inside of a template string, the template itself, or text between tags. */
type Mode = 'code' | 'insert' | 'template' | 'children';

const wordsBeforeTag = /(?:^|[^\w$.])(?:return|default|yield|await|case|else|do|in|of|typeof|void|new|delete|throw)$/;

export function jsxLinks(text: string): ImageLink[] {
  const scan = new JsxScan(text);
  scan.run(0, text.length);
  // Code in braces is read after the tag it stands in.
  for (let next = scan.later.pop(); next !== undefined; next = scan.later.pop()) scan.run(next.start, next.end);
  return scan.links.sort((a, b) => a.range.start - b.range.start);
}

class JsxScan {
  readonly links: ImageLink[] = [];
  readonly later: { readonly start: number; readonly end: number }[] = [];
  private readonly finder: Finder;
  private modes: Mode[] = ['code'];
  /** Place of the last character of code that is neither blank nor comment; before the start where there is none. */
  private lastCode = -1;

  constructor(private readonly text: string) {
    this.finder = new Finder(text);
  }

  run(start: number, end: number): void {
    this.modes = ['code'];
    this.lastCode = start - 1;
    for (let position = start; position < end;) {
      const mode = this.modes.at(-1);
      position = mode === 'children'
        ? this.children(position, end)
        : mode === 'template'
        ? this.template(position, end)
        : this.code(position, start, end);
    }
  }

  private children(position: number, end: number): number {
    const at = Math.min(this.finder.next('<', position), this.finder.next('{', position), end);
    if (at >= end) return end;
    if (this.text[at] === '{') return this.push('code', at);
    if (this.text[at + 1] === '/') {
      this.modes.pop();
      this.lastCode = at;
      return Math.min(this.finder.next('>', at) + 1, end);
    }
    return this.tag(at, end) ?? at + 1;
  }

  private template(position: number, end: number): number {
    for (let at = position; at < end; at++) {
      const char = this.text[at];
      if (char === '\\') at++;
      else if (char === '`') {
        this.modes.pop();
        this.lastCode = at;
        return at + 1;
      } else if (char === '$' && this.text[at + 1] === '{') return this.push('insert', at + 1);
    }
    return end;
  }

  private code(position: number, start: number, end: number): number {
    const { text } = this;
    const char = text[position]!;
    if (/\s/.test(char)) return position + 1;
    switch (char) {
      case '"':
      case "'":
        return this.seen(this.string(position, end));
      case '`':
        return this.push('template', position);
      case '{':
        return this.push('code', position);
      case '}':
        if (this.modes.length > 1) this.modes.pop();
        return this.seen(position + 1);
      case '/':
        return this.slash(position, start, end);
      case '<':
        return (this.expectsValue(start) ? this.element(position, end) : undefined) ?? this.seen(position + 1);
      default:
        return this.seen(position + 1);
    }
  }

  /** Quotes without a partner draw on the budget of look-aheads; once it is gone, only short strings are seen. */
  private string(position: number, end: number): number {
    const limit = this.finder.spend(0) ? end : Math.min(end, position + SHORT_STRING);
    const after = stringEnd(this.text, position, limit);
    if (after === position + 1) this.finder.spend(Math.min(LONGEST_STRING, limit - position));
    return after;
  }

  private slash(position: number, start: number, end: number): number {
    const next = this.text[position + 1];
    if (next === '/') return this.finder.next('\n', position);
    if (next === '*') return Math.min(this.finder.next('*/', position + 2) + 2, end);
    return this.seen(this.expectsValue(start) ? regexEnd(this.text, position, end) : position + 1);
  }

  private element(at: number, end: number): number | undefined {
    return this.text.startsWith('<>', at) ? this.push('children', at + 1) : this.tag(at, end);
  }

  /** Reads a tag and enters it. Undefined where there is none. */
  private tag(at: number, end: number): number | undefined {
    const tag = readTag(this.text, at, end, jsxDialect, this.finder);
    if (tag === undefined || isTypeParameter(tag)) return undefined;
    this.links.push(...linksOfTag(this.text, tag, jsxDialect));
    for (const { value } of tag.attributes) {
      if (value?.form === 'expression' && this.finder.spend(value.range.end - value.range.start)) {
        this.later.push(value.range);
      }
    }
    const isClosed = this.text[tag.range.end - 2] === '/' || this.text[tag.range.end - 1] !== '>';
    if (!isClosed) this.modes.push('children');
    this.lastCode = tag.range.end - 1;
    return tag.range.end;
  }

  private push(mode: Mode, at: number): number {
    this.modes.push(mode);
    return this.seen(at + 1);
  }

  private seen(end: number): number {
    this.lastCode = end - 1;
    return end;
  }

  /** Whether a value may start here, so that `<` opens a tag and `/` a regular expression. */
  private expectsValue(start: number): boolean {
    if (this.lastCode < start) return true;
    const last = this.text[this.lastCode]!;
    if (/[\w$]/.test(last)) {
      return wordsBeforeTag.test(this.text.slice(Math.max(start, this.lastCode - 12), this.lastCode + 1));
    }
    return !/[)\]"'`.]/.test(last);
  }
}

/** `<T extends Node>(…) => …` of TSX. */
function isTypeParameter({ attributes }: Tag): boolean {
  return attributes[0]?.name === 'extends' && attributes[0].value === undefined;
}

function regexEnd(text: string, at: number, limit: number): number {
  let isInClass = false;
  for (let position = at + 1; position < limit; position++) {
    const char = text[position];
    if (char === '\n') break;
    if (char === '\\') position++;
    else if (char === '[') isInClass = true;
    else if (char === ']') isInClass = false;
    else if (char === '/' && !isInClass) return position + 1;
  }
  return at + 1;
}
