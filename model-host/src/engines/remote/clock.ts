/** Time and chance as the remote engine meets them: injected, so that no test has to wait. */
export interface Clock {
  /** Milliseconds of a clock that never goes backwards. */
  now(): number;
  /** Calls back once after `ms`. The result takes it back. */
  after(ms: number, callback: () => void): { dispose(): void };
  /** 0…1, the upper end excluded. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const handle = setTimeout(callback, ms);
    return { dispose: () => clearTimeout(handle) };
  },
  random: () => Math.random(),
};

/** Resolves after `ms`. @throws DOMException `AbortError` once `signal` has fired. */
export function wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => {
      timer.dispose();
      reject(signal.reason as Error);
    };
    const timer = clock.after(ms, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}
