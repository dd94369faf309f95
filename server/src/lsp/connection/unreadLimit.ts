/** Notices a client that does not read: what is written to it would lie in memory, more with each answer. */
import type { Timers } from '../../util/timers';

/** Bytes that may wait for the client, who may have stood still for a while. */
const PATIENT_BYTES = 64 << 20;
/** Once there are more, it has to take some of them in this time. */
const PATIENCE_MS = 10_000;
/** More than this, of which it takes nothing, are too many, and more than that in any case. */
const MOST_UNTOUCHED_BYTES = 256 << 20;
const MOST_BYTES = 1 << 30;

export interface Unread {
  /** Bytes that the system has yet to accept. */
  readonly waiting: number;
  /** Bytes that it has accepted, of all. */
  readonly taken: number;
}

export class UnreadLimit {
  private takenBefore = 0;
  private timer: { dispose(): void } | undefined;
  private isOver = false;

  /** @param onUnread Called once. */
  constructor(
    private readonly state: () => Unread,
    private readonly timers: Timers,
    private readonly onUnread: () => void,
  ) {}

  /** To be called whenever something was written. */
  look(): void {
    const { waiting, taken } = this.state();
    const isMoving = this.timer === undefined || taken !== this.takenBefore;
    if (waiting <= PATIENT_BYTES) {
      this.forget();
    } else if (waiting > (isMoving ? MOST_BYTES : MOST_UNTOUCHED_BYTES)) {
      this.giveUp();
    } else if (isMoving) {
      this.forget();
      this.takenBefore = taken;
      this.timer = this.timers.after(PATIENCE_MS, () => {
        if (this.state().taken === taken) this.giveUp();
        else this.look();
      });
    }
  }

  private forget(): void {
    this.timer?.dispose();
    this.timer = undefined;
  }

  private giveUp(): void {
    this.forget();
    if (this.isOver) return;
    this.isOver = true;
    this.onUnread();
  }
}
