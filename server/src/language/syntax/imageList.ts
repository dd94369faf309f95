/** The value of `@image`: paths and globs, separated by commas, in quotes where they hold a comma. */

export interface ImageItem {
  readonly line: number;
  /** UTF-16 units in the line, quotes included, white space around it excluded. */
  readonly start: number;
  readonly end: number;
  /** The path or glob without quotes; empty between two commas. */
  readonly text: string;
  readonly quote: '' | '"' | "'";
  /** A quote that is opened and not closed: the item reaches to the end of the line. */
  readonly isUnclosed: boolean;
}

/** A line of a megabyte is no list of pictures: what follows these is left out. */
const MAX_ITEMS = 10_000;

/** Splits the value of `@image`. `line` and `offset` say where it stands. An empty value has no items. */
export function parseImageList(value: string, line: number, offset: number): ImageItem[] {
  const items: ImageItem[] = [];
  if (value.trim() === '') return items;
  // A brace that is never closed is part of a name, and its commas separate.
  const lastBrace = value.lastIndexOf('}');
  let at = 0;
  for (;;) {
    const start = skip(value, at);
    const item = readItem(value, start, lastBrace);
    items.push({ ...item, line, start: offset + start, end: offset + item.end });
    const comma = skip(value, item.end);
    if (comma >= value.length || items.length === MAX_ITEMS) return items;
    at = comma + 1;
    if (skip(value, at) >= value.length) {
      items.push({
        line,
        start: offset + value.length,
        end: offset + value.length,
        text: '',
        quote: '',
        isUnclosed: false,
      });
      return items;
    }
  }
}

/** Writes a path so that {@link parseImageList} reads it back as it is. */
export function quoteImagePath(path: string, preferred: '' | '"' | "'" = ''): string {
  const needsQuotes = preferred !== '' || path === '' || path.trim() !== path || /^["']/.test(path)
    || hasBareComma(path);
  if (!needsQuotes) return path;
  const quote = preferred === "'" ? "'" : '"';
  return quote + path.replaceAll(quote, quote + quote) + quote;
}

/** True for a text that may be a pattern. A file of exactly this name comes first: `photo[1].jpg` is a usual name. */
export function isGlob(text: string): boolean {
  if (/[*?]/.test(text)) return true;
  // By hand: a regular expression for pairs of brackets takes quadratic time on a long run of open ones.
  const bracket = text.indexOf('[');
  if (bracket >= 0 && text.lastIndexOf(']') > bracket + 1) return true;
  const brace = text.indexOf('{');
  const comma = text.indexOf(',', brace);
  return brace >= 0 && comma > brace && text.lastIndexOf('}') > comma;
}

/** The folder that a glob starts from: everything before the first segment with a pattern, without the last slash. */
export function globBase(glob: string): string {
  const segments = glob.split('/');
  const first = segments.findIndex(segment => isGlob(segment) || /[{}]/.test(segment));
  return segments.slice(0, first < 0 ? segments.length - 1 : first).join('/');
}

function readItem(value: string, start: number, lastBrace: number): Omit<ImageItem, 'line' | 'start'> {
  const first = value[start];
  if (first === '"' || first === "'") {
    const quoted = readQuoted(value, start, first, lastBrace);
    if (quoted !== undefined) return quoted;
  }
  const end = plainEnd(value, start, lastBrace);
  return { end, text: value.slice(start, end), quote: '', isUnclosed: false };
}

/** A quoted item; undefined where an apostrophe only begins a name. A doubled quote inside stands for one. */
function readQuoted(
  value: string,
  start: number,
  quote: '"' | "'",
  lastBrace: number,
): Omit<ImageItem, 'line' | 'start'> | undefined {
  let close = value.indexOf(quote, start + 1);
  while (close >= 0 && value[close + 1] === quote) close = value.indexOf(quote, close + 2);
  if (close < 0) {
    return quote === "'" ? undefined : { end: value.length, text: value.slice(start + 1), quote, isUnclosed: true };
  }
  const next = skip(value, close + 1);
  if (next < value.length && value[next] !== ',') {
    // Text behind the closing quote: take the whole up to the comma, so that nothing is lost.
    const end = plainEnd(value, close + 1, lastBrace);
    return { end, text: value.slice(start, end), quote: '', isUnclosed: false };
  }
  return {
    end: close + 1,
    text: value.slice(start + 1, close).replaceAll(quote + quote, quote),
    quote,
    isUnclosed: false,
  };
}

/** The end of an item without quotes: before the next comma that stands outside of `{…}`. */
function plainEnd(value: string, start: number, lastBrace: number): number {
  let depth = 0;
  let at = start;
  for (; at < value.length; at++) {
    const char = value[at];
    if (char === '{' && at < lastBrace) depth++;
    else if (char === '}') depth = Math.max(0, depth - 1);
    else if (char === ',' && depth === 0) break;
  }
  return start + value.slice(start, at).trimEnd().length;
}

function hasBareComma(path: string): boolean {
  return plainEnd(path, 0, path.lastIndexOf('}')) < path.length;
}

function skip(value: string, from: number): number {
  let at = from;
  while (at < value.length && value[at]!.trim() === '') at++;
  return at;
}
