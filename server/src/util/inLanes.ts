/** Works through a list with several items in hand at once. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { throwIfCancelled } from './cancellation';

export interface ItemLane {
  /** Items of different lanes do not wait for each other. */
  readonly name: string;
  /** Items in hand at once, 1 or more; asked anew for each. */
  width(): number;
}

interface Waiting<T> {
  readonly item: T;
  readonly index: number;
}

/**
 * Calls `work` for each item, those of a lane begun in their order. Once one throws, or `token` is cancelled, no other
 * is begun, and when those in hand have settled that failure is thrown.
 * @param farthestAhead An item is not begun before all but so many of those in front of it, of whatever lane, are done:
 *   a bound on what has to be kept by whoever wants the results in order.
 * @throws CancelledError; the first failure of `work`.
 */
export async function inLanes<T>(
  items: readonly T[],
  laneOf: (item: T) => ItemLane,
  work: (item: T, index: number) => Promise<void>,
  token: CancellationToken,
  farthestAhead = Infinity,
): Promise<void> {
  const lanes = new Map<string, { readonly lane: ItemLane; readonly queue: Waiting<T>[] }>();
  for (const [index, item] of items.entries()) {
    const lane = laneOf(item);
    const known = lanes.get(lane.name);
    if (known === undefined) lanes.set(lane.name, { lane, queue: [{ item, index }] });
    else known.queue.push({ item, index });
  }
  const failures: unknown[] = [];
  const front = new Front(items.length);
  await Promise.all([...lanes.values()].map(({ lane, queue }) => inOneLane(lane, queue)));
  throwIfCancelled(token);
  if (failures.length > 0) throw failures[0];

  async function inOneLane(lane: ItemLane, queue: readonly Waiting<T>[]): Promise<void> {
    const inHand = new Set<Promise<void>>();
    for (const { item, index } of queue) {
      while (inHand.size >= Math.max(1, lane.width())) await Promise.race(inHand);
      while (index - front.index >= farthestAhead && !isOver()) await front.moved();
      if (isOver()) break;
      const run: Promise<void> = work(item, index)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          inHand.delete(run);
          front.done(index);
        });
      inHand.add(run);
    }
    await Promise.all(inHand);
    // Lanes that wait for this one to move on must hear that it never will.
    if (isOver()) front.wake();
  }

  function isOver(): boolean {
    return token.isCancellationRequested || failures.length > 0;
  }
}

/** The first item of the whole list that is not done. */
class Front {
  index = 0;
  private readonly isDone: Uint8Array;
  private waiting: (() => void)[] = [];

  constructor(length: number) {
    this.isDone = new Uint8Array(length);
  }

  done(index: number): void {
    this.isDone[index] = 1;
    const before = this.index;
    while (this.isDone[this.index] === 1) this.index++;
    if (this.index > before) this.wake();
  }

  /** Resolves when the front moved on, or is not going to. */
  moved(): Promise<void> {
    return new Promise(resolve => this.waiting.push(resolve));
  }

  wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
