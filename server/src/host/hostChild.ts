/** One life of the model host: forked, greeted, watched, ended. */
import * as l10n from '@vscode/l10n';
import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { Failure } from '../../../paligemma/src/failures';
import { log as hostLog, PROTOCOL_VERSION } from '../../../model-host/src/contract/protocol';
import { isConnectionLost } from '../util/failure';
import { readLines } from '../util/lines';
import type { Log } from '../util/log';
import type { Timers } from '../util/timers';
import { hostEnvironment, hostExecArgv } from './hostEnvironment';
import { HostClient } from './hostClient';
import { startFailure } from './startFailure';

export interface HostChildOptions {
  /** Absolute path of the host's bundle. */
  readonly hostPath: string;
  /** Absolute; the folder that the host may write to. */
  readonly cachePath: string;
  readonly log: Log;
  readonly timers: Timers;
}

export interface HostExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Last lines of the host's stderr that a failure may quote. */
const KEPT_LINES = 20;
/** A host that closed its channel has this long to end by itself. */
const DISCONNECT_GRACE_MS = 1_000;
/** Messages sent just before the end are still read for this long. */
const DRAIN_MS = 200;
const DRAIN_TURNS = 50;

export class HostChild {
  readonly client: HostClient;
  /** Resolves once the process has ended and every pending request was rejected. */
  readonly exited: Promise<HostExit>;
  /** Why it was ended on purpose, as a sentence; undefined while it was not. */
  endReason: string | undefined;
  private readonly connection: MessageConnection;
  private readonly lastLines: string[] = [];
  private hasExited = false;
  private heard = 0;

  /**
   * Starts the process. What the system refuses, as for want of descriptors, is told a moment later: such a child has
   * neither channel nor streams, and is not handed out.
   * @throws Failure `hostUnavailable`.
   */
  static start(options: HostChildOptions): HostChild | Promise<never> {
    // `windowsHide` is missing in the type, but fork hands it on to spawn.
    const forkOptions: ForkOptions & { readonly windowsHide: boolean } = {
      // Not the folder of the user: a process keeps its folder busy.
      cwd: path.dirname(options.hostPath),
      env: hostEnvironment(process.env),
      execArgv: hostExecArgv(process.env),
      serialization: 'json',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      windowsHide: true,
    };
    try {
      const child = fork(options.hostPath, [], forkOptions);
      return child.pid === undefined ? refused(child) : new HostChild(child, options);
    } catch (error) {
      return Promise.reject(startFailure(error));
    }
  }

