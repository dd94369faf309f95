import { setImmediate } from 'node:timers/promises';

/**
 * Lets the event loop read waiting messages, among them a cancel. Called by long loops about every 10 ms of work.
 * @throws DOMException `AbortError` once `signal` has fired.
 */
export async function breathe(signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await setImmediate();
  signal?.throwIfAborted();
}

/** Multiply-adds, or bytes touched, between two calls of {@link breathe}: about 10 ms on a slow core. */
export const WORK_BETWEEN_BREATHS = 8_000_000;
