/**
 * Ctrl+C and its kin: the first one cancels, and ends what does not come to its end then; the second one ends everything
 * at once.
 */
import os from 'node:os';
import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { Timers } from '../../util/timers';

/** Ending a host takes two seconds at most. */
const END_MS = 5_000;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Interrupt {
  private readonly source = new CancellationTokenSource();
  private code: number | undefined;
  private endNow: ((exitCode: number) => void) | undefined;
  private limit: { dispose(): void } | undefined;
  private isPatient = false;

  constructor(private readonly timers: Timers) {}

  get token(): CancellationToken {
    return this.source.token;
  }

  /**
   * 128 and the number of the signal, as shells report it; undefined while nothing happened. 0 where the reader of the
   * output went away.
   */
  get exitCode(): number | undefined {
    return this.code;
  }

  /** From now on a cancel ends nothing that takes its time to end well; the second signal does. */
  waitForEnd(): void {
    this.isPatient = true;
    this.limit?.dispose();
  }

  /** Cancels as a signal would. */
  cancel(exitCode: number): void {
    if (this.code !== undefined) return;
    this.code = exitCode;
    this.source.cancel();
    // A call of the system that never comes back hears no cancel.
    if (!this.isPatient) this.limit = this.timers.after(END_MS, () => this.endNow?.(exitCode));
  }

  /** Listens to the process; `endNow` must not return. */
  listen(endNow: (exitCode: number) => void): void {
    this.endNow = endNow;
    for (const signal of signals) {
      process.on(signal, () => {
        const exitCode = 128 + os.constants.signals[signal];
        if (this.code !== undefined) return endNow(exitCode);
        this.cancel(exitCode);
      });
    }
  }
}
