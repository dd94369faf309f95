/** Steps of one sequence that try several tokens at once wherever there is a guess of what follows. */
import type { Prediction } from '../runtime/prediction';
import type { Steps } from './generate';

/** One sequence whose decoder can run tokens on trial. */
export interface DraftableSteps extends Steps {
  /** Predicts what follows each of `ids`, of which all but the first are guesses, and appends them all. */
  decodeDraft(ids: readonly number[]): Promise<readonly Prediction[]>;
  /** Takes the last `count` tokens back. */
  discard(count: number): void;
}

/** Guesses of what follows a suffix, best first token first; none where there is nothing to go by. */
export type Propose = (suffix: readonly number[]) => readonly number[];

/**
 * The predictions are those of single steps: a guess only counts where the model predicted just that token. Sums are
 * taken in another order, as for several rows, so the last bits may differ.
 */
export class DraftedSteps implements Steps {
  private readonly suffix: number[] = [];
  /** Guesses that have run already, and what follows each of them. */
  private ahead: { readonly id: number; readonly prediction: Prediction }[] = [];
  private isHopeless = false;

  constructor(private readonly steps: DraftableSteps, private readonly propose: Propose) {}

  get free(): number {
    return this.steps.free + this.ahead.length;
  }

  async decode(ids: readonly number[]): Promise<readonly Prediction[]> {
    const [id] = ids;
    if (id === undefined || ids.length > 1) throw new RangeError(`a draft for ${ids.length} sequences`);
    this.suffix.push(id);
    const [next] = this.ahead;
    if (next?.id === id) {
      this.ahead.shift();
      return [next.prediction];
    }
    if (this.ahead.length > 0) this.steps.discard(this.ahead.length);
    const draft = this.isHopeless ? [] : this.propose(this.suffix).slice(0, Math.max(0, this.steps.free - 1));
    const [prediction, ...following] = await this.steps.decodeDraft([id, ...draft]);
    this.ahead = draft.map((guess, index) => ({ id: guess, prediction: following[index]! }));
    // Who is wrong from the first word on will be again.
    if (draft.length > 0 && prediction!.id !== draft[0]) this.isHopeless = true;
    return [prediction!];
  }

  keep(rows: readonly number[]): Promise<void> {
    return this.steps.keep(rows);
  }
}
