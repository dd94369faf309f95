/**
 * Changes on their way into the text, one at a time: each is about the line as the one before left it. A box that is
 * moved further while the first move is under way goes to its last place at once. Pure.
 */
import type { LineChange } from '../../datasets/src/edits/lineEdits';

export interface SentChange {
  readonly change: number;
  readonly what: LineChange | 'reject';
}

export class ChangeQueue {
  private count = 0;
  private underWay: SentChange | undefined;
  private waiting: (LineChange | 'reject')[] = [];

  constructor(private readonly send: (sent: SentChange) => void) {}

  /** Whether something is not in the text yet. */
  get isBusy(): boolean {
    return this.underWay !== undefined;
  }

  add(what: LineChange | 'reject'): void {
    const last = this.waiting.at(-1);
    if (last !== undefined && replaces(what, last)) this.waiting.pop();
    this.waiting.push(what);
    this.next();
  }

  /** @param isMade False: those behind it were meant for another line than it is now, and are dropped. */
  answered(change: number, isMade: boolean): void {
    if (this.underWay?.change !== change) return;
    this.underWay = undefined;
    if (!isMade) this.waiting = [];
    this.next();
  }

  private next(): void {
    if (this.underWay !== undefined) return;
    const what = this.waiting.shift();
    if (what === undefined) return;
    this.underWay = { change: ++this.count, what };
    this.send(this.underWay);
  }
}

function replaces(what: LineChange | 'reject', before: LineChange | 'reject'): boolean {
  if (what === 'reject' || before === 'reject') return false;
  return (what.kind === 'bins' && before.kind === 'bins' && what.box === before.box)
    || (what.kind === 'text' && before.kind === 'text' && what.field === before.field);
}
