/**
 * Runs the prompts of a file on their pictures, as many at once as their models' places take, and keeps what is known
 * of each run up to date.
 */
import * as l10n from '@vscode/l10n';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { Failure } from '../../../../paligemma/src/failures';
import type { RunProgress } from '../../../../model-host/src/contract/protocol';
import type { LanguageContext, RunKey, RunState } from '../../language/knowledge/context';
import type { PromptDocument } from '../../language/syntax/document';
import { folderNote, runsOf, type PromptRuns } from '../../language/knowledge/promptRuns';
import { imagePathOf } from '../../runs/imagePath';
import type { PromptModels } from '../../runs/promptModels';
import { runMany, type ManyOutcome, type PlannedRun } from '../../runs/runMany';
import type { Runner } from '../../runs/runner';
import type { RunPriority } from '../../runs/runQueue';
import { CancelledError } from '../../util/cancellation';
import { toFailure } from '../../util/failure';
import type { Log } from '../../util/log';
import type { WatchedPictures } from '../../runs/watchedPictures';
import { doneState, type RunStates } from './runStates';

/** More runs at once are a slip, and would fill the memory. */
export const MOST_RUNS = 100_000;

export interface RunSummary {
  readonly done: number;
  /** Those that were left out since another picture of their prompt had failed for all of them are among these. */
  readonly failed: number;
  readonly cancelled: number;
  /** One sentence for each reason why prompts did not run; the first failure of those that did. */
  readonly problems: readonly string[];
}

export interface BatchObserver {
  /** Called once, before the first run. */
  begin(runs: readonly RunKey[]): void;
  /** `done`: runs that are over. */
  progress(index: number, progress: RunProgress, done: number): void;
}

export interface PromptRunnerOptions {
  readonly runner: Runner;
  readonly states: RunStates;
  readonly hashes: WatchedPictures;
  readonly context: LanguageContext;
  readonly modelsOf: (documentUri: string) => PromptModels;
  readonly log: Log;
  /** `kind`: text goes on, or something began or ended. */
  readonly onDidChange: (kind: 'text' | 'state') => void;
}

interface ActiveRun {
  readonly documentUri: string;
  readonly key: RunKey;
  readonly source: CancellationTokenSource;
  readonly priority: RunPriority;
  /** What was known before, for a run that is cancelled. */
  readonly before: RunState | undefined;
}

export class PromptRunner {
  private readonly active = new Set<ActiveRun>();
  /** Runs that failed, by document, until their prompt is edited. */
  private readonly failed = new Map<string, Set<RunKey>>();

  constructor(private readonly options: PromptRunnerOptions) {}

  /**
   * Runs the prompts of a document, or of a range of its lines, as they stand now. The pictures must have been looked
   * up.
   * @throws Failure `badArgument` for too many runs; CancelledError where `token` is cancelled.
   */
  async run(
    document: PromptDocument,
    lines: { readonly from: number; readonly to: number } | undefined,
    observer: BatchObserver,
    token: CancellationToken,
  ): Promise<RunSummary> {
    const prompts = runsOf(document, this.options.context, lines);
    const keys = this.plan(prompts);
    const problems = problemsOf(prompts);
    const batch = keys.map(key => this.enlist(document.uri, key, keys.length > 1 ? 'batch' : 'command', token));
    this.options.onDidChange('state');
    observer.begin(keys);
    const { runner, hashes, log } = this.options;
    let firstFailure: string | undefined;
    try {
      const planned: PlannedRun<ActiveRun>[] = [];
      for (const run of batch) planned.push(await this.planned(run));
      const tally = await runMany(planned, {
        runner: {
          laneOf: model => runner.laneOf(model),
          run: (request, onProgress, ownToken) => {
            // From now on a change of the file is noticed.
            void hashes.get(request.imagePath, ownToken);
            return runner.run(request, onProgress, ownToken);
          },
        },
        log,
        observer: {
          progress: (index, progress, over) => {
            const run = batch[index];
            if (run === undefined || run.source.token.isCancellationRequested) return;
            observer.progress(index, progress, over);
            this.goesOn(run, progress);
          },
          ended: (index, outcome) => {
            const run = batch[index];
            if (run !== undefined) this.ended(run, outcome);
            if (outcome.kind === 'failed') firstFailure ??= outcome.error.message;
          },
        },
        // Each run has a token of its own, which hears of this one.
      }, CancellationToken.None);
      if (token.isCancellationRequested) throw new CancelledError();
      const { done, failed, left, cancelled } = tally;
      if (firstFailure !== undefined) problems.push(firstFailure);
      return { done, failed: failed + left, cancelled, problems };
    } finally {
      for (const run of batch) this.retire(run);
      this.options.onDidChange('state');
    }
  }

  /** True while prompts of a file run, or wait. */
  get isBusy(): boolean {
    return this.active.size > 0;
  }

  /** Ends the runs of a document, or of one prompt of it. @returns how many. */
  stop(documentUri: string, prompt?: string): number {
    const meant = [...this.active].filter(run =>
      run.documentUri === documentUri && (prompt === undefined || run.key.prompt === prompt)
    );
    for (const { source } of meant) source.cancel();
    return meant.length;
  }

