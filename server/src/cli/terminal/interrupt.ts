/** Ctrl+C and its kin: the first one cancels, the second one ends everything at once. */
import os from 'node:os';
import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Interrupt {
  private readonly source = new CancellationTokenSource();
  private code: number | undefined;

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

  /** Cancels as a signal would. */
  cancel(exitCode: number): void {
    this.code ??= exitCode;
    this.source.cancel();
  }

  /** Listens to the process; `endNow` runs on the second signal and must not return. */
  listen(endNow: (exitCode: number) => void): void {
    for (const signal of signals) {
      process.on(signal, () => {
        const exitCode = 128 + os.constants.signals[signal];
        if (this.code !== undefined) return endNow(exitCode);
        this.cancel(exitCode);
      });
    }
  }
}
