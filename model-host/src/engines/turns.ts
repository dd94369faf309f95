/** Work that waits for its turn. */

export interface Turn {
  /** Never rejects. */
  readonly work: () => Promise<void>;
  readonly isUrgent?: boolean;
}

/**
 * One piece of work at a time, urgent ones first, otherwise in the order of arrival; what waits can be seen and taken.
 */
export class Turns<T extends Turn> {
  private readonly waiting: T[] = [];
  private isBusy = false;

  /** `isUrgent`: before the first that is not. */
  add(turn: T): void {
    const behind = turn.isUrgent === true ? this.waiting.findIndex(({ isUrgent }) => isUrgent !== true) : -1;
    this.waiting.splice(behind < 0 ? this.waiting.length : behind, 0, turn);
    if (!this.isBusy) void this.workOff();
  }

  /** Who is next, besides the one at work. */
  get next(): T | undefined {
    return this.waiting[0];
  }

  /** Takes who waits out of the line. @returns whether it was still there. */
  remove(turn: T): boolean {
    const position = this.waiting.indexOf(turn);
    if (position >= 0) this.waiting.splice(position, 1);
    return position >= 0;
  }

  private async workOff(): Promise<void> {
    this.isBusy = true;
    for (let turn = this.waiting.shift(); turn !== undefined; turn = this.waiting.shift()) await turn.work();
    this.isBusy = false;
  }
}
