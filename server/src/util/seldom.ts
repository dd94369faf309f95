import type { Timers } from './timers';

/**
 * Calls `report` at most every `intervalMs`, and never forgets the last values: what comes too early is reported when
 * its time has come, unless something newer or the end was there first.
 */
export class Seldom<T extends readonly unknown[]> {
  private lastAt = -Infinity;
  private due: { readonly values: T; readonly timer: { dispose(): void } } | undefined;

  constructor(
    private readonly report: (...values: T) => void,
    private readonly intervalMs: number,
    private readonly timers: Timers,
  ) {}

  readonly tell = (...values: T): void => {
    this.due?.timer.dispose();
    const restMs = this.lastAt + this.intervalMs - this.timers.now();
    if (restMs > 0) this.due = { values, timer: this.timers.after(restMs, () => this.pass(values)) };
    else this.pass(values);
  };

  /** Nothing is reported any more. */
  end(): void {
    this.due?.timer.dispose();
    this.due = undefined;
  }

  private pass(values: T): void {
    this.due = undefined;
    this.lastAt = this.timers.now();
    this.report(...values);
  }
}
