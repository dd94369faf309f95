/** Works through a list with several items in hand at once. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { throwIfCancelled } from './cancellation';

export interface ItemLane {
  /** Items of different lanes do not wait for each other. */
  readonly name: string;
  /** Items in hand at once, 1 or more; asked anew for each. */
  width(): number;
}

/** Items that may be begun before one that is not done yet: their results have to be kept until then. */
const FARTHEST_AHEAD = 512;

/**
 * Calls `work` for each item, those of a lane begun in their order. Once one throws, or `token` is cancelled, no other
 * is begun, and when those in hand have settled that failure is thrown.
 * @throws CancelledError; the first failure of `work`.
 */
export async function inLanes<T>(
  items: readonly T[],
  laneOf: (item: T) => ItemLane,
  work: (item: T, index: number) => Promise<void>,
  token: CancellationToken,
): Promise<void> {
  const lanes = new Map<
    string,
    { readonly lane: ItemLane; readonly queue: { readonly item: T; readonly index: number }[] }
  >();
  for (const [index, item] of items.entries()) {
    const lane = laneOf(item);
    const known = lanes.get(lane.name);
    if (known === undefined) lanes.set(lane.name, { lane, queue: [{ item, index }] });
    else known.queue.push({ item, index });
  }
  const failures: unknown[] = [];
  await Promise.all([...lanes.values()].map(({ lane, queue }) => inOneLane(lane, queue)));
  throwIfCancelled(token);
  if (failures.length > 0) throw failures[0];

  async function inOneLane(
    lane: ItemLane,
    queue: readonly { readonly item: T; readonly index: number }[],
  ): Promise<void> {
    const inHand = new Map<number, Promise<void>>();
    for (const { item, index } of queue) {
      while (inHand.size >= Math.max(1, lane.width()) || index - Math.min(index, ...inHand.keys()) >= FARTHEST_AHEAD) {
        await Promise.race(inHand.values());
      }
      if (token.isCancellationRequested || failures.length > 0) break;
      inHand.set(
        index,
        work(item, index).catch((error: unknown) => void failures.push(error)).finally(() => inHand.delete(index)),
      );
    }
    await Promise.all(inHand.values());
  }
}
