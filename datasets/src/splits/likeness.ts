/** Pictures that are nearly the same: copies that were saved, scaled or compressed anew. */

/** Sides of the levels that a picture is compared by. */
export const [LEVELS_WIDE, LEVELS_HIGH] = [18, 16];
/** Bits by which hashes of copies differ. */
const MOST_BITS = 3;
const BANDS = MOST_BITS + 1;
const BAND_BITS = 16;
/** Pictures of one colour, or of a plain page, look alike from afar without being copies. */
const LEAST_SPREAD = 8;
const LEAST_CORRELATION = 0.985;
/** Pictures that share a band, of which so many are looked at: more of them are plain ones. */
const MOST_COMPARED = 200;

/**
 * 64 bits of which cell is brighter than its right neighbour, of a grid of 9 × 8, as four numbers of 16 bits.
 * @param levels `[16, 18]` of 8 bits. Source: N. Krawetz, "Kind of Like That" (dHash), 2013.
 */
export function differenceHash(levels: Uint8Array): Uint16Array {
  const cell = (x: number, y: number) => {
    const at = 2 * y * LEVELS_WIDE + 2 * x;
    return levels[at]! + levels[at + 1]! + levels[at + LEVELS_WIDE]! + levels[at + LEVELS_WIDE + 1]!;
  };
  const hash = new Uint16Array(BANDS);
  for (let bit = 0; bit < BANDS * BAND_BITS; bit++) {
    const [x, y] = [bit % 8, Math.floor(bit / 8)];
    if (cell(x, y) > cell(x + 1, y)) hash[bit >> 4]! |= 1 << (bit & 15);
  }
  return hash;
}

/** Finds pairs among pictures that come one after the other. Two hashes that differ in three bits share one band of four. */
export class Likenesses {
  private readonly bands = Array.from({ length: BANDS }, () => new Map<number, number[]>());
  private readonly seen: { readonly id: number; readonly levels: Uint8Array; readonly hash: Uint16Array }[] = [];

  /** @param levels `[16, 18]`. @returns The pictures so far that are nearly the same. */
  add(id: number, levels: Uint8Array): readonly number[] {
    if (levels.length !== LEVELS_WIDE * LEVELS_HIGH || spreadOf(levels) < LEAST_SPREAD) return [];
    const hash = differenceHash(levels);
    const near = new Set<number>();
    const place = this.seen.push({ id, levels, hash }) - 1;
    this.bands.forEach((band, index) => {
      const key = hash[index]!;
      const others = band.get(key) ?? [];
      for (const other of others.slice(-MOST_COMPARED)) if (this.isLike(place, other)) near.add(this.seen[other]!.id);
      others.push(place);
      band.set(key, others);
    });
    return [...near];
  }

  private isLike(a: number, b: number): boolean {
    const [first, second] = [this.seen[a]!, this.seen[b]!];
    let bits = 0;
    for (let band = 0; band < BANDS; band++) bits += bitsOf(first.hash[band]! ^ second.hash[band]!);
    return bits <= MOST_BITS && correlation(first.levels, second.levels) >= LEAST_CORRELATION;
  }
}

function bitsOf(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function meanOf(levels: Uint8Array): number {
  return levels.reduce((sum, level) => sum + level, 0) / levels.length;
}

function spreadOf(levels: Uint8Array): number {
  const mean = meanOf(levels);
  return Math.sqrt(levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length);
}

function correlation(a: Uint8Array, b: Uint8Array): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - meanA) * (b[i]! - meanB);
  return sum / a.length / (spreadOf(a) * spreadOf(b));
}
