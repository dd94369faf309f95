/** Lists of `name="value"` pairs that are no HTML: attributes of Pandoc and kramdown, `:::image`, shortcodes. */
import type { Finder, Span } from './imageLink';

export interface Pair {
  readonly name: string;
  /** Inside of the quotes. */
  readonly value: Span;
  readonly quote: '"' | "'" | '`' | '';
  readonly end: number;
}

export interface Pairs {
  readonly pairs: readonly Pair[];
  /** Where the last word ends: one more pair goes there. */
  readonly wordsEnd: number;
  /** Behind the closing mark. */
  readonly end: number;
}

/** Characters; a longer list is none that somebody wrote. */
const LONGEST = 8000;
const blanks = /[ \t\r\n]*/y;
// Without the signs that begin a link: lists that are never closed share no text with each other.
const nameAndEquals = /([^\s=<>{}[\]()!"'`]+)(=?)/y;
const bareValue = /[^\s<>{}[\]()!"'`=]*/y;

/**
 * Reads the list at `at`, up to the mark that closes it. Words without a value (`.class`, `#id`) are passed over.
 * @param masked What is read: the text without code and comments.
 * @returns Undefined where it is no such list.
 */
export function readPairs(masked: string, at: number, close: string, finder: Finder): Pairs | undefined {
  const limit = at + LONGEST;
  const pairs: Pair[] = [];
  let wordsEnd = at;
  for (let position = skip(blanks, masked, at); position < masked.length && position < limit;) {
    if (masked.startsWith(close, position)) return { pairs, wordsEnd, end: position + close.length };
    const pair = readPair(masked, position, close, limit, finder);
    if (pair === undefined) return undefined;
    if (pair.name !== '') pairs.push(pair);
    wordsEnd = pair.end;
    position = skip(blanks, masked, pair.end);
  }
  return undefined;
}

/** A word without a value comes without a name. */
function readPair(masked: string, at: number, close: string, limit: number, finder: Finder): Pair | undefined {
  nameAndEquals.lastIndex = at;
  const match = nameAndEquals.exec(masked);
  const char = masked[at];
  if (match === null) {
    // A positional value of a shortcode.
    return char === '"' || char === "'" || char === '`' ? quoted(masked, '', at, limit, finder) : undefined;
  }
  const behind = at + match[0].length;
  const closing = match[0].indexOf(close);
  if (closing > 0) return { name: '', value: { start: at, end: at }, quote: '', end: at + closing };
  if (match[2] === '') return { name: '', value: { start: at, end: at }, quote: '', end: behind };
  const quote = masked[behind];
  if (quote === '"' || quote === "'" || quote === '`') return quoted(masked, match[1]!, behind, limit, finder);
  const end = skip(bareValue, masked, behind);
  const bare = masked.slice(behind, end).indexOf(close);
  const valueEnd = bare < 0 ? end : behind + bare;
  return { name: match[1]!, value: { start: behind, end: valueEnd }, quote: '', end: valueEnd };
}

function quoted(masked: string, name: string, at: number, limit: number, finder: Finder): Pair | undefined {
  const quote = masked[at] as '"' | "'" | '`';
  let end = finder.next(quote, at + 1);
  while (quote !== '`' && end < limit && masked[end - 1] === '\\') end = finder.next(quote, end + 1);
  if (end >= masked.length || end >= limit || hasBlankLine(masked.slice(at, end))) return undefined;
  return { name, value: { start: at + 1, end }, quote, end: end + 1 };
}

function hasBlankLine(value: string): boolean {
  return /\n[ \t]*\r?\n/.test(value);
}

function skip(part: RegExp, text: string, at: number): number {
  part.lastIndex = at;
  return at + (part.exec(text)?.[0].length ?? 0);
}
