/** Time that passes when the test says so. */
import type { Timers } from '../../server/src/util/timers';

export class ManualTimers implements Timers {
  private time = 0;
  private pending: { readonly due: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): { dispose(): void } {
    const timer = { due: this.time + ms, callback };
    this.pending.push(timer);
    return {
      dispose: () => {
        this.pending = this.pending.filter(other => other !== timer);
      },
    };
  }

  afterAwake(ms: number, callback: () => void): { dispose(): void } {
    return this.after(ms, callback);
  }

  get pendingCount(): number {
    return this.pending.length;
  }

  /** Lets `ms` pass and calls back what falls due, in order. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.pending.filter(timer => timer.due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.pending = this.pending.filter(timer => timer !== next);
      this.time = next.due;
      next.callback();
    }
    this.time = end;
  }
}
