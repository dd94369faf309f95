/** Byte-pair encoding of one stretch of text. */
import { searchSorted } from './searchSorted';
import { uint24, type TokenizerTables } from './tables';

/**
 * Ids of normalised text, UTF-8 without added tokens. Starts with one symbol a character (one a byte for a character
 * that the vocabulary lacks) and joins the pair of the lowest rank until none can be joined, the leftmost first among
 * equals. Takes O(n log n) time. Source: huggingface/tokenizers 0.23, `models/bpe/{model,word}.rs`.
 */
export function encodeBytePairs(tables: TokenizerTables, text: Uint8Array): Uint32Array {
  const symbols = symbolsOf(tables, text);
  const count = symbols.length;
  const previous = Int32Array.from(symbols, (_, index) => index - 1);
  const next = Int32Array.from(symbols, (_, index) => index + 1 < count ? index + 1 : -1);
  const isGone = new Uint8Array(count);
  const queue = new MergeQueue(3 * count);
  const offer = (position: number) => {
    const right = position < 0 ? -1 : next[position]!;
    if (right < 0) return;
    const merge = findMerge(tables, symbols[position]!, symbols[right]!);
    if (merge >= 0) queue.push(uint24(tables.mergeRanks, merge), position, uint24(tables.mergeResults, merge));
  };
  for (let position = 0; position < count; position++) offer(position);
  while (queue.pop()) {
    const { position, result } = queue;
    const right = next[position]!;
    if (isGone[position]! || right < 0) continue;
    // The entry is stale if one of its two symbols has been joined to something else since.
    const merge = findMerge(tables, symbols[position]!, symbols[right]!);
    if (merge < 0 || uint24(tables.mergeResults, merge) !== result) continue;
    symbols[position] = result;
    isGone[right] = 1;
    next[position] = next[right]!;
    if (next[position] >= 0) previous[next[position]] = position;
    offer(previous[position]!);
    offer(position);
  }
  return symbols.filter((_, index) => !isGone[index]!);
}

function symbolsOf(tables: TokenizerTables, text: Uint8Array): Uint32Array {
  const symbols = new Uint32Array(text.length);
  let count = 0;
  for (let index = 0; index < text.length;) {
    const lead = text[index]!;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const found = searchSorted(
      0,
      tables.characters.length,
      codePoint(text, index, length),
      middle => tables.characters[middle]!,
    );
    if (found >= 0) symbols[count++] = tables.characterIds[found]!;
    else for (let byte = index; byte < index + length; byte++) symbols[count++] = tables.byteIds[text[byte]!]!;
    index += length;
  }
  return symbols.slice(0, count);
}

function codePoint(text: Uint8Array, start: number, length: number): number {
  let value = length === 1 ? text[start]! : text[start]! & (0x7f >> length);
  for (let index = start + 1; index < start + length; index++) value = value << 6 | text[index]! & 0x3f;
  return value;
}

/** Index into the merge tables, or −1. */
function findMerge(tables: TokenizerTables, left: number, right: number): number {
  return searchSorted(
    tables.mergeStarts[left]!,
    tables.mergeStarts[left + 1]!,
    right,
    middle => uint24(tables.mergeRights, middle),
  );
}

/** Binary heap of possible merges, by rank, then by position. `pop` leaves the first one in `position` and `result`. */
class MergeQueue {
  position = 0;
  result = 0;
  private size = 0;
  private readonly ranks: Uint32Array;
  private readonly positions: Uint32Array;
  private readonly results: Uint32Array;

  constructor(capacity: number) {
    this.ranks = new Uint32Array(capacity);
    this.positions = new Uint32Array(capacity);
    this.results = new Uint32Array(capacity);
  }

  push(rank: number, position: number, result: number): void {
    let index = this.size++;
    while (index > 0) {
      const parent = index - 1 >>> 1;
      if (!this.isAfter(parent, rank, position)) break;
      this.move(parent, index);
      index = parent;
    }
    this.set(index, rank, position, result);
  }

  pop(): boolean {
    if (this.size === 0) return false;
    this.position = this.positions[0]!;
    this.result = this.results[0]!;
    const last = --this.size;
    const [rank, position, result] = [this.ranks[last]!, this.positions[last]!, this.results[last]!];
    let index = 0;
    for (let child = 1; child < last; child = 2 * index + 1) {
      if (child + 1 < last && this.isAfter(child, this.ranks[child + 1]!, this.positions[child + 1]!)) child++;
      if (!this.isAfter(child, rank, position)) {
        this.move(child, index);
        index = child;
      } else break;
    }
    this.set(index, rank, position, result);
    return true;
  }

  private isAfter(index: number, rank: number, position: number): boolean {
    const difference = this.ranks[index]! - rank;
    return difference > 0 || difference === 0 && this.positions[index]! > position;
  }

  private move(from: number, to: number): void {
    this.set(to, this.ranks[from]!, this.positions[from]!, this.results[from]!);
  }

  private set(index: number, rank: number, position: number, result: number): void {
    this.ranks[index] = rank;
    this.positions[index] = position;
    this.results[index] = result;
  }
}
