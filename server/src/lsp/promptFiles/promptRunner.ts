/**
 * Runs the prompts of a file on their pictures, as many at once as their models' places take, and keeps what is known
 * of each run up to date.
 */
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { HostError } from '../../../../paligemma/src/failures';
import type { RunProgress } from '../../../../model-host/src/contract/protocol';
import type { LanguageContext, RunKey, RunState } from '../../language/knowledge/context';
import type { PromptDocument } from '../../language/syntax/document';
import { runsOf, type PromptRuns } from '../../language/knowledge/promptRuns';
import { imagePathOf } from '../requests/runParams';
import type { PromptModels } from '../../runs/promptModels';
import type { Runner } from '../../runs/runner';
import type { RunPriority } from '../../runs/runQueue';
import { CancelledError } from '../../util/cancellation';
import { toHostError } from '../../util/failure';
import { inLanes, type ItemLane } from '../../util/inLanes';
import type { Log } from '../../util/log';
import type { ImageHashes } from '../../runs/imageHashes';
import { doneState, type RunStates } from './runStates';

/** More runs at once are a slip, and would fill the memory. */
export const MOST_RUNS = 100_000;

export interface RunSummary {
  readonly done: number;
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
  readonly hashes: ImageHashes;
  readonly context: LanguageContext;
  readonly modelsOf: (documentUri: string) => PromptModels;
  readonly log: Log;
  /** `kind`: text goes on, or something began or ended. */
  readonly onDidChange: (kind: 'text' | 'state') => void;
}

const anyLane: ItemLane = { name: '', width: () => 1 };

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
   * @throws HostError `badArgument` for too many runs; CancelledError where `token` is cancelled.
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
    const tally = { done: 0, failed: 0, cancelled: 0 };
    try {
      const lanes = await this.lanesOf(batch);
      await inLanes(batch, run => lanes.get(run) ?? anyLane, async (run, index) => {
        const outcome = await this.runOne(
          run,
          progress => observer.progress(index, progress, tally.done + tally.failed + tally.cancelled),
        );
        tally[outcome]++;
        const state = this.options.states.get(run.key);
        if (outcome === 'failed' && state?.kind === 'failed' && tally.failed === 1) problems.push(state.message);
      }, CancellationToken.None);
    } finally {
      for (const run of batch) this.retire(run);
      this.options.onDidChange('state');
    }
    if (token.isCancellationRequested) throw new CancelledError();
    return { ...tally, problems };
  }

  /** A model that cannot be had has no lane: its run says why. */
  private async lanesOf(batch: readonly ActiveRun[]): Promise<ReadonlyMap<ActiveRun, ItemLane>> {
    const { modelsOf, runner } = this.options;
    const lanes = new Map<ActiveRun, ItemLane>();
    for (const run of batch) {
      const model = await modelsOf(run.documentUri).get(run.key).catch(() => undefined);
      if (model !== undefined) lanes.set(run, runner.laneOf(model));
    }
    return lanes;
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
      throw new HostError(
        'badArgument',
        `These are ${amount} runs, and at most ${MOST_RUNS} are started at once. Run fewer prompts, or use narrower patterns in @image.`,
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

  private async runOne(
    run: ActiveRun,
    onProgress: (progress: RunProgress) => void,
  ): Promise<'done' | 'failed' | 'cancelled'> {
    const { documentUri, key, source, priority } = run;
    const { states, runner, modelsOf, hashes, onDidChange, log } = this.options;
    try {
      if (source.token.isCancellationRequested) throw new CancelledError();
      const model = await modelsOf(documentUri).get(key);
      const imagePath = imagePathOf(key.imageUri);
      // From now on a change of the file is noticed.
      void hashes.get(imagePath, source.token);
      const { maxNewTokens, locDivisor } = key.settings;
      const result = await runner.run({
        model,
        imagePath,
        prompt: key.prompt,
        maxNewTokens,
        locDivisor,
        priority,
        useStore: true,
      }, progress => {
        if (source.token.isCancellationRequested) return;
        onProgress(progress);
        // Until the host has begun with it, it waits.
        const isFirst = states.get(key)?.kind !== 'running';
        states.set(key, runningState(states.get(key), progress));
        onDidChange(isFirst ? 'state' : 'text');
      }, source.token);
      states.set(key, doneState(result));
      this.failed.get(documentUri)?.delete(key);
      return 'done';
    } catch (error) {
      if (error instanceof CancelledError) {
        this.restore(run);
        return 'cancelled';
      }
      const failure = toHostError(error);
      if (failure.kind === 'internal') {
        log('error', 'server.run', error instanceof Error ? error.stack ?? error.message : String(error));
      }
      states.set(key, { kind: 'failed', message: failure.message });
      this.remember(documentUri, key);
      return 'failed';
    } finally {
      onDidChange('state');
    }
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
  if (prompts.length === 0) problems.push('There is no prompt here.');
  if (prompts.some(({ hasNoImage }) => hasNoImage)) {
    problems.push('No picture is named for a prompt: write “@image” and a path on a line above it.');
  }
  const missing = new Set(prompts.flatMap(runs => runs.missing));
  const [first] = missing;
  if (first !== undefined) {
    problems.push(
      `Nothing is found for “${first}”${
        missing.size === 1 ? '' : ` and ${missing.size - 1} more`
      }: check the paths of @image.`,
    );
  }
  return problems;
}
