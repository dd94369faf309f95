import type { Timers } from '../../util/timers';

/** Work that is done once for everything that happens within a short time. */
export class Soon {
  private readonly armed = new Set<string>();

  constructor(private readonly timers: Timers) {}

  /** Calls `work` in `ms`, unless work of that name is waiting already. */
  once(name: string, ms: number, work: () => void): void {
    if (this.armed.has(name)) return;
    this.armed.add(name);
    this.timers.after(ms, () => {
      this.armed.delete(name);
      work();
    });
  }
}
