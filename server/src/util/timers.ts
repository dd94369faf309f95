/** Time as the host's supervision sees it: injected, so that no test has to wait. */

export interface Timers {
  /** Milliseconds of a clock that never goes backwards. */
  now(): number;
  /** Calls back once after `ms`; does not keep the process alive. The result takes it back. */
  after(ms: number, callback: () => void): { dispose(): void };
  /** Like {@link after}, but keeps the process alive: for waiting with nothing else under way. */
  afterAwake(ms: number, callback: () => void): { dispose(): void };
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  after(ms, callback) {
    const handle = setTimeout(callback, ms);
    handle.unref();
    return { dispose: () => clearTimeout(handle) };
  },
  afterAwake(ms, callback) {
    const handle = setTimeout(callback, ms);
    return { dispose: () => clearTimeout(handle) };
  },
};
