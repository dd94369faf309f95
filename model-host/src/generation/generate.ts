/** Greedy generation: one token at a time, for one sequence or for several of equal length together. */
import type { StopReason } from '../../../paligemma/src/facts';
import type { Prediction } from '../runtime/prediction';

/** Sequences of equal length that are being generated, as the loop sees them. */
export interface Steps {
  /** Next tokens of all sequences that are left, in their order. */
  decode(ids: readonly number[]): Promise<readonly Prediction[]>;
  /** Keeps the sequences with these numbers, in this order. */
  keep(rows: readonly number[]): Promise<void>;
  /** Positions that are still free in the cache. */
  readonly free: number;
}

/** One sequence and who reads its suffix. */
export interface Row {
  /** What the prefill predicted. */
  readonly first: Prediction;
  /** Once aborted the row leaves before the next step, and nothing is called any more. */
  readonly signal: AbortSignal;
  /** Next token of the suffix; `<eos>` is none. */
  readonly onToken: (prediction: Prediction) => void;
  readonly onEnd: (reason: StopReason) => void;
}

export interface GenerateOptions {
  readonly eosTokenIds: readonly number[];
  /** At least 1. */
  readonly maxNewTokens: number;
}

/** Runs until every row has ended or left: n tokens cost n − 1 steps, n when `<eos>` ends them. */
export async function generate(
  rows: readonly Row[],
  steps: Steps,
  { eosTokenIds, maxNewTokens }: GenerateOptions,
): Promise<void> {
  let live = rows.map(row => ({ row, next: row.first }));
  for (let produced = 1;; produced++) {
    const staying: number[] = [];
    for (const [index, { row, next }] of live.entries()) {
      if (row.signal.aborted) continue;
      if (eosTokenIds.includes(next.id)) {
        row.onEnd('eos');
        continue;
      }
      row.onToken(next);
      if (produced >= maxNewTokens) row.onEnd('maxNewTokens');
      else if (steps.free <= 0) row.onEnd('contextFull');
      else staying.push(index);
    }
    if (staying.length === 0) return;
    if (staying.length < live.length) await steps.keep(staying);
    const rowsLeft = staying.map(index => live[index]!.row);
    const predictions = await steps.decode(staying.map(index => live[index]!.next.id));
    live = rowsLeft.map((row, index) => ({ row, next: predictions[index]! }));
  }
}
