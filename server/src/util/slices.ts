/** Long work in short pieces: between them the event loop, and with it every request, gets its turn. */
export class Slices {
  private startedAt = performance.now();

  /** `lengthMs`: how long one piece may take. */
  constructor(private readonly lengthMs = 3) {}

  /** True when it is time for {@link turn}; cheap enough to ask at every step. */
  get isOver(): boolean {
    return performance.now() - this.startedAt >= this.lengthMs;
  }

  /** Resolves after one turn of the event loop. */
  async turn(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve));
    this.startedAt = performance.now();
  }
}

/** Sorts in place, in pieces: a hundred thousand names at once would hold up every request. */
export async function sortInSlices<T>(items: T[], compare: (a: T, b: T) => number, slices: Slices): Promise<T[]> {
  const PIECE = 1000;
  let sorted: T[][] = [];
  for (let at = 0; at < items.length; at += PIECE) {
    sorted.push(items.slice(at, at + PIECE).sort(compare));
    if (slices.isOver) await slices.turn();
  }
  while (sorted.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < sorted.length; at += 2) {
      const [left, right] = [sorted[at] ?? [], sorted[at + 1]];
      merged.push(right === undefined ? left : await merge(left, right, compare, slices));
    }
    sorted = merged;
  }
  return sorted[0] ?? [];
}

async function merge<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
  slices: Slices,
): Promise<T[]> {
  const merged: T[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    merged.push(compare(left[l]!, right[r]!) <= 0 ? left[l++]! : right[r++]!);
    if ((merged.length & 1023) === 0 && slices.isOver) await slices.turn();
  }
  return merged.concat(left.slice(l), right.slice(r));
}
