/** Where the values of a line stand in it. */
import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import type { JsonPath, SetText } from './setText';

/** UTF-16 offsets in the line. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** White space with the colon and the quote in it, as far as anybody writes it. */
const LONGEST_COLON = 20;

/** A line as it was written. It is read for its places when the first one is asked for. */
export class LineText {
  private tree: Node | undefined;
  constructor(readonly text: string) {}

  /** Of the value at a path, with its quotes; of the key that it stands under with `key`. Undefined where there is none. */
  place(path: JsonPath, part: 'value' | 'key' = 'value'): Span | undefined {
    const node = this.nodeAt(path);
    const found = part === 'value' ? node : node?.parent?.children?.[0];
    return found === undefined ? undefined : { start: found.offset, end: found.offset + found.length };
  }

  /**
   * Of a part of a text, without the quotes: escapes count as they are written.
   * @param from,to UTF-16 units of the value; default: all of it.
   */
  span(text: SetText, from = 0, to = text.value.length): Span | undefined {
    const { path, skipped } = text;
    const start = this.plainStart(text);
    if (start !== undefined) return { start: start + from, end: start + to };
    const node = this.nodeAt(path);
    if (node?.type !== 'string') return undefined;
    const inner = this.text.slice(node.offset + 1, node.offset + node.length - 1);
    const begin = node.offset + 1;
    return { start: begin + writtenLength(inner, skipped + from), end: begin + writtenLength(inner, skipped + to) };
  }

  /** The unit of a text's value that an offset of the line lies in; undefined where the text does not reach there. */
  unitAt({ value, path, skipped }: SetText, offset: number): number | undefined {
    const node = this.nodeAt(path);
    if (node?.type !== 'string' || offset <= node.offset || offset >= node.offset + node.length) return undefined;
    const inner = this.text.slice(node.offset + 1, offset);
    const unit = [...escapes(inner)].reduce((sum, written) => sum - written.length + 1, inner.length) - skipped;
    return unit < 0 || unit > value.length ? undefined : unit;
  }

  /** Keys that stand more than once at the top: readers take the last one, in silence. */
  repeatedKeys(): readonly { readonly key: string; readonly span: Span }[] {
    const seen = new Set<string>();
    return (this.root()?.children ?? []).flatMap(({ children: [key] = [] }) => {
      const name: unknown = key?.value;
      if (key === undefined || typeof name !== 'string') return [];
      if (!seen.has(name)) {
        seen.add(name);
        return [];
      }
      return [{ key: name, span: { start: key.offset, end: key.offset + key.length } }];
    });
  }

  /**
   * Where the value of a text begins, found without reading the line as a tree, which takes ten times as long: without
   * escapes each quote begins or ends a string, so a key that stands there once is the text's own.
   */
  private plainStart({ value, path: [key, ...deeper], skipped }: SetText): number | undefined {
    if (this.tree !== undefined || typeof key !== 'string' || deeper.length > 0 || skipped > 0) return undefined;
    const quoted = `"${key}"`;
    const at = this.text.indexOf(quoted);
    if (at < 0 || this.text.includes('\\') || this.text.includes(quoted, at + 1)) return undefined;
    const behind = /^\s*:\s*"/.exec(this.text.slice(at + quoted.length, at + quoted.length + LONGEST_COLON));
    const start = at + quoted.length + (behind?.[0].length ?? 0);
    return behind !== null && this.text.startsWith(`${value}"`, start) ? start : undefined;
  }

  private nodeAt(path: JsonPath): Node | undefined {
    const root = this.root();
    return root === undefined ? undefined : findNodeAtLocation(root, [...path]);
  }

  private root(): Node | undefined {
    this.tree ??= parseTree(this.text);
    return this.tree;
  }
}

function* escapes(inner: string): Iterable<string> {
  for (const [written] of inner.matchAll(/\\(?:u[0-9a-fA-F]{4}|.)/gs)) yield written;
}

/** How long the first `units` of a string's value are as it is written. */
function writtenLength(inner: string, units: number): number {
  let [unit, at] = [0, 0];
  for (const match of inner.matchAll(/\\(?:u[0-9a-fA-F]{4}|.)/gs)) {
    const plain = match.index - at;
    if (unit + plain >= units) return at + units - unit;
    unit += plain + 1;
    at = match.index + match[0].length;
    if (unit >= units) return at;
  }
  return at + units - unit;
}
