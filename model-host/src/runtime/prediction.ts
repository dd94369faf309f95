/** What a run of the decoder gives, and how it is followed and stopped. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** What one run of all layers gives for one sequence: the greedy choice, and the logits on request. */
export interface Prediction {
  /** Best id that may be picked; the lowest where several are equal. */
  readonly id: number;
  /** Its probability among all ids, 0…1. */
  readonly probability: number;
  /** [V] float32 after the final soft cap; only where asked for. */
  readonly logits?: Float32Array;
}

export interface RunHooks {
  readonly signal: AbortSignal;
  /** Graphs done, of all. */
  readonly onGroup?: (done: number, total: number) => void;
}

/**
 * Between two native runs, each of which blocks its thread: only here can a cancel be heard. The message arrives in one
 * turn of the event loop, and the connection acts on it in the next.
 */
export async function hearMessages(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
