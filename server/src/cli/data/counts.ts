/** Counts of names and of lengths, in bounded memory. */

/** Different names that are counted one by one. */
const MOST_NAMES = 200_000;

export class Counts {
  private readonly counts = new Map<string, number>();
  private uncounted = 0;

  add(name: string): void {
    const before = this.counts.get(name);
    if (before === undefined && this.counts.size >= MOST_NAMES) this.uncounted++;
    else this.counts.set(name, (before ?? 0) + 1);
  }

  /** The most frequent, of equal ones the first; `more`: how many names are left out. */
  top(most: number): { readonly entries: readonly (readonly [name: string, count: number])[]; readonly more: number } {
    const sorted = [...this.counts].sort(([, a], [, b]) => b - a);
    return { entries: sorted.slice(0, most), more: Math.max(0, sorted.length - most) + this.uncounted };
  }
}

/** Longer texts count as so long. */
const MOST_LENGTH = 1 << 16;

export class Percentiles {
  private readonly counts = new Float64Array(MOST_LENGTH + 1);
  private total = 0;
  private longest = 0;

  add(length: number): void {
    this.counts[Math.min(length, MOST_LENGTH)]! += 1;
    this.total++;
    this.longest = Math.max(this.longest, length);
  }

  /** Null where there was nothing. `p99`: no more than 1 % are longer. */
  summary(): { readonly max: number | null; readonly p50: number | null; readonly p99: number | null } {
    if (this.total === 0) return { max: null, p50: null, p99: null };
    return { max: this.longest, p50: this.at(0.5), p99: this.at(0.99) };
  }

  private at(share: number): number {
    let seen = 0;
    for (let length = 0; length <= MOST_LENGTH; length++) {
      seen += this.counts[length]!;
      if (seen >= share * this.total) return length;
    }
    return this.longest;
  }
}
