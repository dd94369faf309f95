/** Cancelling: what a cancelled promise rejects with, and how a wait ends early. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { Timers } from './timers';

/** Somebody asked for the work to end; nobody needs to act. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';

  constructor() {
    super('cancelled');
  }
}

/** @throws CancelledError once `token` is cancelled. */
export function throwIfCancelled(token: CancellationToken): void {
  if (token.isCancellationRequested) throw new CancelledError();
}

/**
 * Settles as `work` does, or rejects with {@link CancelledError} as soon as `token` is cancelled; `work` itself goes
 * on.
 */
export function orCancelled<T>(work: Promise<T>, token: CancellationToken): Promise<T> {
  if (token.isCancellationRequested) {
    // The caller no longer looks at it, so its failure must not count as unhandled.
    work.catch(() => undefined);
    return Promise.reject(new CancelledError());
  }
  return new Promise<T>((resolve, reject) => {
    const subscription = token.onCancellationRequested(() => {
      subscription.dispose();
      reject(new CancelledError());
    });
    void work.then(resolve, reject).finally(() => subscription.dispose());
  });
}

/** Resolves after `ms`, keeping the process alive meanwhile. @throws CancelledError */
export function delay(ms: number, timers: Timers, token: CancellationToken): Promise<void> {
  if (token.isCancellationRequested) return Promise.reject(new CancelledError());
  return new Promise<void>((resolve, reject) => {
    const timer = timers.afterAwake(ms, () => {
      subscription.dispose();
      resolve();
    });
    const subscription = token.onCancellationRequested(() => {
      timer.dispose();
      subscription.dispose();
      reject(new CancelledError());
    });
  });
}
