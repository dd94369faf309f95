/** The trainer as a process: the person's Python with the script of this package. */
import * as l10n from '@vscode/l10n';
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { Failure } from '../../../paligemma/src/failures';
import type { TrainerEvent } from '../contract/tuning';
import { CancelledError } from '../util/cancellation';
import { errorCode } from '../util/files';
import { readLines } from '../util/lines';
import type { Log } from '../util/log';
import type { Timers } from '../util/timers';
import { trainerEnvironment } from './trainerEnvironment';
import { readTrainerEvent } from './trainerEvents';

export interface TrainerOptions {
  /** Absolute paths or names on the PATH, in the order in which they are tried. */
  readonly pythons: readonly string[];
  /** Absolute. */
  readonly scriptPath: string;
  readonly args: readonly string[];
  readonly log: Log;
  readonly timers: Timers;
  readonly onEvent: (event: TrainerEvent) => void;
  /** Gets what ends the trainer at once, without a checkpoint. */
  readonly onStart?: (endNow: () => void) => void;
}

export type TrainerDone = Extract<TrainerEvent, { event: 'done' }>;

/** With several samples in it; longer lines are no events. */
const LONGEST_LINE = 1 << 16;
/** Of standard error, for what a failure may quote. */
const KEPT_LINES = 20;
/** A trainer that has said its last word ends in this time, or is ended. */
const END_MS = 15_000;
/** A step, an evaluation and a checkpoint of the largest model. */
const STOP_MS = 15 * 60_000;
/** What was written just before the end is still read for this long. */
const DRAIN_MS = 200;

/**
 * Runs the trainer to its end. Cancelled, it stops after its step with a checkpoint.
 * @returns what it said of its result. @throws Failure `trainerUnavailable`, `trainingRefused`, `trainingFailed`;
 *   CancelledError.
 */
export async function runTrainer(options: TrainerOptions, token: CancellationToken): Promise<TrainerDone> {
  for (const python of options.pythons) {
    if (token.isCancellationRequested) throw new CancelledError();
    const child = await started(python, options);
    if (child !== undefined) return new Trainer(child, options).toEnd(token);
  }
  throw new Failure(
    'trainerUnavailable',
    l10n.t(
      'Python was not found ({0}). Install Python 3.10 or newer, or name yours with --python or in the setting paligemma.tuning.python.',
      options.pythons.join(', '),
    ),
  );
}

