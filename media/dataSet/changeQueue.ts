/**
 * Changes on their way into the text, one at a time: each is about the line as the one before left it. A box that is
 * moved further while the first move is under way goes to its last place at once. Pure.
 */
import type { LineChange } from '../../datasets/src/edits/lineEdits';

interface Waiting {
  /** The line that it is meant for. */
  readonly line: number;
  readonly what: LineChange | 'reject';
}

export interface SentChange extends Waiting {
  readonly change: number;
}

export class ChangeQueue {
  private count = 0;
  private underWay: SentChange | undefined;
  private waiting: Waiting[] = [];

  /** @param send False where the line that a change is meant for is not the open one any more: it is dropped. */
  constructor(private readonly send: (sent: SentChange) => boolean) {}

  /** Whether something is not in the text yet. */
  get isBusy(): boolean {
    return this.underWay !== undefined;
  }

  add(line: number, what: LineChange | 'reject'): void {
    const last = this.waiting.at(-1);
    if (last?.line === line && replaces(what, last.what)) this.waiting.pop();
    this.waiting.push({ line, what });
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
    const first = this.waiting.shift();
    if (first === undefined) return;
    this.underWay = { change: ++this.count, ...first };
    if (this.send(this.underWay)) return;
    this.underWay = undefined;
    this.waiting = [];
  }
}

function replaces(what: LineChange | 'reject', before: LineChange | 'reject'): boolean {
  if (what === 'reject' || before === 'reject') return false;
  return (what.kind === 'bins' && before.kind === 'bins' && what.box === before.box)
    || (what.kind === 'text' && before.kind === 'text' && what.field === before.field);
}