  /** A failure belongs to the prompt that failed: editing that clears it. @returns whether there was one. */
  forgetEdited(document: PromptDocument): boolean {
    const failed = this.failed.get(document.uri);
    if (failed === undefined) return false;
    const texts = new Set(document.prompts.map(prompt => prompt.text));
    const gone = [...failed].filter(key => !texts.has(key.prompt));
    for (const key of gone) {
      failed.delete(key);
      if (this.options.states.get(key)?.kind === 'failed') this.options.states.forget(key);
    }
    if (failed.size === 0) this.failed.delete(document.uri);
    return gone.length > 0;
  }

  /** The failures of a closed document are of no interest any more. */
  forgetClosed(documentUri: string): void {
    for (const key of this.failed.get(documentUri) ?? []) {
      if (this.options.states.get(key)?.kind === 'failed') this.options.states.forget(key);
    }
    this.failed.delete(documentUri);
  }

  private plan(prompts: readonly PromptRuns[]): RunKey[] {
    const amount = prompts.reduce((sum, { imageUris }) => sum + imageUris.length, 0);
    if (amount > MOST_RUNS) {
      throw new Failure(
        'badArgument',
        l10n.t(
          'That would be {0} runs, and at most {1} are started at once. Run fewer prompts, or use narrower patterns in @image.',
          amount,
          MOST_RUNS,
        ),
      );
    }
    return prompts.flatMap(({ prompt, model, settings, imageUris }) =>
      imageUris.map(imageUri => ({ prompt, imageUri, model, settings }))
    );
  }

  private enlist(documentUri: string, key: RunKey, priority: RunPriority, token: CancellationToken): ActiveRun {
    const { states } = this.options;
    const source = new CancellationTokenSource();
    const before = states.get(key);
    const run: ActiveRun = { documentUri, key, source, priority, before: before?.kind === 'done' ? before : undefined };
    const subscription = token.onCancellationRequested(() => source.cancel());
    source.token.onCancellationRequested(() => {
      subscription.dispose();
      // Its turn may be far off: it shows at once that it does not wait any more.
      if (states.get(key)?.kind === 'queued') this.restore(run);
    });
    this.active.add(run);
    if (before?.kind !== 'running') states.set(key, { kind: 'queued' });
    if (token.isCancellationRequested) source.cancel();
    return run;
  }

  /** A run whose model cannot be had, or whose picture is not on this machine, says so when it is its turn. */
  private async planned(run: ActiveRun): Promise<PlannedRun<ActiveRun>> {
    const { documentUri, key, priority, source: { token } } = run;
    const { modelsOf } = this.options;
    try {
      const model = await modelsOf(documentUri).get(key);
      const { imageUri, prompt, settings: { maxNewTokens, locDivisor, tiles } } = key;
      const imagePath = imagePathOf(imageUri);
      const request = { model, imagePath, prompt, maxNewTokens, locDivisor, tiles, priority, useStore: true };
      return { request, payload: run, token };
    } catch (error) {
      return { request: toFailure(error), payload: run, token };
    }
  }

  private goesOn({ key }: ActiveRun, progress: RunProgress): void {
    const { states, onDidChange } = this.options;
    // Until the host has begun with it, it waits.
    const isFirst = states.get(key)?.kind !== 'running';
    states.set(key, runningState(states.get(key), progress));
    onDidChange(isFirst ? 'state' : 'text');
  }

  private ended(run: ActiveRun, outcome: ManyOutcome): void {
    const { documentUri, key } = run;
    const { states, onDidChange } = this.options;
    switch (outcome.kind) {
      case 'done':
        states.set(key, doneState(outcome.result));
        this.failed.get(documentUri)?.delete(key);
        break;
      case 'cancelled':
        this.restore(run);
        break;
      case 'failed':
      case 'left':
        states.set(key, { kind: 'failed', message: outcome.error.message });
        this.remember(documentUri, key);
    }
    onDidChange('state');
  }

  private retire(run: ActiveRun): void {
    this.active.delete(run);
    const state = this.options.states.get(run.key);
    if (state?.kind === 'queued') this.restore(run);
  }

  private restore({ key, before }: ActiveRun): void {
    if (before === undefined) this.options.states.forget(key);
    else this.options.states.set(key, before);
  }

  private remember(documentUri: string, key: RunKey): void {
    let failed = this.failed.get(documentUri);
    if (failed === undefined) this.failed.set(documentUri, failed = new Set());
    failed.add(key);
  }
}

function runningState(before: RunState | undefined, progress: RunProgress): RunState {
  const text = before?.kind === 'running' ? before.text : '';
  return progress.kind === 'text'
    ? { kind: 'running', phase: 'decode', text: progress.text }
    : { kind: 'running', phase: progress.phase, text };
}

function problemsOf(prompts: readonly PromptRuns[]): string[] {
  const problems: string[] = [];
  if (prompts.length === 0) problems.push(l10n.t('There is no prompt here.'));
  if (prompts.some(({ hasNoImage }) => hasNoImage)) {
    problems.push(l10n.t('No picture is named for a prompt: write “@image” and a path on a line above it.'));
  }
  problems.push(...new Set(prompts.flatMap(runs => runs.folders.map(folderNote))));
  const missing = new Set(prompts.flatMap(runs => runs.missing));
  const [first] = missing;
  if (first !== undefined) {
    problems.push(
      missing.size === 1
        ? l10n.t('Nothing was found for “{0}”: check the paths of @image.', first)
        : l10n.t('Nothing was found for “{0}” and for {1} more: check the paths of @image.', first, missing.size - 1),
    );
  }
  return problems;
}