/** Undefined where there is no such program. @throws Failure for one that cannot be started. */
async function started(python: string, { scriptPath, args }: TrainerOptions): Promise<ChildProcess | undefined> {
  const child = spawn(python, [scriptPath, ...args], {
    // Not where the person is: a python.exe that lies there must not be taken on Windows.
    cwd: path.dirname(scriptPath),
    env: trainerEnvironment(process.env),
    // The trainer stops when its input ends, whatever becomes of this process.
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl+C of a terminal goes to its whole group; the trainer is told by us, once.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const error = await new Promise<Error | undefined>(resolve => {
    child.once('spawn', () => resolve(undefined));
    child.once('error', resolve);
  });
  if (error === undefined) return child;
  if (errorCode(error) === 'ENOENT') return undefined;
  throw new Failure(
    'trainerUnavailable',
    l10n.t(
      '{0} cannot be started ({1}). Name the program of a Python with --python or in the setting paligemma.tuning.python.',
      python,
      errorCode(error) ?? error.message,
    ),
    { cause: error },
  );
}

/** One process, from its start to its end. */
class Trainer {
  private readonly lastLines: string[] = [];
  private heard = 0;
  private last: Extract<TrainerEvent, { event: 'done' | 'error' | 'stopped' }> | undefined;
  private limit: { dispose(): void } | undefined;

  constructor(private readonly child: ChildProcess, private readonly options: TrainerOptions) {
    const { stdin, stdout, stderr } = child;
    // It may have ended already.
    stdin?.on('error', () => undefined);
    child.on('error', () => undefined);
    if (stdout !== null) readLines(stdout, line => this.hear(line), LONGEST_LINE);
    if (stderr !== null) readLines(stderr, line => this.keep(line));
    options.onStart?.(() => this.kill());
  }

  async toEnd(token: CancellationToken): Promise<TrainerDone> {
    const cancelling = token.onCancellationRequested(() => this.stop());
    if (token.isCancellationRequested) this.stop();
    try {
      const { code, signal } = await this.ended();
      if (this.last?.event === 'done') return this.last;
      if (this.last?.event === 'error') throw refusal(this.last);
      if (token.isCancellationRequested) throw new CancelledError();
      throw new Failure('trainingFailed', this.deathSentence(code, signal));
    } finally {
      cancelling.dispose();
      this.limit?.dispose();
      this.kill();
    }
  }

  private hear(line: string): void {
    const event = readTrainerEvent(line);
    if (event === undefined) return this.keep(line);
    this.heard++;
    if (event.event === 'done' || event.event === 'error' || event.event === 'stopped') {
      this.last = event;
      this.limitTo(END_MS);
    }
    this.options.onEvent(event);
  }

  private keep(line: string): void {
    this.options.log('info', 'server.tuning', line);
    this.lastLines.push(line);
    if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
  }

  private stop(): void {
    this.child.stdin?.end();
    this.limitTo(STOP_MS);
  }

  private limitTo(ms: number): void {
    this.limit?.dispose();
    this.limit = this.options.timers.after(ms, () => {
      this.options.log('warn', 'server.tuning', `It did not end within ${ms} ms and was ended.`);
      this.kill();
    });
  }

  /** With everything that it has started and left behind, where the system knows groups. */
  private kill(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.child.kill('SIGKILL');
      else process.kill(-pid, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  }

  private async ended(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    const closed = new Promise<void>(resolve => this.child.once('close', () => resolve()));
    const exit = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(resolve => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    // A process that it has left behind may hold the pipes open for ever.
    await new Promise<void>(resolve => {
      const drain = this.options.timers.after(DRAIN_MS, resolve);
      void closed.then(() => {
        drain.dispose();
        resolve();
      });
    });
    return exit;
  }

  private deathSentence(code: number | null, signal: NodeJS.Signals | null): string {
    const goesOn = l10n.t('The same command goes on from the last checkpoint.');
    if (signal === 'SIGKILL') {
      return `${
        l10n.t(
          'The trainer was ended by the system, as it is when memory runs out: lower "batch" in the settings, or close other programs.',
        )
      } ${goesOn}`;
    }
    const quoted = this.lastLines.findLast(line => /\berror\b|exception|cannot|failed/i.test(line))
      ?? this.lastLines.at(-1);
    const said = quoted === undefined
      ? ''
      : ` ${l10n.t('It said: {0}.', quoted.trim().slice(0, 300).replace(/\.$/, ''))}`;
    const what = signal !== null
      ? l10n.t('The trainer was terminated by the signal {0}.', signal)
      : this.heard === 0
      ? l10n.t(
        'The program that was named as Python ended with exit code {0} and did not train. Name a Python 3.10 or newer.',
        code ?? '?',
      )
      : l10n.t('The trainer ended with exit code {0} before its work was done.', code ?? '?');
    return `${what}${said}${this.heard === 0 ? '' : ` ${goesOn}`}`;
  }
}

/** Reasons of the trainer that are about what the person named. */
const ofPerson = /^(?:data|settings|model|out)[A-Z]/;

function refusal({ reason, message }: Extract<TrainerEvent, { event: 'error' }>): Failure {
  if (reason === 'packagesMissing' || reason === 'noGraphicsCard') return new Failure('trainerUnavailable', message);
  if (reason === 'diskFull') return new Failure('diskFull', message);
  if (reason === 'outOfMemory') return new Failure('outOfMemory', message);
  return new Failure(ofPerson.test(reason) ? 'trainingRefused' : 'trainingFailed', message);
}
