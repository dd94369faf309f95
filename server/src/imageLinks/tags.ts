/** Start tags of HTML and its relatives: one tolerant reader for HTML, Vue, Svelte, JSX and HTML inside Markdown. */
import { isImageTarget } from '../../../paligemma/src/pictureTypes';
import { decodeEntities } from './entities';
import type { AltSyntax, Finder, ImageLink, LinkKind, Span } from './imageLink';

export interface Attribute {
  readonly name: string;
  readonly nameEnd: number;
  /** The whole attribute. */
  readonly range: Span;
  /** Undefined for an attribute without a value. */
  readonly value: AttributeValue | undefined;
}

export interface AttributeValue {
  /** Inside of the quotes. */
  readonly range: Span;
  /** `expression`: `{…}`, except where it holds one string only, which is `script`. */
  readonly form: 'double' | 'single' | 'bare' | 'script' | 'expression';
}

export interface Tag {
  /** As written. */
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly range: Span;
}

export interface TagDialect {
  readonly kind: LinkKind;
  readonly syntax: AltSyntax;
  /** `{…}` is an expression: JSX and Svelte. */
  readonly hasBraces: boolean;
}

const nameStart = /[A-Za-z]/;
const space = /\s/;
/** A tag with more than this is no tag that somebody wrote. */
const MAX_ATTRIBUTES = 200;

