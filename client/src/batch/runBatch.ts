/** Runs a batch: request by request, on after a failure, kept after a cancel. Free of the editor. */
import { UnwrittenAnswer } from '../../../batch/src/unwritten';
import type { Failure } from '../../../paligemma/src/failures';
import { runFailureOf } from '../../../paligemma/src/runResult';
import type { RunFailure, RunOutcome, RunResult } from '../../../paligemma/src/runResult';
import type { RunUpdate } from '../../../server/src/contract/protocol';

/** Pictures in one request: enough to keep several servers busy, and few enough for the answer to stay small. */
export const REQUEST_SIZE = 128;

type FailedOutcome = Extract<RunOutcome, { readonly error: RunFailure }>;

/** The parts of the editor's types that are needed. */
export interface Token {
  readonly isCancellationRequested: boolean;
  readonly onCancellationRequested: (listener: () => void) => { dispose(): void };
}
export interface Source {
  readonly token: Token;
  cancel(): void;
  dispose(): void;
}

export interface BatchParts {
  readonly imageUris: readonly string[];
  /** Indexes of the pictures that need no run. */
  readonly skipped: ReadonlySet<number>;
  /** Why the answers of some pictures cannot be kept, by index: those are not run. */
  readonly refused?: ReadonlyMap<number, Failure>;
  /** Asks the server; updates count within `imageUris` of this call. Rejects when cancelled. */
  readonly request: (
    imageUris: readonly string[],
    onUpdate: (update: RunUpdate) => void,
    token: Token,
  ) => Promise<unknown>;
  /**
   * Keeps an answer. A rejection ends the batch: where one cannot be written, the others cannot; but for an
   * UnwrittenAnswer that says otherwise, which is a failure of its picture.
   */
  readonly keep: (index: number, result: RunResult) => Promise<void>;
  readonly report: (progress: BatchProgress) => void;
  readonly newSource: () => Source;
}

export interface BatchProgress {
  /** Index of the picture at work. */
  readonly index: number;
  /** Pictures that are answered, failed or skipped. */
  readonly finished: number;
  readonly update: RunUpdate;
}

export interface BatchSummary {
  readonly answered: number;
  readonly failures: readonly { readonly index: number; readonly error: RunFailure }[];
  /** `stopped`: it makes no sense to go on, see `cause`. */
  readonly end: 'complete' | 'cancelled' | 'stopped';
  /** What stopped it: a rejection of `keep` or `request`, or the failure that the server says every picture would meet. */
  readonly cause?: unknown;
  readonly repeated?: RunFailure;
  /** Name of the model that answered. */
  readonly model: string | undefined;
}

/** Resolves when everything that was answered is kept. Never rejects. */
export async function runBatch(parts: BatchParts, token: Token): Promise<BatchSummary> {
  const batch = new Batch(parts, token);
  const wanted = [...parts.imageUris.keys()].filter(index =>
    !parts.skipped.has(index) && parts.refused?.has(index) !== true
  );
  for (let start = 0; start < wanted.length && batch.goesOn; start += REQUEST_SIZE) {
    await batch.runSome(wanted.slice(start, start + REQUEST_SIZE));
  }
  return batch.summary();
}

class Batch {
  private readonly failures: { readonly index: number; readonly error: RunFailure }[] = [];
  private answered = 0;
  private model: string | undefined;
  private cause: { readonly error: unknown } | undefined;
  private repeated: RunFailure | undefined;
  /** Answers are kept one after the other, in the order in which they came. */
  private keeping: Promise<void> = Promise.resolve();

  constructor(private readonly parts: BatchParts, private readonly token: Token) {
    for (const [index, error] of parts.refused ?? []) {
      if (!parts.skipped.has(index)) this.failures.push({ index, error: runFailureOf(error) });
    }
  }

  get goesOn(): boolean {
    return !this.token.isCancellationRequested && this.cause === undefined && this.repeated === undefined;
  }

  async runSome(indexes: readonly number[]): Promise<void> {
    const source = this.parts.newSource();
    const subscription = this.token.onCancellationRequested(() => source.cancel());
    try {
      const uris = indexes.map(index => this.parts.imageUris[index] ?? '');
      await this.parts.request(uris, update => this.take(indexes[update.index], update, source), source.token);
    } catch (error) {
      // A cancelled request rejects too; then the reason is known already.
      if (this.goesOn) this.cause = { error };
    } finally {
      await this.keeping;
      subscription.dispose();
      source.dispose();
    }
  }

  summary(): BatchSummary {
    const { answered, failures, model, cause, repeated } = this;
    const hasStopped = cause !== undefined || repeated !== undefined;
    const isAll = answered + failures.length + this.parts.skipped.size >= this.parts.imageUris.length;
    return {
      answered,
      failures,
      model,
      end: hasStopped ? 'stopped' : isAll ? 'complete' : 'cancelled',
      ...(cause === undefined ? {} : { cause: cause.error }),
      ...(repeated === undefined ? {} : { repeated }),
    };
  }

  private take(index: number | undefined, update: RunUpdate, source: Source): void {
    if (index === undefined) return;
    const { outcome } = update;
    if (outcome !== undefined && 'result' in outcome) this.keep(index, outcome.result, source);
    else if (outcome !== undefined) this.fail(index, outcome, source);
    this.parts.report({ index, finished: this.parts.skipped.size + this.answered + this.failures.length, update });
  }

  private keep(index: number, result: RunResult, source: Source): void {
    this.model ??= result.model;
    this.answered++;
    this.keeping = this.keeping.then(async () => {
      if (this.cause !== undefined) {
        this.answered--;
        return;
      }
      try {
        await this.parts.keep(index, result);
      } catch (error) {
        this.answered--;
        if (error instanceof UnwrittenAnswer && !error.endsOthers) {
          this.failures.push({ index, error: runFailureOf(error) });
          return;
        }
        this.cause = { error };
        source.cancel();
      }
    });
  }

  private fail(index: number, { error, endsOthers }: FailedOutcome, source: Source): void {
    // What was in hand when the batch stopped fails for the same reason.
    if (this.repeated !== undefined) return;
    this.failures.push({ index, error });
    if (endsOthers !== true) return;
    this.repeated = error;
    source.cancel();
  }
}
