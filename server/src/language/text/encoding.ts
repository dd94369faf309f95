/** Positions in the unit that a client negotiates. Inside of this folder every position counts UTF-16 units. */
import type { Position } from 'vscode-languageserver-types';

export type PositionEncoding = 'utf-8' | 'utf-16' | 'utf-32';

interface HasText {
  readonly text: string;
}

/** A client's position in UTF-16 units. A position inside of a character moves to its start. */
export function toUtf16(lines: readonly HasText[], position: Position, encoding: PositionEncoding): Position {
  if (encoding === 'utf-16') return position;
  const text = lines[position.line]?.text;
  if (text === undefined) return position;
  let units = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0;
    const size = sizeOf(code, encoding);
    if (units + size > position.character) break;
    units += size;
    at += code > 0xffff ? 2 : 1;
  }
  return { line: position.line, character: at };
}

/** A position of ours in the client's units. */
export function fromUtf16(lines: readonly HasText[], position: Position, encoding: PositionEncoding): Position {
  if (encoding === 'utf-16') return position;
  const text = lines[position.line]?.text;
  return text === undefined
    ? position
    : { line: position.line, character: unitsBefore(text, position.character, encoding) };
}

/** Units of a line before a UTF-16 offset. */
export function unitsBefore(text: string, offset: number, encoding: PositionEncoding): number {
  if (encoding === 'utf-16') return offset;
  let units = 0;
  for (let at = 0; at < offset && at < text.length;) {
    const code = text.codePointAt(at) ?? 0;
    const width = code > 0xffff ? 2 : 1;
    if (at + width > offset) break;
    units += sizeOf(code, encoding);
    at += width;
  }
  return units;
}

/**
 * A copy of an LSP value in which every position counts the client's units. A position is an object with the numbers
 * `line` and `character` and nothing else. All positions must lie in the document of `lines`; values under `data` and
 * `arguments`, which are the server's own, stay as they are.
 */
export function encodePositions<T>(value: T, lines: readonly HasText[], encoding: PositionEncoding): T {
  return encoding === 'utf-16' ? value : encode(value, lines, encoding) as T;
}

function encode(value: unknown, lines: readonly HasText[], encoding: PositionEncoding): unknown {
  if (Array.isArray(value)) return value.map(entry => encode(entry, lines, encoding));
  if (typeof value !== 'object' || value === null) return value;
  if (isPosition(value)) return fromUtf16(lines, value, encoding);
  return Object.fromEntries(
    Object.entries(value).map((
      [key, entry],
    ) => [key, key === 'data' || key === 'arguments' ? entry as unknown : encode(entry, lines, encoding)]),
  );
}

function isPosition(value: object): value is Position {
  return 'line' in value && 'character' in value && typeof value.line === 'number'
    && typeof value.character === 'number'
    && Object.keys(value).length === 2;
}

/** A lone surrogate travels as U+FFFD, which takes three bytes, as the surrogate itself would. */
function sizeOf(code: number, encoding: 'utf-8' | 'utf-32'): number {
  if (encoding === 'utf-32') return 1;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
