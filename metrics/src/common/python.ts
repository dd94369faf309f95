/** What Python does with text where JavaScript does it otherwise: the reference programs are written in it. */

/** White space of `str.isspace`, which has no U+FEFF and has U+001C…U+001F and U+0085. */
const numberSpace = '\\t-\\r\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const space = `\\x1c-\\x1f${numberSpace}`;
const isSpace = new RegExp(`[${space}]`);
/** `float` and `int` know four fewer. */
const isNumberSpace = new RegExp(`[${numberSpace}]`);
const innerSpace = new RegExp(`[${space}]+`);
const severalSpaces = new RegExp(`[${space}]{2,}`, 'g');

/** `str.strip()`. */
export function strip(text: string): string {
  return trimmed(text, isSpace);
}

/** Character by character: an expression for the end would try every run of blanks within. */
function trimmed(text: string, blank: RegExp): string {
  let start = 0;
  let end = text.length;
  while (start < end && blank.test(text.charAt(start))) start++;
  while (end > start && blank.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** `str.rstrip(character)`. */
export function withoutLast(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === character) end--;
  return text.slice(0, end);
}

/** `str.split()`: no empty words. */
export function words(text: string): readonly string[] {
  return text.split(innerSpace).filter(word => word !== '');
}

/** `re.sub(r'\s\s+', ' ', text)`. */
export function withoutDoubleSpaces(text: string): string {
  return text.replace(severalSpaces, ' ');
}

/** `str.lower()`, in which a final sigma is one and `ß` stays. */
export function lower(text: string): string {
  return text.toLowerCase();
}

/** What Python calls characters: code points, not UTF-16 units. */
export function characters(text: string): readonly string[] {
  return Array.from(text);
}

/**
 * `float(text)`: blanks around it, `1e2`, `.5`, `5.`, `inf`, `nan`, `1_000` and the digits of other scripts are read.
 * @returns Undefined where Python raises ValueError, as for `0x10`, `1,000` and nothing.
 */
export function parseFloatAsPython(text: string): number | undefined {
  const plain = inAscii(text);
  const special = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(plain);
  if (special !== null) return special[2] === undefined ? NaN : special[1] === '-' ? -Infinity : Infinity;
  const digits = '\\d+(?:_\\d+)*';
  const number = new RegExp(`^[+-]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:e[+-]?${digits})?$`, 'i');
  return number.test(plain) ? Number(plain.replaceAll('_', '')) : undefined;
}

/** `int(text)` of a whole number in decimals. @returns Undefined where Python raises ValueError. */
export function parseIntAsPython(text: string): number | undefined {
  const plain = inAscii(text);
  return /^[+-]?\d+(?:_\d+)*$/.test(plain) ? Number(plain.replaceAll('_', '')) : undefined;
}

function inAscii(text: string): string {
  return trimmed(text, isNumberSpace).replace(/\p{Nd}/gu, asciiDigit);
}

/** Decimal digits stand in runs of ten from 0 to 9, in Unicode: so the digits before one tell its value. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  if (code < 0x80) return digit;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before++;
  return String(before % 10);
}
