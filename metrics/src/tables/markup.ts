/** HTML in tags and text, as its standard divides them. Comments are left out. */
import { decodeLooseEntities } from '../../../paligemma/src/entities';

export type MarkupToken =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'end'; readonly name: string }
  | {
    readonly kind: 'start';
    readonly name: string;
    /** In small letters; the first of a name counts. */
    readonly attributes: ReadonlyMap<string, string>;
    /** Ended by `/>`. */
    readonly isClosed: boolean;
  }
  /** A start tag within which the text ends. */
  | { readonly kind: 'cut'; readonly name: string };

/** What is no markup up to the end tag. */
const rawElements = new Set([
  'script',
  'style',
  'textarea',
  'title',
  'xmp',
  'iframe',
  'noembed',
  'noframes',
  'plaintext',
]);
const withEntities = new Set(['textarea', 'title']);

/** Where something else than text may begin. */
const mark = /<(?:(\/?)([a-z][^\t\n\f />]*)|!--|[!?]|\/(?=.))/gis;

/** Time grows with the length only. */
export function* markupTokens(html: string): Generator<MarkupToken> {
  const text = html.replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd');
  let position = 0;
  while (position < text.length) {
    mark.lastIndex = position;
    const found = mark.exec(text);
    if (found === null) break;
    if (found.index > position) yield textToken(text.slice(position, found.index));
    const [written, slash, name] = found;
    position = found.index + written.length;
    if (name === undefined) {
      position = written === '<!--' ? endOfComment(text, position) : endOf(text, '>', position);
      continue;
    }
    const tag = readTag(text, position);
    position = tag.end;
    const small = name.toLowerCase();
    if (!tag.isWhole) {
      if (slash === '') yield { kind: 'cut', name: small };
      return;
    }
    if (slash === '/') yield { kind: 'end', name: small };
    else {
      yield { kind: 'start', name: small, attributes: tag.attributes, isClosed: tag.isClosed };
      if (!rawElements.has(small) || tag.isClosed) continue;
      const end = endOfRaw(text, small, position);
      const raw = text.slice(position, end);
      if (raw !== '') yield withEntities.has(small) ? textToken(raw) : { kind: 'text', text: raw };
      position = end;
    }
  }
  if (position < text.length) yield textToken(text.slice(position));
}

function textToken(text: string): MarkupToken {
  return { kind: 'text', text: decodeLooseEntities(text) };
}

/** Behind the next `what`, or the end. */
function endOf(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at < 0 ? text.length : at + what.length;
}

function endOfComment(text: string, from: number): number {
  const close = /-?>|[^]*?--!?>/y;
  close.lastIndex = from;
  return close.test(text) ? close.lastIndex : text.length;
}

function endOfRaw(text: string, name: string, from: number): number {
  if (name === 'plaintext') return text.length;
  const close = new RegExp(`</${name}[\\t\\n\\f />]`, 'gi');
  close.lastIndex = from;
  return close.exec(text)?.index ?? text.length;
}

interface Tag {
  readonly attributes: ReadonlyMap<string, string>;
  readonly isClosed: boolean;
  /** False where the text ends within it. */
  readonly isWhole: boolean;
  readonly end: number;
}

/** An attribute, or the end of the tag. */
const attribute =
  /([\t\n\f /]*)(?:(>)|([^\t\n\f />][^\t\n\f />=]*)(?:[\t\n\f ]*=[\t\n\f ]*(?:"([^"]*)"|'([^']*)'|(["'])|([^\t\n\f >]*)))?)/y;

function readTag(text: string, from: number): Tag {
  const attributes = new Map<string, string>();
  attribute.lastIndex = from;
  for (let found = attribute.exec(text); found !== null; found = attribute.exec(text)) {
    const [, space, close, name, double, single, open, bare] = found;
    const end = attribute.lastIndex;
    if (close !== undefined) return { attributes, isClosed: space?.endsWith('/') === true, isWhole: true, end };
    // A quote that nothing closes: the tag is cut off within it.
    if (open !== undefined || name === undefined) break;
    const small = name.toLowerCase();
    if (!attributes.has(small)) attributes.set(small, decodeLooseEntities(double ?? single ?? bare ?? ''));
  }
  return { attributes, isClosed: false, isWhole: false, end: text.length };
}
