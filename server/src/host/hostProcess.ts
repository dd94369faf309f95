/**
 * Keeps one model host: starts it on the first use, counts its crashes, ends it when idle or when it no longer yields.
 */
import * as l10n from '@vscode/l10n';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { isStopped } from '../../../system/src/stoppedProcess';
import { Failure } from '../../../paligemma/src/failures';
import { delay, orCancelled } from '../util/cancellation';
import { isConnectionLost } from '../util/failure';
import { Listeners } from '../util/listeners';
import type { Log } from '../util/log';
import type { Timers } from '../util/timers';
import { CrashLimit, defaultCrashLimits, type CrashLimits } from './crashLimit';
import { HostChild, type HostExit } from './hostChild';
import type { HostClient } from './hostClient';
import { StopWatch } from './stopWatch';

/** `failed`: it crashed too often and is left alone for a while. */
export type HostState = 'stopped' | 'starting' | 'ready' | 'failed';

export interface HostProcessOptions {
  readonly hostPath: string;
  /** Makes sure that the cache folder can be written, and returns its absolute path. */
  readonly openCache: () => Promise<string>;
  readonly log: Log;
  readonly timers: Timers;
  /** Minutes without use after which the host is ended; 0: never. Read anew each time. */
  readonly keepLoadedMinutes: () => number;
  readonly limits?: Partial<HostLimits>;
}

export interface HostLimits extends CrashLimits {
  /** For the first answer of a host that was just started. */
  readonly greetMs: number;
  /** For an orderly end, after which it is killed. */
  readonly shutdownMs: number;
  /** Between two looks at whether a host that is waited for was stopped from outside; two of them have to find it so. */
  readonly stopLookMs: number;
}

const defaultLimits: HostLimits = { ...defaultCrashLimits, greetMs: 30_000, shutdownMs: 2_000, stopLookMs: 5_000 };

export class HostProcess {
  readonly onDidChangeState: (listener: (state: HostState) => void) => { dispose(): void };
  private readonly limits: HostLimits;
  private readonly crashLimit: CrashLimit;
  private readonly stopWatch: StopWatch;
  private readonly stateListeners = new Listeners<HostState>();
  private state: HostState = 'stopped';
  private child: HostChild | undefined;
  private starting: Promise<HostChild> | undefined;
  private stopping: Promise<void> | undefined;
  private idleTimer: { dispose(): void } | undefined;
  private users = 0;
  private isDisposed = false;

  constructor(private readonly options: HostProcessOptions) {
    this.limits = { ...defaultLimits, ...options.limits };
    this.crashLimit = new CrashLimit(this.limits, options.timers);
    this.stopWatch = new StopWatch({
      timers: options.timers,
      isStopped,
      lookMs: this.limits.stopLookMs,
      host: () => this.child,
      onStopped: () => this.killStopped(),
    });
    this.onDidChangeState = listener => this.stateListeners.add(listener);
  }

  get currentState(): HostState {
    return this.state;
  }

  /** Process id of the running host, for tests and the log. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /**
   * Lends the host to `work`, starting it where it does not run. Cancelling ends the wait for the start; `work` itself
   * passes the token on. A host that had ended unnoticed while nobody used it, so that `work` reached nobody, is
   * replaced and `work` called once more.
   * @throws Failure `hostExited` where the host ended during `work`; `hostUnavailable`, `protocolMismatch`,
   * `cacheUnwritable` where it could not be started; CancelledError.
   */
  async use<T>(work: (client: HostClient) => Promise<T>, token: CancellationToken): Promise<T> {
    this.users++;
    this.idleTimer?.dispose();
    this.stopWatch.start();
    try {
      for (let tries = 1;; tries++) {
        const child = await orCancelled(this.running(), token);
        const heardBefore = child.messagesHeard;
        const isFirst = this.users === 1;
        try {
          return await work(child.client);
        } catch (error) {
          if (!isConnectionLost(error)) throw error;
          const exit = await child.exited;
          const reachedNobody = isFirst && child.messagesHeard === heardBefore && child.endReason === undefined;
          if (!reachedNobody || tries > 1) throw child.exitError(exit);
        }
      }
    } finally {
      if (--this.users === 0) this.stopWatch.stop();
      this.armIdle();
    }
  }

  /**
   * Ends the host in an orderly way, where it runs, because somebody wants it so; a host that was given up gets another
   * chance. Pending requests reject with `reason`, a sentence.
   */
  async stop(reason: string): Promise<void> {
    this.reconsider();
    await this.end(reason);
  }

  /** Ends a host that does not yield to a cancelled run; the next use starts another. */
  killStuck(): void {
    this.options.log(
      'warn',
      'server.host',
      'The model host did not stop a cancelled run in time; it is ended and started anew.',
    );
    this.child?.kill(l10n.t('A cancelled run kept it busy while another one was waiting.'));
  }

