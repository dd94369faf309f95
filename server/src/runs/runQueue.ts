/** What runs next: lanes that do not wait for each other, in each the most urgent first, identical runs joined. */
import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { RunProgress } from '../../../model-host/src/contract/protocol';
import { CancelledError } from '../util/cancellation';
import type { Timers } from '../util/timers';

/** An explicit command goes before a hover, a hover before the pictures of a folder. */
const runPriorities = ['command', 'hover', 'batch'] as const;
export type RunPriority = (typeof runPriorities)[number];

/** Runs that share something, and so wait for each other: this machine, or the servers of one model. */
export interface Lane {
  /** Equal for the runs that share it. */
  readonly name: string;
  /** Whether one more may start beside those in progress; asked anew for each. */
  hasRoom(running: number): boolean;
  /** Where set, only runs of the same group are in progress together. */
  readonly group?: string;
  /**
   * Where true, a run of a higher priority than all in progress starts beside them, and is put before those of them
   * that wait inside.
   */
  readonly letsUrgentPass?: boolean;
  /**
   * Called where a cancelled run still holds the lane after {@link RunQueueOptions.yieldLimitMs} while another one
   * waits for it.
   */
  unblock?(): void;
}

export interface RunQueueOptions<Request, Result> {
  /**
   * Does the work. Settles soon after `token` is cancelled, except where a native run blocks the host; begins at once.
   */
  readonly execute: (
    request: Request,
    onProgress: (progress: RunProgress) => void,
    token: CancellationToken,
    priority: RunPriority,
  ) => Promise<Result>;
  readonly timers: Timers;
  readonly yieldLimitMs?: number;
}

export interface QueuedRun<Request> {
  /** Runs of the same key are the same: they are executed once and every caller is answered. */
  readonly key: string;
  readonly request: Request;
  readonly priority: RunPriority;
  readonly lane: Lane;
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
  readonly lane: Lane;
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
  private readonly running = new Set<Entry<Request, Result>>();
  /** By lane. */
  private readonly unblockTimers = new Map<string, { dispose(): void }>();

  constructor(private readonly options: RunQueueOptions<Request, Result>) {}

  /** Runs that wait, those in progress not counted. */
  get length(): number {
    return this.waiting.length;
  }

  /**
   * Adds a run, or joins the one of the same key; who joins late gets the progress so far at once. Cancelling answers
   * this caller at once; the run itself ends when nobody waits for it any more.
   * @throws CancelledError, or what `execute` throws.
   */
  enqueue(
    run: QueuedRun<Request>,
    onProgress: (progress: RunProgress) => void,
    token: CancellationToken,
  ): Promise<Result> {
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
      const waiter: Waiter<Result> = {
        onProgress: quietly(onProgress),
        resolve: settle(resolve),
        reject: settle(reject),
      };
      entry.waiters.add(waiter);
      if (entry.lastPhase !== undefined) waiter.onProgress(entry.lastPhase);
      if (entry.lastText !== undefined) waiter.onProgress(entry.lastText);
      this.next();
    });
  }

  private find(key: string): Entry<Request, Result> | undefined {
    // A run that everybody left is being cancelled: too late to join.
    return [...this.running].find(entry => entry.key === key && entry.abandonedAt === undefined)
      ?? this.waiting.find(entry => entry.key === key);
  }

  private add({ key, request, priority, lane }: QueuedRun<Request>): Entry<Request, Result> {
    const entry: Entry<Request, Result> = {
      key,
      request,
      priority,
      lane,
      waiters: new Set(),
      source: new CancellationTokenSource(),
      lastPhase: undefined,
      lastText: undefined,
      abandonedAt: undefined,
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
      if (!this.isAwaited(entry.lane)) this.disarm(entry.lane);
    } else if (this.running.has(entry)) {
      entry.abandonedAt = this.options.timers.now();
      entry.source.cancel();
      this.arm(entry.lane);
    }
  }

  /** Starts everything that has room. */
  private next(): void {
    const full = new Set<string>();
    for (;;) {
      const entry = this.waiting.reduce<Entry<Request, Result> | undefined>(
        (
          best,
          candidate,
        ) => (full.has(candidate.lane.name) || (best !== undefined && rank(best.priority) <= rank(candidate.priority))
          ? best
          : candidate),
        undefined,
      );
      if (entry === undefined) return;
      if (this.hasRoom(entry)) {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        this.running.add(entry);
        void this.execute(entry);
      } else {
        full.add(entry.lane.name);
      }
      this.arm(entry.lane);
    }
  }

  private hasRoom({ lane, priority }: Entry<Request, Result>): boolean {
    const beside = [...this.running].filter(entry => entry.lane.name === lane.name);
    if (lane.letsUrgentPass === true && beside.every(entry => rank(entry.priority) > rank(priority))) return true;
    return beside.every(entry => entry.lane.group === lane.group) && lane.hasRoom(beside.length);
  }

  private async execute(entry: Entry<Request, Result>): Promise<void> {
    const onProgress = (progress: RunProgress) => {
      if (progress.kind === 'phase') entry.lastPhase = progress;
      else entry.lastText = progress;
      for (const waiter of [...entry.waiters]) waiter.onProgress(progress);
    };
    let answer: (waiter: Waiter<Result>) => void;
    try {
      const result = await this.options.execute(entry.request, onProgress, entry.source.token, entry.priority);
      answer = waiter => waiter.resolve(result);
    } catch (error) {
      answer = waiter => waiter.reject(error);
    }
    this.running.delete(entry);
    this.disarm(entry.lane);
    entry.source.dispose();
    entry.waiters.forEach(answer);
    entry.waiters.clear();
    this.next();
    this.arm(entry.lane);
  }

  /** Somebody waits for the lane: in the queue, or behind the run that holds it. */
  private isAwaited({ name }: Lane): boolean {
    return [...this.waiting, ...this.running].some(entry =>
      entry.lane.name === name && entry.abandonedAt === undefined
    );
  }

  /** Starts the clock once a cancelled run holds a lane and another one waits for it. */
  private arm(lane: Lane): void {
    const { options, unblockTimers } = this;
    const held = [...this.running].filter(entry => entry.lane.name === lane.name && entry.abandonedAt !== undefined);
    const since = Math.min(...held.map(entry => entry.abandonedAt ?? Infinity));
    if (held.length === 0 || !this.isAwaited(lane) || unblockTimers.has(lane.name)) return;
    const dueMs = since + (options.yieldLimitMs ?? YIELD_LIMIT_MS) - options.timers.now();
    unblockTimers.set(
      lane.name,
      options.timers.after(Math.max(0, dueMs), () => {
        unblockTimers.delete(lane.name);
        if (held.some(entry => this.running.has(entry))) lane.unblock?.();
      }),
    );
  }

  private disarm({ name }: Lane): void {
    this.unblockTimers.get(name)?.dispose();
    this.unblockTimers.delete(name);
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
