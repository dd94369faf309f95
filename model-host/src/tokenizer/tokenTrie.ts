/** A trie over UTF-8 bytes in one array of words, so that it is ready the moment its file is read. */

/** A stretch of text: bytes `start`…`end`, and the added token it is, or −1 for text between them. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly id: number;
}

interface Node {
  id: number;
  readonly children: Map<number, Node>;
}

/**
 * Lays the tokens out as nodes, the root first and every child after its parent. A node is
 * `[id + 1 or 0, number of children, byte, index of child, byte, index of child, …]`, bytes ascending.
 */
export function buildTokenTrie(tokens: Iterable<readonly [bytes: Uint8Array, id: number]>): Uint32Array {
  const root: Node = { id: -1, children: new Map() };
  for (const [bytes, id] of tokens) {
    let node = root;
    for (const byte of bytes) {
      let child = node.children.get(byte);
      if (child === undefined) node.children.set(byte, child = { id: -1, children: new Map() });
      node = child;
    }
    node.id = id;
  }
  const words: number[] = [];
  const waiting: { readonly node: Node; readonly slot: number }[] = [{ node: root, slot: -1 }];
  for (const { node, slot } of waiting) {
    if (slot >= 0) words[slot] = words.length;
    words.push(node.id + 1, node.children.size);
    for (const [byte, child] of [...node.children].sort(([a], [b]) => a - b)) {
      waiting.push({ node: child, slot: words.length + 1 });
      words.push(byte, 0);
    }
  }
  return Uint32Array.from(words);
}

/**
 * Cuts text at the tokens of the trie: leftmost first, the longest of those that start there. Empty stretches are left
 * out.
 */
export function splitAtTokens(trie: Uint32Array, bytes: Uint8Array): Span[] {
  const spans: Span[] = [];
  let textStart = 0;
  for (let start = 0; start < bytes.length;) {
    const token = longestAt(trie, bytes, start);
    if (token === undefined) {
      start++;
      continue;
    }
    if (textStart < start) spans.push({ start: textStart, end: start, id: -1 });
    spans.push(token);
    start = textStart = token.end;
  }
  if (textStart < bytes.length) spans.push({ start: textStart, end: bytes.length, id: -1 });
  return spans;
}

function longestAt(trie: Uint32Array, bytes: Uint8Array, start: number): Span | undefined {
  let found: Span | undefined;
  let node = 0;
  for (let end = start; end < bytes.length;) {
    const child = childOf(trie, node, bytes[end]!);
    if (child === 0) break;
    node = child;
    end++;
    const id = trie[node]! - 1;
    if (id >= 0) found = { start, end, id };
  }
  return found;
}

/** Index of the child, or 0: the root is nobody's child. */
function childOf(trie: Uint32Array, node: number, byte: number): number {
  const end = Math.min(node + 2 + 2 * trie[node + 1]!, trie.length);
  for (let edge = node + 2; edge < end; edge += 2) if (trie[edge]! === byte) return trie[edge + 1]!;
  return 0;
}
