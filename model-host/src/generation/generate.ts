/** Greedy generation: one prefill, then one token at a time. */
import type { StopReason } from '../contract/paligemma';
import type { Prediction } from '../runtime/decoder';

/** One sequence being generated, as the loop sees it. */
export interface Steps {
  prefill(): Promise<Prediction>;
  decode(id: number): Promise<Prediction>;
  /** Positions that are still free in the cache. */
  readonly free: number;
}

export interface GenerateOptions {
  readonly eosTokenIds: readonly number[];
  /** At least 1. */
  readonly maxNewTokens: number;
}

/**
 * Yields the suffix's tokens one by one and returns why it stopped; `<eos>` is not yielded.
 * n tokens cost one prefill and n − 1 decodes, n when `<eos>` ends them.
 * @throws DOMException `AbortError`, between native runs only.
 */
export async function* generate(steps: Steps, { eosTokenIds, maxNewTokens }: GenerateOptions, signal: AbortSignal): AsyncGenerator<Prediction, StopReason, void> {
  signal.throwIfAborted();
  let prediction = await steps.prefill();
  for (let produced = 1; ; produced++) {
    signal.throwIfAborted();
    if (eosTokenIds.includes(prediction.id)) return 'eos';
    yield prediction;
    if (produced >= maxNewTokens) return 'maxNewTokens';
    if (steps.free <= 0) return 'contextFull';
    prediction = await steps.decode(prediction.id);
  }
}
