/** How often the host may crash before it is left alone, and how long to wait before it is started again. */
import type { Timers } from '../util/timers';

export interface CrashLimits {
  /** So many crashes within the window stop the host. */
  readonly crashes: number;
  readonly windowMs: number;
  /** Wait after the first crash in the window; each further one waits four times as long. */
  readonly backOffMs: number;
}

export const defaultCrashLimits: CrashLimits = { crashes: 3, windowMs: 5 * 60_000, backOffMs: 250 };

export class CrashLimit {
  private crashes: { readonly at: number; readonly reason: string }[] = [];

  constructor(private readonly limits: CrashLimits, private readonly timers: Timers) {}

  /** `reason`: a sentence for the person. */
  record(reason: string): void {
    this.crashes.push({ at: this.timers.now(), reason });
  }

  /** Starts the count anew, for example because another model or device was chosen. */
  forget(): void {
    this.crashes = [];
  }

  /** Milliseconds from now until a start is sensible; 0 if at once. */
  backOffMs(): number {
    const recent = this.recent();
    const last = recent.at(-1);
    if (last === undefined) return 0;
    return Math.max(0, last.at + this.limits.backOffMs * 4 ** (recent.length - 1) - this.timers.now());
  }

  /** Why the host is not started again and for how many minutes still; undefined while it may be. */
  stopped(): { readonly reason: string; readonly minutes: number; readonly crashes: number } | undefined {
    const recent = this.recent();
    const first = recent.at(-this.limits.crashes);
    const last = recent.at(-1);
    if (recent.length < this.limits.crashes || first === undefined || last === undefined) return undefined;
    const remainingMs = first.at + this.limits.windowMs - this.timers.now();
    return { reason: last.reason, minutes: Math.max(1, Math.ceil(remainingMs / 60_000)), crashes: recent.length };
  }

  private recent(): { readonly at: number; readonly reason: string }[] {
    const start = this.timers.now() - this.limits.windowMs;
    this.crashes = this.crashes.filter(crash => crash.at > start);
    return this.crashes;
  }
}
