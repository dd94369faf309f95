/** What runs next: one run at a time, the most urgent first, identical runs joined. */
import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { RunProgress } from '../../../model-host/src/contract/protocol';
import { CancelledError } from '../util/cancellation';
import type { Timers } from '../util/timers';

/** An explicit command goes before a hover, a hover before the pictures of a folder. */
export const runPriorities = ['command', 'hover', 'batch'] as const;
export type RunPriority = (typeof runPriorities)[number];

export interface RunQueueOptions<Request, Result> {
  /** Does the work. Settles soon after `token` is cancelled, except where a native run blocks the host. */
  readonly execute: (request: Request, onProgress: (progress: RunProgress) => void, token: CancellationToken) => Promise<Result>;
  /** Called where a cancelled run still holds the host after {@link yieldLimitMs} while another one waits. */
  readonly unblock: () => void;
  readonly timers: Timers;
  readonly yieldLimitMs?: number;
}

export interface QueuedRun<Request> {
  /** Runs of the same key are the same: they are executed once and every caller is answered. */
  readonly key: string;
  readonly request: Request;
  readonly priority: RunPriority;
}

interface Waiter<Result> {
  readonly onProgress: (progress: RunProgress) => void;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

interface Entry<Request, Result> {
  readonly key: string;
  readonly request: Request;
  priority: RunPriority;
  readonly waiters: Set<Waiter<Result>>;
  readonly source: CancellationTokenSource;
  lastPhase: RunProgress | undefined;
  lastText: RunProgress | undefined;
  /** When its last waiter left; undefined while somebody waits for it. */
  abandonedAt: number | undefined;
}

const YIELD_LIMIT_MS = 5_000;

export class RunQueue<Request, Result> {
  private readonly waiting: Entry<Request, Result>[] = [];
  private running: Entry<Request, Result> | undefined;
  private unblockTimer: { dispose(): void } | undefined;

  constructor(private readonly options: RunQueueOptions<Request, Result>) {}

  /** Runs that wait, the one in progress not counted. */
  get length(): number {
    return this.waiting.length;
  }

  /**
   * Adds a run, or joins the one of the same key; who joins late gets the progress so far at once. Cancelling answers
   * this caller at once; the run itself ends when nobody waits for it any more.
   * @throws CancelledError, or what `execute` throws.
   */
  enqueue(run: QueuedRun<Request>, onProgress: (progress: RunProgress) => void, token: CancellationToken): Promise<Result> {
    if (token.isCancellationRequested) return Promise.reject(new CancelledError());
    return new Promise<Result>((resolve, reject) => {
      const entry = this.find(run.key) ?? this.add(run);
      if (rank(run.priority) < rank(entry.priority)) entry.priority = run.priority;
      const subscription = token.onCancellationRequested(() => {
        subscription.dispose();
        this.leave(entry, waiter);
        reject(new CancelledError());
      });
      const settle = <V>(answer: (value: V) => void) => (value: V) => {
        subscription.dispose();
        answer(value);
      };
      const waiter: Waiter<Result> = { onProgress: quietly(onProgress), resolve: settle(resolve), reject: settle(reject) };
      entry.waiters.add(waiter);
      if (entry.lastPhase !== undefined) waiter.onProgress(entry.lastPhase);
      if (entry.lastText !== undefined) waiter.onProgress(entry.lastText);
      this.next();
    });
  }

  private find(key: string): Entry<Request, Result> | undefined {
    const { running } = this;
    // A run that everybody left is being cancelled: too late to join.
    if (running?.key === key && running.abandonedAt === undefined) return running;
    return this.waiting.find(entry => entry.key === key);
  }

  private add({ key, request, priority }: QueuedRun<Request>): Entry<Request, Result> {
    const entry: Entry<Request, Result> = {
      key, request, priority, waiters: new Set(), source: new CancellationTokenSource(), lastPhase: undefined, lastText: undefined, abandonedAt: undefined,
    };
    this.waiting.push(entry);
    return entry;
  }

  private leave(entry: Entry<Request, Result>, waiter: Waiter<Result>): void {
    entry.waiters.delete(waiter);
    if (entry.waiters.size > 0) return;
    const position = this.waiting.indexOf(entry);
    if (position >= 0) {
      this.waiting.splice(position, 1);
      if (this.waiting.length === 0) this.disarm();
    } else if (this.running === entry) {
      entry.abandonedAt = this.options.timers.now();
      entry.source.cancel();
      this.arm();
    }
  }

  private next(): void {
    if (this.running !== undefined) return this.arm();
    const entry = this.waiting.reduce<Entry<Request, Result> | undefined>(
      (best, candidate) => (best === undefined || rank(candidate.priority) < rank(best.priority) ? candidate : best), undefined);
    if (entry === undefined) return;
    this.waiting.splice(this.waiting.indexOf(entry), 1);
    this.running = entry;
    void this.execute(entry);
  }

  private async execute(entry: Entry<Request, Result>): Promise<void> {
    const onProgress = (progress: RunProgress) => {
      if (progress.kind === 'phase') entry.lastPhase = progress;
      else entry.lastText = progress;
      for (const waiter of [...entry.waiters]) waiter.onProgress(progress);
    };
    let answer: (waiter: Waiter<Result>) => void;
    try {
      const result = await this.options.execute(entry.request, onProgress, entry.source.token);
      answer = waiter => waiter.resolve(result);
    } catch (error) {
      answer = waiter => waiter.reject(error);
    }
    this.running = undefined;
    this.disarm();
    entry.source.dispose();
    entry.waiters.forEach(answer);
    entry.waiters.clear();
    this.next();
  }

  /** Starts the clock once a cancelled run holds the host and another one waits for it. */
  private arm(): void {
    const { running, options } = this;
    if (running?.abandonedAt === undefined || this.waiting.length === 0 || this.unblockTimer !== undefined) return;
    const dueMs = running.abandonedAt + (options.yieldLimitMs ?? YIELD_LIMIT_MS) - options.timers.now();
    this.unblockTimer = options.timers.after(Math.max(0, dueMs), () => {
      this.unblockTimer = undefined;
      if (this.running === running) options.unblock();
    });
  }

  private disarm(): void {
    this.unblockTimer?.dispose();
    this.unblockTimer = undefined;
  }
}

function rank(priority: RunPriority): number {
  return runPriorities.indexOf(priority);
}

/** A listener that fails, for example because its client is gone, must not fail the run for the others. */
function quietly<T>(listener: (value: T) => void): (value: T) => void {
  return value => {
    try {
      listener(value);
    } catch {
      // Nobody is left to tell.
    }
  };
}
