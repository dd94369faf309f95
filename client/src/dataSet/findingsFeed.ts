/** Looks for what is wrong with lines, a moment at a time, so that nothing waits for it. Free of the editor. */
import type { RowFinding, SetRow } from '../../../datasets/src/edits/setRow';
import type { SetRows } from '../../../datasets/src/edits/setRows';

/** For so long at once, milliseconds. */
const MOMENT_MS = 12;
/** Lines are told of together. */
const TOGETHER = 2_000;

export interface FeedParts {
  readonly rows: () => SetRows;
  /** What is wrong with the line of a row. */
  readonly findings: (row: SetRow) => readonly RowFinding[];
  /** Some were found, or all. */
  readonly onFound: () => void;
}

export class FindingsFeed {
  private timer: NodeJS.Immediate | undefined;
  private open: SetRow[] = [];
  private found: (readonly [SetRow, readonly RowFinding[]])[] = [];

  constructor(private readonly parts: FeedParts) {}

  get isLooking(): boolean {
    return this.timer !== undefined;
  }

  /** Looks at all lines that nobody has looked at. */
  look(): void {
    this.open = this.parts.rows().all.filter(({ findings }) => findings === undefined).reverse();
    this.found = [];
    if (this.open.length > 0) this.timer ??= setImmediate(() => this.work());
  }

  dispose(): void {
    clearImmediate(this.timer);
    this.timer = undefined;
  }

  private work(): void {
    const end = performance.now() + MOMENT_MS;
    while (performance.now() < end && this.found.length < TOGETHER) {
      const row = this.open.pop();
      if (row === undefined) break;
      this.found.push([row, this.parts.findings(row)]);
    }
    const isDone = this.open.length === 0;
    this.timer = isDone ? undefined : setImmediate(() => this.work());
    if (!isDone && this.found.length < TOGETHER) return;
    this.parts.rows().judge(this.found);
    this.found = [];
    this.parts.onFound();
  }
}
