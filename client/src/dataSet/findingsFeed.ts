/** Looks for what is wrong with lines, a moment at a time, so that nothing waits for it. Free of the editor. */
import type { RowFinding, SetRow } from '../../../datasets/src/edits/setRow';
import type { SetRows } from '../../../datasets/src/edits/setRows';

/** For so long at once, and then everybody else for so long, milliseconds. */
const MOMENT_MS = 10;
const REST_MS = 10;
/** What was found is told of once so many lines more were looked at, and at the end. */
const FIRST_TOLD = 500;
const TOLD_GROWTH = 3;

export interface FeedParts {
  readonly rows: () => SetRows;
  /** What is wrong with the line of a row. */
  readonly findings: (row: SetRow) => readonly RowFinding[];
  /** Some were found, or all. */
  readonly onFound: () => void;
}

export class FindingsFeed {
  private timer: NodeJS.Timeout | undefined;
  private together = FIRST_TOLD;
  private open: SetRow[] = [];
  private found: (readonly [SetRow, readonly RowFinding[]])[] = [];

  constructor(private readonly parts: FeedParts) {}

  get isLooking(): boolean {
    return this.timer !== undefined;
  }

  /** Looks at all lines that nobody has looked at. */
  look(): void {
    this.rememberFound();
    this.open = this.parts.rows().all.filter(({ findings }) => findings === undefined).reverse();
    if (this.timer === undefined) this.together = FIRST_TOLD;
    if (this.open.length > 0) this.timer ??= setTimeout(() => this.work(), 0);
  }

  private rememberFound(): void {
    this.parts.rows().judge(this.found);
    this.found = [];
  }

  /** Until `look` is called again. */
  pause(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  dispose(): void {
    this.pause();
  }

  private work(): void {
    const end = performance.now() + MOMENT_MS;
    while (performance.now() < end && this.found.length < this.together) {
      const row = this.open.pop();
      if (row === undefined) break;
      this.found.push([row, this.parts.findings(row)]);
    }
    const isDone = this.open.length === 0;
    this.timer = isDone ? undefined : setTimeout(() => this.work(), REST_MS);
    if (!isDone && this.found.length < this.together) return;
    this.rememberFound();
    // Each time, all lines are counted anew.
    this.together *= TOLD_GROWTH;
    this.parts.onFound();
  }
}