  private killStopped(): void {
    this.options.log('warn', 'server.host', 'The model host was stopped from outside; it is ended and started anew.');
    this.child?.kill(l10n.t('Another program stopped it (SIGSTOP) and did not let it go on.'));
  }

  /** Settings changed: a host that was given up gets another chance, and the idle time counts anew. */
  reconsider(): void {
    this.crashLimit.forget();
    if (this.state === 'failed') this.setState('stopped');
    this.armIdle();
  }

  /** Ends the process at once; safe to call while the own process is exiting. */
  dispose(): void {
    this.isDisposed = true;
    this.idleTimer?.dispose();
    this.child?.kill(l10n.t('The program that used it is ending.'));
  }

  private async end(reason: string): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    const ended = this.starting === undefined ? child.shutdown(reason, this.limits.shutdownMs) : killed(child, reason);
    this.stopping ??= ended.finally(() => (this.stopping = undefined));
    await this.stopping;
  }

  private async running(): Promise<HostChild> {
    while (this.stopping !== undefined) await this.stopping;
    if (this.starting !== undefined) return this.starting;
    if (this.child?.isUsable === true) return this.child;
    this.starting = this.start().finally(() => (this.starting = undefined));
    return this.starting;
  }

  private async start(): Promise<HostChild> {
    const { options } = this;
    // A host on its way out, for example one that was killed, still holds its memory.
    if (this.child !== undefined) await this.child.exited;
    const stopped = this.crashLimit.stopped();
    if (stopped !== undefined) throw new Failure('hostUnavailable', givenUpSentence(stopped));
    const cachePath = await options.openCache();
    this.setState('starting');
    await delay(this.crashLimit.backOffMs(), options.timers, CancellationToken.None);
    if (this.isDisposed) {
      throw new Failure('hostUnavailable', l10n.t('The program is ending; no more model hosts are started.'));
    }
    const startedAt = options.timers.now();
    const { hostPath, log, timers } = options;
    const child = HostChild.start({ hostPath, cachePath, log, timers });
    if (child instanceof Promise) {
      this.setState('stopped');
      return child;
    }
    this.child = child;
    try {
      await child.greet(this.limits.greetMs);
    } catch (error) {
      this.child = undefined;
      if (error instanceof Failure && error.reason === 'hostUnavailable') this.recordCrash(error.message);
      else this.setState('stopped');
      throw error;
    }
    options.log(
      'info',
      'server.host',
      `Model host ${child.pid ?? ''} ready after ${Math.round(options.timers.now() - startedAt)} ms.`,
    );
    this.setState('ready');
    void child.exited.then(exit => this.childExited(child, exit));
    return child;
  }

  private childExited(child: HostChild, exit: HostExit): void {
    if (this.child === child) this.child = undefined;
    if (child.endReason === undefined) {
      this.recordCrash(child.describeExit(exit));
    } else {
      this.options.log('info', 'server.host', `Model host ended. ${child.endReason}`);
      this.setState('stopped');
    }
  }

  private recordCrash(reason: string): void {
    this.crashLimit.record(reason);
    this.options.log('error', 'server.host', reason);
    this.setState(this.crashLimit.stopped() === undefined ? 'stopped' : 'failed');
  }

  private armIdle(): void {
    this.idleTimer?.dispose();
    const minutes = this.options.keepLoadedMinutes();
    if (this.users > 0 || minutes <= 0 || this.isDisposed) return;
    this.idleTimer = this.options.timers.after(minutes * 60_000, () => {
      void this.end(
        minutes === 1 ? l10n.t('It was idle for a minute.') : l10n.t('It was idle for {0} minutes.', minutes),
      );
    });
  }

  private setState(state: HostState): void {
    if (state === this.state) return;
    this.state = state;
    this.stateListeners.fire(state);
  }
}

async function killed(child: HostChild, reason: string): Promise<void> {
  child.kill(reason);
  await child.exited;
}

function givenUpSentence(
  { crashes, reason, minutes }: { readonly crashes: number; readonly reason: string; readonly minutes: number },
): string {
  return minutes === 1
    ? l10n.t(
      'The model host ended unexpectedly {0} times in a row and is not started again for a minute. Last time: {1} Choose another device (cpu is the safest) or another model, which starts it at once, and look at the log.',
      crashes,
      reason,
    )
    : l10n.t(
      'The model host ended unexpectedly {0} times in a row and is not started again for {1} minutes. Last time: {2} Choose another device (cpu is the safest) or another model, which starts it at once, and look at the log.',
      crashes,
      minutes,
      reason,
    );
}
