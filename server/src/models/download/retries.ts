/** Tries again what a server or the net refused for now. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { delay, throwIfCancelled } from '../../util/cancellation';
import type { Timers } from '../../util/timers';
import { ConnectionFailure } from './hubHttp';

/** The server is there and says: later. */
export class BusyFailure extends Error {
  override readonly name = 'BusyFailure';

  constructor(message: string, readonly retryAfterMs: number | undefined) {
    super(message);
  }
}

/** Tries without any progress, waits between them of 1, 2, 4, … seconds. */
const MAX_TRIES = 6;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** A server that asks for more patience than this is reported instead. */
const LONGEST_RETRY_AFTER_MS = 300_000;

export interface RetryOptions {
  readonly timers: Timers;
  readonly token: CancellationToken;
  /** Anything that grows with progress: then the count begins anew. */
  readonly progress?: () => number;
  readonly onWait?: (waitMs: number, reason: string) => void;
}

/** @throws what `work` throws and another try cannot cure, or the last failure; CancelledError. */
export async function withRetries<T>(
  work: () => Promise<T>,
  { timers, token, progress = () => 0, onWait }: RetryOptions,
): Promise<T> {
  let tries = 0;
  let reached = progress();
  for (;;) {
    throwIfCancelled(token);
    try {
      return await work();
    } catch (error) {
      throwIfCancelled(token);
      if (!(error instanceof ConnectionFailure) && !(error instanceof BusyFailure)) throw error;
      if (progress() > reached) tries = 0;
      reached = progress();
      tries++;
      const asked = error instanceof BusyFailure ? error.retryAfterMs : undefined;
      if (tries >= MAX_TRIES || (asked ?? 0) > LONGEST_RETRY_AFTER_MS) throw error;
      const waitMs = Math.max(asked ?? 0, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)));
      onWait?.(waitMs, error.message);
      await delay(waitMs, timers, token);
    }
  }
}

/** `Retry-After` in seconds or as a date. Source: RFC 9110 §10.2.3. */
export function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
