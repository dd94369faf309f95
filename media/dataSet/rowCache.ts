/** Rows of a long list, of which the extension sends those that are near: pages of so many are kept, the last ones used. */
import type { ShownRow } from '../../client/src/contract/dataSet';

const PAGE = 100;
const MOST_PAGES = 40;

export class RowCache {
  private pages = new Map<number, readonly ShownRow[]>();
  /** Of the list before: shown until those of this one have come. */
  private stale: ReadonlyMap<number, readonly ShownRow[]> = new Map();
  private asked = new Set<number>();
  private version = 0;

  constructor(private readonly ask: (version: number, from: number, count: number) => void) {}

  /** Another list: its rows are asked for anew. */
  begin(version: number): void {
    this.version = version;
    this.stale = this.pages;
    this.pages = new Map();
    this.asked.clear();
  }

  /** Undefined until it has come; it is asked for. */
  at(index: number): ShownRow | undefined {
    const page = Math.floor(index / PAGE);
    const rows = this.pages.get(page);
    if (rows === undefined) {
      if (!this.asked.has(page)) {
        this.asked.add(page);
        this.ask(this.version, page * PAGE, PAGE);
      }
      return this.stale.get(page)?.[index - page * PAGE];
    }
    this.pages.delete(page);
    this.pages.set(page, rows);
    return rows[index - page * PAGE];
  }

  /** False where they belong to a list of before. */
  put(version: number, from: number, rows: readonly ShownRow[]): boolean {
    if (version !== this.version) return false;
    const page = Math.floor(from / PAGE);
    this.asked.delete(page);
    this.pages.set(page, rows);
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= MOST_PAGES) break;
      this.pages.delete(oldest);
    }
    return true;
  }
}
