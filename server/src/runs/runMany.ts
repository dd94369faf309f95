/**
 * The one way to run many: the pictures of a request, of a folder, of a prompt file or of documents. As many are in
 * hand at once as the places of their models take; a run that fails is told, and the others go on.
 */
import { stackText } from '../../../paligemma/src/words';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { RunProgress } from '../../../model-host/src/contract/protocol';
import { batchEnders, Failure } from '../../../paligemma/src/failures';
import type { RunResult } from '../../../paligemma/src/runResult';
import { CancelledError } from '../util/cancellation';
import { toFailure } from '../util/failure';
import { inLanes, type ItemLane } from '../util/inLanes';
import type { Log } from '../util/log';
import type { Runner, RunRequest } from './runner';

/** One run of a plan. `Payload`: what its owner wants to find again; nothing here looks at it. */
export interface PlannedRun<Payload = undefined> {
  /** What is run; or why it cannot be, where that is known already, for example since its model cannot be had. */
  readonly request: RunRequest | Failure;
  readonly payload: Payload;
  /** Cancels this run alone; heard instead of the token of the whole. */
  readonly token?: CancellationToken | undefined;
}

/** How one run of a plan ended. */
export type ManyOutcome<Verdict = undefined> =
  | {
    readonly kind: 'done';
    readonly result: RunResult;
    readonly verdict: Verdict;
    /** {@link ManyRunsOptions.known} had it: nothing was run. */
    readonly isKnown: boolean;
  }
  /** `endsOthers`: every other picture would meet it too, so no more runs of this prompt with this model are begun. */
  | { readonly kind: 'failed'; readonly error: Failure; readonly endsOthers: boolean }
  /** What ended the others: this run was left out for it, or was in hand then and failed for the same reason. */
  | { readonly kind: 'left'; readonly error: Failure }
  | { readonly kind: 'cancelled' };

/** `index` counts into the plan. */
export interface ManyRunsObserver<Verdict = undefined> {
  /** `over`: runs that have ended, however they did. */
  readonly progress?: (index: number, progress: RunProgress, over: number) => void;
  /** As they end. */
  readonly ended?: (index: number, outcome: ManyOutcome<Verdict>) => void;
  /**
   * In the order of the plan, one after the other: the next one waits for the promise of the last, and a rejection ends
   * everything. Whoever gives it bounds how far a fast model gets ahead of a slow one.
   */
  readonly inOrder?: (index: number, outcome: ManyOutcome<Verdict>) => void | Promise<void>;
}

export interface ManyRunsOptions<Payload, Verdict> {
  readonly runner: Pick<Runner, 'laneOf' | 'run'>;
  readonly observer: ManyRunsObserver<Verdict>;
  /** What an earlier, interrupted go has of a run: it is told without being run. */
  readonly known?: (planned: PlannedRun<Payload>, index: number) => Promise<RunResult | undefined>;
  /**
   * What the plan's owner makes of an answer, for example whether it is the expected one.
   * @throws Failure where the answer is worth nothing: a failure like any other.
   */
  readonly judge?: (result: RunResult, planned: PlannedRun<Payload>) => Verdict;
  /** Hears what the machine is at fault for, and faults of this program with where they happened. */
  readonly log: Log;
}

/** How many runs of the plan ended how; together they are all of it. */
export interface ManyRunsTally {
  readonly done: number;
  readonly failed: number;
  readonly left: number;
  readonly cancelled: number;
}

/**
 * So many runs in a row that fail because no model or machine works end the others as one of `batchEnders` does at
 * once: the next thousand would fail too.
 */
export const HOPELESS_FAILURES = 3;
/** Outcomes that are kept until it is their turn, at most. */
const FARTHEST_AHEAD = 512;
const noLane: ItemLane = { name: '', width: () => 1 };

/**
 * Resolves when every run has ended and is told. Cancelling begins no other run and cancels those in hand; what had
 * come until then was told, and the tally says how many did not.
 * @throws what `inOrder` rejects with.
 */
export async function runMany<Payload, Verdict = undefined>(
  plan: readonly PlannedRun<Payload>[],
  options: ManyRunsOptions<Payload, Verdict>,
  token: CancellationToken,
): Promise<ManyRunsTally> {
  const { observer, runner } = options;
  const runs = new ManyRuns(options, token);
  try {
    await inLanes(
      plan,
      ({ request }) => request instanceof Failure ? noLane : runner.laneOf(request.model),
      async (planned, index) => runs.end(index, await runs.outcomeOf(planned, index)),
      token,
      observer.inOrder === undefined ? Infinity : FARTHEST_AHEAD,
    );
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  }
  for (const index of plan.keys()) if (!runs.hasEnded(index)) void runs.end(index, { kind: 'cancelled' });
  await runs.told;
  return runs.tally;
}