/** Reads the start tag whose `<` is at `at`; undefined where there is none. Stops at `limit`. */
export function readTag(
  text: string,
  at: number,
  limit: number,
  dialect: Pick<TagDialect, 'hasBraces'>,
  finder: Finder,
): Tag | undefined {
  if (!nameStart.test(text[at + 1] ?? '')) return undefined;
  let position = at + 1;
  while (position < limit && /[A-Za-z0-9_.:-]/.test(text[position]!)) position++;
  const name = text.slice(at + 1, position);
  if (position < limit && !/[\s/>{]/.test(text[position]!)) return undefined;
  const attributes: Attribute[] = [];
  while (position < limit && attributes.length < MAX_ATTRIBUTES) {
    const char = text[position]!;
    if (char === '>') return { name, attributes, range: { start: at, end: position + 1 } };
    // Two tags without an end between them: the first one is being typed.
    if (char === '<') return { name, attributes, range: { start: at, end: position } };
    if (space.test(char) || char === '/') {
      position++;
      continue;
    }
    if (char === '{' && dialect.hasBraces) {
      position = braceEnd(text, position, limit, finder);
      continue;
    }
    const attribute = readAttribute(text, position, limit, dialect, finder);
    attributes.push(attribute);
    position = Math.max(attribute.range.end, position + 1);
  }
  return undefined;
}

function readAttribute(
  text: string,
  start: number,
  limit: number,
  dialect: Pick<TagDialect, 'hasBraces'>,
  finder: Finder,
): Attribute {
  const nameEnd = skip(text, start + 1, limit, /[^\s/>=<]/);
  const name = text.slice(start, nameEnd);
  const equals = skip(text, nameEnd, limit, space);
  if (text[equals] !== '=' || equals >= limit) {
    return { name, nameEnd, range: { start, end: nameEnd }, value: undefined };
  }
  const at = skip(text, equals + 1, limit, space);
  const quote = at < limit ? text[at] : undefined;
  if (quote === '"' || quote === "'") {
    const close = finder.next(quote, at + 1);
    return {
      name,
      nameEnd,
      range: { start, end: Math.min(close + 1, limit) },
      value: { range: { start: at + 1, end: Math.min(close, limit) }, form: quote === '"' ? 'double' : 'single' },
    };
  }
  if (quote === '{' && dialect.hasBraces) {
    const end = braceEnd(text, at, limit, finder);
    return { name, nameEnd, range: { start, end }, value: expression(text, at, end) };
  }
  // A template of Astro: what is inserted into it is an expression.
  if (quote === '`' && dialect.hasBraces) {
    const end = stringEnd(text, at, limit);
    return { name, nameEnd, range: { start, end }, value: { range: { start: at, end }, form: 'expression' } };
  }
  const end = skip(text, at, limit, /[^\s<>]/);
  const bare = text[end] === '>' && text[end - 1] === '/' && end - 1 > at ? end - 1 : end;
  return { name, nameEnd, range: { start, end: bare }, value: { range: { start: at, end: bare }, form: 'bare' } };
}

function skip(text: string, from: number, limit: number, part: RegExp): number {
  let at = from;
  while (at < limit && part.test(text[at]!)) at++;
  return at;
}

/** `{"text"}` is as good as a string; a template counts where nothing is inserted into it. */
function expression(text: string, start: number, end: number): AttributeValue {
  const inside = text.slice(start + 1, end - 1);
  const match = end - start < 20_000 ? /^(\s*)(["'`])((?:(?!\2)[^\\\n]|\\.)*)\2\s*$/.exec(inside) : null;
  if (match === null || match[2] === '`') return { range: { start: start + 1, end: end - 1 }, form: 'expression' };
  const from = start + 1 + match[1]!.length + 1;
  return { range: { start: from, end: from + match[3]!.length }, form: 'script' };
}

/**
 * Behind the `}` that belongs to the `{` at `at`. Strings and nested braces count; a brace that is never closed ends at
 * `limit`.
 */
function braceEnd(text: string, at: number, limit: number, finder: Finder): number {
  let depth = 0;
  if (!finder.spend(0)) return at + 1;
  for (let position = at; position < limit; position++) {
    const char = text[position]!;
    if (char === '{') depth++;
    else if (char === '}' && --depth === 0) {
      finder.spend(position - at);
      return position + 1;
    } else if (char === '"' || char === "'" || char === '`') position = stringEnd(text, position, limit) - 1;
  }
  finder.spend(limit - at);
  return limit;
}

/** Characters; pictures inside of the page itself (`data:`) are longer, and are no links. */
export const LONGEST_STRING = 10_000;
/**
 * Behind the string that starts at `at`; a quote without a partner on its line stands for itself, a template may go on.
 */
export function stringEnd(text: string, at: number, limit: number): number {
  const quote = text[at];
  // A quote without a partner must not cost the rest of the file each time.
  const end = quote === '`' ? limit : Math.min(limit, at + LONGEST_STRING);
  for (let position = at + 1; position < end; position++) {
    const char = text[position]!;
    if (char === '\\') position++;
    else if (char === quote) return position + 1;
    else if (char === '\n' && quote !== '`') return at + 1;
  }
  return quote === '`' ? limit : at + 1;
}

const pictureName = /(?:^|[-.:_a-z0-9])(?:img|image|picture)$|^(?:input|amp-anim)$/i;
/** Addresses of pictures that have no alt text of their own. */
const otherAddresses: Readonly<Record<string, readonly string[]>> = {
  video: ['poster'],
  source: ['src'],
  image: ['href', 'xlink:href'],
  feimage: ['href', 'xlink:href'],
  link: ['href'],
  a: ['href'],
  use: ['href'],
  object: ['data'],
  embed: ['src'],
  body: ['background'],
};

/** The pictures that a tag names. Only values that are plain strings count. */
export function linksOfTag(text: string, tag: Tag, dialect: TagDialect): ImageLink[] {
  const links: ImageLink[] = [];
  const isPicture = pictureName.test(tag.name)
    && (tag.name.toLowerCase() !== 'input' || valueOf(text, tag, 'type') === 'image');
  const source = isPicture ? stringAttribute(tag, 'src') ?? importedAttribute(text, tag, 'src') : undefined;
  if (source !== undefined) {
    links.push({
      kind: dialect.kind,
      range: tag.range,
      ...target(text, source.value),
      ...altOf(text, tag, source, dialect),
    });
  }
  for (const name of otherAddresses[tag.name.toLowerCase()] ?? []) {
    const attribute = stringAttribute(tag, name);
    if (attribute === undefined || attribute.value === source?.value) continue;
    const found = target(text, attribute.value);
    if (isImageTarget(found.target)) {
      links.push({ kind: dialect.kind, range: attribute.range, ...found, alt: undefined, altSlot: undefined });
    }
  }
  const set = stringAttribute(tag, 'srcset') ?? stringAttribute(tag, 'srcSet');
  return set === undefined ? links : [...links, ...sourceSet(text, set.value, dialect.kind)];
}

function sourceSet(text: string, { range }: AttributeValue, kind: LinkKind): ImageLink[] {
  const links: ImageLink[] = [];
  for (const match of text.slice(range.start, range.end).matchAll(/[^\s,][^\s]*/g)) {
    const word = match[0].replace(/,+$/, '');
    if (!isImageTarget(word)) continue;
    const span = { start: range.start + match.index, end: range.start + match.index + word.length };
    links.push({
      kind,
      range: span,
      target: decodeEntities(word),
      targetRange: span,
      alt: undefined,
      altSlot: undefined,
    });
  }
  return links;
}

function target(text: string, value: AttributeValue): { readonly target: string; readonly targetRange: Span } {
  return { target: plainValue(text, value).trim(), targetRange: value.range };
}

function altOf(text: string, tag: Tag, source: Attribute, dialect: TagDialect): Pick<ImageLink, 'alt' | 'altSlot'> {
  const alt = attributeOf(tag, 'alt');
  if (alt === undefined) {
    // Bound, shorthand, or given with a colon as in Vue: something else decides.
    if (tag.attributes.some(({ name }) => /^(?::|v-bind:|\[|bind:)alt\b/.test(name)) || computedAlt(text, tag)) {
      return { alt: undefined, altSlot: undefined };
    }
    const quote = source.value?.form === 'single' ? "'" : '"';
    return {
      alt: undefined,
      altSlot: {
        range: { start: source.range.end, end: source.range.end },
        before: ` alt=${quote}`,
        after: quote,
        syntax: dialect.syntax,
      },
    };
  }
  const { value } = alt;
  if (value === undefined) {
    return {
      alt: '',
      altSlot: { range: { start: alt.nameEnd, end: alt.nameEnd }, before: '="', after: '"', syntax: dialect.syntax },
    };
  }
  if (
    value.form === 'expression'
    || (dialect.hasBraces && dialect.syntax === 'svelte'
      && text.slice(value.range.start, value.range.end).includes('{'))
  ) return { alt: undefined, altSlot: undefined };
  const around = value.form === 'bare' ? '"' : '';
  const syntax = value.form === 'script'
    ? text[value.range.start - 1] === '"' ? 'scriptDouble' : 'scriptSingle'
    : dialect.syntax;
  return { alt: plainValue(text, value), altSlot: { range: value.range, before: around, after: around, syntax } };
}

/** `{alt}` of Svelte. */
function computedAlt(text: string, tag: Tag): boolean {
  return /\{\s*alt\s*\}/.test(text.slice(tag.range.start, Math.min(tag.range.end, tag.range.start + 5000)));
}

function plainValue(text: string, { range, form }: AttributeValue): string {
  const raw = text.slice(range.start, range.end);
  return form === 'script' ? unescapeScript(raw) : decodeEntities(raw);
}

/** The text of a string literal of JavaScript. */
function unescapeScript(raw: string): string {
  return raw.replace(
    /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([^]))/g,
    (whole, point?: string, unit?: string, byte?: string, char?: string) => {
      const hex = point ?? unit ?? byte;
      if (hex !== undefined) return parseInt(hex, 16) <= 0x10ffff ? String.fromCodePoint(parseInt(hex, 16)) : whole;
      return { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', 0: '\0', '\n': '' }[char ?? ''] ?? char ?? '';
    },
  );
}

function attributeOf(tag: Tag, name: string): Attribute | undefined {
  return tag.attributes.find(attribute => attribute.name === name)
    ?? tag.attributes.find(attribute => attribute.name.toLowerCase() === name);
}

function valueOf(text: string, tag: Tag, name: string): string | undefined {
  const value = attributeOf(tag, name)?.value;
  return value === undefined ? undefined : text.slice(value.range.start, value.range.end).toLowerCase();
}

/** `{require('./a.png').default}` and `{useBaseUrl('/a.png')}`: Docusaurus and older bundlers. */
const imported = /^\s*(?:require|useBaseUrl)\(\s*(["'])([^"'\\\n]{1,1000})\1\s*\)(?:\.default)?\s*$/;

function importedAttribute(
  text: string,
  tag: Tag,
  name: string,
): Attribute & { readonly value: AttributeValue } | undefined {
  const attribute = attributeOf(tag, name);
  if (attribute?.value?.form !== 'expression') return undefined;
  const { start, end } = attribute.value.range;
  const match = end - start < 2000 ? imported.exec(text.slice(start, end)) : null;
  if (match === null) return undefined;
  const from = start + match[0].indexOf(match[1]!) + 1;
  return { ...attribute, value: { range: { start: from, end: from + match[2]!.length }, form: 'script' } };
}

/** Expressions name no file. */
function stringAttribute(tag: Tag, name: string): Attribute & { readonly value: AttributeValue } | undefined {
  const attribute = attributeOf(tag, name);
  const value = attribute?.value;
  return attribute === undefined || value === undefined || value.form === 'expression'
    ? undefined
    : { ...attribute, value };
}
