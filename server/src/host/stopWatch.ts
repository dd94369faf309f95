/** Notices that a host which somebody waits for was stopped from outside, since it cannot say so itself. */
import type { Timers } from '../util/timers';

/** What is watched. */
export interface WatchedHost {
  readonly pid: number | undefined;
  /** Messages that came from it so far. */
  readonly messagesHeard: number;
}

export interface StopWatchOptions {
  readonly timers: Timers;
  readonly isStopped: (pid: number) => Promise<boolean>;
  /** Between two looks. */
  readonly lookMs: number;
  /** The host that is used now. */
  readonly host: () => WatchedHost | undefined;
  readonly onStopped: () => void;
}

export class StopWatch {
  private timer: { dispose(): void } | undefined;
  private isOn = false;

  constructor(private readonly options: StopWatchOptions) {}

  /** Begins to look, while somebody waits for an answer. */
  start(): void {
    if (this.isOn) return;
    this.isOn = true;
    this.lookLater(undefined);
  }

  stop(): void {
    this.isOn = false;
    this.timer?.dispose();
  }

  /**
   * @param before The host that was found stopped at the last look. Two looks in a row have to find the same one so: who
   *   lets a whole group of processes go on does not reach all of them at once.
   */
  private lookLater(before: WatchedHost | undefined): void {
    const { timers, lookMs, host } = this.options;
    const seen = host();
    const heard = seen?.messagesHeard;
    this.timer?.dispose();
    this.timer = timers.after(lookMs, () => {
      const silent = seen !== undefined && seen === host() && seen.messagesHeard === heard ? seen : undefined;
      void this.look(silent, before);
    });
  }

  private async look(silent: WatchedHost | undefined, before: WatchedHost | undefined): Promise<void> {
    const { isStopped, onStopped } = this.options;
    const isSo = silent?.pid !== undefined && await isStopped(silent.pid);
    if (!this.isOn) return;
    if (isSo && silent === before) onStopped();
    this.lookLater(isSo ? silent : undefined);
  }
}
