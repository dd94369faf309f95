/** Thins out progress: nobody can read a thousand messages a second, and each of them is one for three processes. */
import type { RunProgress } from '../contract/protocol';

/** Milliseconds between two messages of one phase, and of text. */
const INTERVAL_MS = 100;

export interface ProgressClock {
  now(): number;
  /** Calls back once after `ms`, as long as the process is there. The result takes it back. */
  after(ms: number, callback: () => void): { dispose(): void };
}

const systemClock: ProgressClock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms).unref();
    return { dispose: () => clearTimeout(timer) };
  },
};

/**
 * Passes the begin and the end of each phase always, what lies between them only now and then. Of text the newest
 * counts: it is sent at intervals, and not before the one before has left this process, so that none of it piles up
 * where the other side is slower, or stands still.
 */
export class ProgressLimit {
  private phase: string | undefined;
  private phaseSentAt = 0;
  private text: RunProgress | undefined;
  private textSentAt = -Infinity;
  private isSending = false;
  private timer: { dispose(): void } | undefined;

  /** @param send Resolves once the message has left. */
  constructor(
    private readonly send: (progress: RunProgress) => Promise<void>,
    private readonly clock: ProgressClock = systemClock,
  ) {}

  push(progress: RunProgress): void {
    if (progress.kind === 'text') {
      this.text = progress;
      return this.sendSoon();
    }
    const isBetween = progress.phase === this.phase && progress.done < progress.total;
    if (isBetween && this.clock.now() - this.phaseSentAt < INTERVAL_MS) return;
    this.phase = progress.phase;
    this.phaseSentAt = this.clock.now();
    // Never after what followed it.
    this.text = undefined;
    void this.send(progress).catch(() => undefined);
  }

  /** The run is over: nobody waits for text any more. */
  end(): void {
    this.text = undefined;
    this.timer?.dispose();
  }

  private sendSoon(): void {
    if (this.isSending || this.text === undefined) return;
    this.timer?.dispose();
    const restMs = this.textSentAt + INTERVAL_MS - this.clock.now();
    if (restMs > 0) this.timer = this.clock.after(restMs, () => this.sendNewest());
    else this.sendNewest();
  }

  private sendNewest(): void {
    if (this.text === undefined) return;
    const newest = this.text;
    this.text = undefined;
    this.textSentAt = this.clock.now();
    this.isSending = true;
    void this.send(newest).catch(() => undefined).finally(() => {
      this.isSending = false;
      this.sendSoon();
    });
  }
}