  private constructor(private readonly child: ChildProcess, private readonly options: HostChildOptions) {
    this.connection = createMessageConnection(new IPCMessageReader(this.child), new IPCMessageWriter(this.child));
    this.connection.onNotification(hostLog, record => options.log(record.level, record.scope, record.message));
    this.client = new HostClient(this.connection);
    this.child.on('message', () => this.heard++);
    this.watchOutput();
    this.exited = this.watchExit();
    this.connection.listen();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Messages that came from the process so far, of whatever request. */
  get messagesHeard(): number {
    return this.heard;
  }

  /** False once the process is known to have ended, or was asked to. */
  get isUsable(): boolean {
    return !this.hasExited && this.endReason === undefined && this.child.connected;
  }

  /**
   * Greets the host; nothing else may be sent before. On failure the process is ended.
   * @throws Failure `protocolMismatch`, `hostUnavailable`, or what the host itself reports.
   */
  async greet(limitMs: number): Promise<void> {
    let isLate = false;
    const limit = this.options.timers.after(limitMs, () => {
      isLate = true;
      this.kill(l10n.t('It did not answer when it was started.'));
    });
    try {
      const { protocolVersion } = await this.client.initialize({
        protocolVersion: PROTOCOL_VERSION,
        cachePath: this.options.cachePath,
      });
      if (protocolVersion !== PROTOCOL_VERSION) {
        throw new Failure('protocolMismatch', mismatchSentence(protocolVersion));
      }
    } catch (error) {
      if (!isConnectionLost(error)) {
        this.kill(l10n.t('It could not be used.'));
        throw error;
      }
      const exit = await this.exited;
      if (!isLate && this.endReason !== undefined) throw this.exitError(exit);
      const what = isLate
        ? l10n.t('The model host did not answer within {0} seconds.', Math.round(limitMs / 1000))
        : notReady(exit);
      const cure = l10n.t('Try again; if it keeps happening, reinstall the extension and look at the log.');
      throw new Failure('hostUnavailable', sentences(what, this.quote(), cure), { cause: error });
    } finally {
      limit.dispose();
    }
  }

  /** Asks the host to end and waits; kills it after `limitMs`. Pending requests reject. */
  async shutdown(reason: string, limitMs: number): Promise<void> {
    this.endReason ??= reason;
    const limit = this.options.timers.after(limitMs, () => this.kill(reason));
    try {
      await this.client.shutdown();
    } catch (error) {
      if (!isConnectionLost(error)) this.kill(reason);
    }
    await this.exited;
    limit.dispose();
  }

  /** Ends the process at once. */
  kill(reason: string): void {
    this.endReason ??= reason;
    if (!this.hasExited) this.child.kill('SIGKILL');
  }

  /** What a request that was pending at the end rejects with. */
  exitError(exit: HostExit): Failure {
    if (this.endReason !== undefined) {
      return new Failure(
        'hostExited',
        l10n.t('The model host was ended before this run was done. {0} Run it again.', this.endReason),
      );
    }
    return new Failure('hostExited', sentences(endedInRun(exit), this.quote(), exitCure(exit, this.quote())));
  }

  /** How the process ended, for the log and for the count of crashes. */
  describeExit(exit: HostExit): string {
    return sentences(ended(exit), this.quote());
  }

  private watchOutput(): void {
    const { stdout, stderr } = this.child;
    if (stderr !== null) {
      readLines(stderr, line => {
        this.lastLines.push(line);
        if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
        this.options.log('warn', 'host.process', line);
      });
    }
    // Nothing is expected there: the answers come over the channel.
    if (stdout !== null) readLines(stdout, line => this.options.log('warn', 'host.process', `(stdout) ${line}`));
  }

  /** A pending request stays pending for ever unless the connection is disposed, so every way to end leads there. */
  private async watchExit(): Promise<HostExit> {
    const closed = new Promise<void>(resolve => this.child.once('close', () => resolve()));
    const ended = new Promise<HostExit>(resolve => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    let grace: { dispose(): void } | undefined;
    this.child.once('disconnect', () => {
      if (!this.hasExited) grace = this.options.timers.after(DISCONNECT_GRACE_MS, () => this.child.kill('SIGKILL'));
    });
    const exit = await ended;
    this.hasExited = true;
    grace?.dispose();
    // An answer or a line written just before the end may still be in the pipes; a grandchild may hold them open for
    // ever.
    await new Promise<void>(resolve => {
      const limit = this.options.timers.after(DRAIN_MS, resolve);
      void closed.then(() => {
        limit.dispose();
        resolve();
      });
    });
    // The connection handles one message a turn and drops the rest when it is disposed.
    for (let turn = 0; turn < DRAIN_TURNS; turn++) await new Promise(resolve => setImmediate(resolve));
    this.connection.dispose();
    return exit;
  }

  /** The line of stderr that most likely names the cause, as a sentence. */
  private quote(): string {
    const line = this.lastLines.findLast(candidate => /\berror\b|exception|cannot|failed/i.test(candidate))
      ?? this.lastLines.at(-1);
    return line === undefined ? '' : l10n.t('It said: {0}.', line.trim().slice(0, 300).replace(/\.$/, ''));
  }
}

async function refused(child: ChildProcess): Promise<never> {
  const [error] = await once(child, 'error') as [unknown];
  throw startFailure(error);
}

function mismatchSentence(version: unknown): string {
  return l10n.t(
    'The model host speaks version {0} of its protocol and this side version {1}: parts of two installations are mixed. Reinstall the extension, then reload the window.',
    String(version),
    PROTOCOL_VERSION,
  );
}

function ended({ code, signal }: HostExit): string {
  return signal !== null
    ? l10n.t('The model host was terminated by the signal {0}.', signal)
    : l10n.t('The model host ended unexpectedly with exit code {0}.', code ?? '?');
}

function notReady({ code, signal }: HostExit): string {
  return signal !== null
    ? l10n.t('The model host was terminated by the signal {0} before it was ready.', signal)
    : l10n.t('The model host ended unexpectedly with exit code {0} before it was ready.', code ?? '?');
}

function endedInRun({ code, signal }: HostExit): string {
  return signal !== null
    ? l10n.t('The model host was terminated by the signal {0} during this run.', signal)
    : l10n.t('The model host ended unexpectedly with exit code {0} during this run.', code ?? '?');
}

function sentences(...said: readonly string[]): string {
  return said.filter(sentence => sentence !== '').join(' ');
}

function exitCure({ signal }: HostExit, lastWords: string): string {
  if (signal === 'SIGKILL') {
    return l10n.t(
      'The system does this when memory runs out: close other programs, or choose a smaller model or int4 weights, and run it again.',
    );
  }
  if (/out of memory|bad_alloc/i.test(lastWords)) {
    return l10n.t(
      'Memory ran out: close other programs, or choose a smaller model or int4 weights, and run it again.',
    );
  }
  return l10n.t(
    'The next run starts a new one. If it happens again, choose another device, for example cpu, and look at the log.',
  );
}