class ManyRuns<Payload, Verdict> {
  readonly tally = { done: 0, failed: 0, left: 0, cancelled: 0 };
  private readonly endings = new Endings();
  private readonly endedIndexes = new Set<number>();
  /** Outcomes whose turn has not come. */
  private readonly early = new Map<number, ManyOutcome<Verdict>>();
  private next = 0;
  private telling: Promise<void> = Promise.resolve();

  constructor(private readonly options: ManyRunsOptions<Payload, Verdict>, private readonly token: CancellationToken) {}

  /** Settles when everything whose turn has come was told. */
  get told(): Promise<void> {
    return this.telling;
  }

  hasEnded(index: number): boolean {
    return this.endedIndexes.has(index);
  }

  async outcomeOf(planned: PlannedRun<Payload>, index: number): Promise<ManyOutcome<Verdict>> {
    const { request, token = this.token } = planned;
    if (token.isCancellationRequested) return { kind: 'cancelled' };
    if (request instanceof Failure) {
      this.tellLog(request, request.cause ?? request);
      return { kind: 'failed', error: request, endsOthers: false };
    }
    const { runner, observer, known, judge } = this.options;
    const kin = kinOf(request);
    try {
      const before = await known?.(planned, index);
      const ending = this.endings.of(kin);
      if (before === undefined && ending !== undefined) return { kind: 'left', error: ending };
      const result = before ?? await runner.run(
        request,
        progress => observer.progress?.(index, progress, this.endedIndexes.size),
        token,
      );
      this.endings.succeeded(kin);
      // Without `judge` a verdict is undefined.
      return { kind: 'done', result, verdict: judge?.(result, planned) as Verdict, isKnown: before !== undefined };
    } catch (error) {
      if (error instanceof CancelledError || token.isCancellationRequested) return { kind: 'cancelled' };
      const failure = toFailure(error);
      this.tellLog(failure, error);
      return this.endings.failed(kin, failure);
    }
  }

  private tellLog({ kind, message }: Failure, cause: unknown): void {
    if (kind === 'internal') this.options.log('error', 'server.run', stackText(cause));
    else if (kind === 'environment') this.options.log('warn', 'server.run', message);
  }

  /** Resolves when it, and what waited for it, was told. */
  end(index: number, outcome: ManyOutcome<Verdict>): Promise<void> {
    const { ended, inOrder } = this.options.observer;
    this.endedIndexes.add(index);
    this.tally[outcome.kind]++;
    ended?.(index, outcome);
    if (inOrder === undefined) return this.telling;
    this.early.set(index, outcome);
    for (let due = this.early.get(this.next); due !== undefined; due = this.early.get(this.next)) {
      const [turn, ready] = [this.next++, due];
      this.early.delete(turn);
      this.telling = this.telling.then(() => inOrder(turn, ready));
    }
    return this.telling;
  }
}

/** What ends all runs of one kin: a failure of `batchEnders`, or a hopeless one several times in a row. */
class Endings {
  private readonly ended = new Map<string, Failure>();
  private readonly inARow = new Map<string, number>();

  of(kin: string): Failure | undefined {
    return this.ended.get(kin);
  }

  succeeded(kin: string): void {
    this.inARow.delete(kin);
  }

  failed(kin: string, error: Failure): ManyOutcome<never> {
    const ending = this.ended.get(kin);
    const isEnder = batchEnders.has(error.reason);
    if (ending !== undefined) {
      return isEnder || error.reason === ending.reason
        ? { kind: 'left', error }
        : { kind: 'failed', error, endsOthers: false };
    }
    const isHopeless = error.kind === 'environment' || error.kind === 'internal';
    const inARow = isHopeless ? (this.inARow.get(kin) ?? 0) + 1 : 0;
    this.inARow.set(kin, inARow);
    const endsOthers = isEnder || inARow >= HOPELESS_FAILURES;
    if (endsOthers) this.ended.set(kin, error);
    return { kind: 'failed', error, endsOthers };
  }
}

/** Equal for runs that only their pictures tell apart. */
function kinOf({ model, prompt, maxNewTokens }: RunRequest): string {
  return JSON.stringify([model.id, model.server === undefined ? model.spec : model.server.urls, prompt, maxNewTokens]);
}
