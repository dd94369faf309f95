/** Levenshtein distance over any symbols, 32 of them at a time. */

/** How many insertions, deletions and substitutions make `b` of `a`. Memory grows with the lengths, time with their product. */
export function editDistance(a: readonly string[], b: readonly string[]): number {
  const distances = new EditDistances();
  return distances.distance(distances.idsOf(a), distances.idsOf(b));
}

/**
 * Distances of many texts, whose symbols become numbers once.
 * Source: Myers 1999, "A fast bit-vector algorithm for approximate string matching based on dynamic programming", as
 * Hyyrö 2003 gives it for the distance of whole texts.
 */
export class EditDistances {
  private readonly ids = new Map<string, number>();
  /** Of each symbol, the rows of a stripe that hold it; all 0 between two stripes. */
  private equal = new Int32Array(64);

  /** @param check Is told how many symbols remain of each text without their equal ends; may throw where those are too many. */
  constructor(private readonly check: (shorter: number, longer: number) => void = () => {}) {}

  idsOf(symbols: readonly string[]): Int32Array {
    return Int32Array.from(symbols, symbol => {
      const id = this.ids.get(symbol) ?? this.ids.size;
      this.ids.set(symbol, id);
      return id;
    });
  }

  /** @throws what the check throws. */
  distance(a: Int32Array, b: Int32Array): number {
    const shorter = Math.min(a.length, b.length);
    let start = 0;
    while (start < shorter && a[start] === b[start]) start++;
    let end = 0;
    while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    const parts = [a.subarray(start, a.length - end), b.subarray(start, b.length - end)] as const;
    const [rows, columns] = parts[0].length <= parts[1].length ? parts : [parts[1], parts[0]];
    if (rows.length === 0 || columns.length === 0) return rows.length + columns.length;
    this.check(rows.length, columns.length);
    if (this.equal.length < this.ids.size) this.equal = new Int32Array(2 * this.ids.size);
    return this.ofStripes(rows, columns);
  }

  /**
   * The matrix of distances, a stripe of 32 rows at a time: of a stripe only the differences along its lower edge are
   * kept, which the next one starts from.
   */
  private ofStripes(rows: Int32Array, columns: Int32Array): number {
    const edge = new Int8Array(columns.length).fill(1);
    for (let first = 0; first < rows.length; first += 32) {
      const height = Math.min(32, rows.length - first);
      for (let i = 0; i < height; i++) this.equal[rows[first + i]!]! |= 1 << i;
      stripe(this.equal, columns, edge, height - 1);
      for (let i = 0; i < height; i++) this.equal[rows[first + i]!] = 0;
    }
    // Down the first column, then along the lower edge.
    let distance = rows.length;
    for (const step of edge) distance += step;
    return distance;
  }
}

/** @param equal Of each symbol, the rows that hold it. @param edge Differences along the upper edge, then the lower one. */
function stripe(equal: Int32Array, columns: Int32Array, edge: Int8Array, last: number): void {
  let up = -1;
  let down = 0;
  for (let column = 0; column < columns.length; column++) {
    const before = edge[column]!;
    let matches = equal[columns[column]!]!;
    const vertical = matches | down;
    if (before < 0) matches |= 1;
    const horizontal = (((matches & up) + up) ^ up) | matches;
    let more = down | ~(horizontal | up);
    let less = up & horizontal;
    edge[column] = ((more >>> last) & 1) - ((less >>> last) & 1);
    more = (more << 1) | (before > 0 ? 1 : 0);
    less = (less << 1) | (before < 0 ? 1 : 0);
    up = less | ~(vertical | more);
    down = more & vertical;
  }
}
