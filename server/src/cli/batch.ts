/**
 * Runs what was planned, as many at once as their models' places take; results come out in the order of the plan. A run
 * that fails is reported and the next one goes on.
 */
import type { RunResult } from '../../../paligemma/src/runResult';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { batchEnders, HostError } from '../../../paligemma/src/failures';
import type { LocDivisor } from '../../../paligemma/src/facts';
import type { RunProgress } from '../../../model-host/src/contract/protocol';
import { unfitNote } from '../language/findings/fitness';
import { describeProgress, runFraction } from '../runs/runProgress';
import type { PreparedModel } from '../runs/runner';
import { defaultMaxNewTokens } from '../runs/tokenLimits';
import { CancelledError } from '../util/cancellation';
import { toHostError } from '../util/failure';
import { inLanes } from '../util/inLanes';
import type { RunOptions } from './options';
import { jsonFailure, jsonLine, textFailure } from './output';
import { OverlayNames } from './overlayNames';
import type { Session } from './session';
import type { ExitCode, VerbContext } from './verb';

export interface PlannedRun {
  /** The path as it is shown. */
  readonly image: string;
  readonly imagePath: string;
  readonly prompt: string;
  readonly model: PreparedModel;
  readonly maxNewTokens?: number | undefined;
  readonly locDivisor?: LocDivisor | undefined;
  /** The line of text mode. */
  readonly format: (result: RunResult) => string;
  /** A sentence where the answer is not the expected one. */
  readonly complaint?: (result: RunResult) => string | undefined;
}

export class Batch {
  private hasFailed = false;
  /** By model and prompt: what ended their runs. */
  private readonly ended = new Map<string, HostError>();
  private skipped = 0;
  private readonly overlayNames = new OverlayNames();
  private readonly toldNotes = new Set<string>();

  constructor(
    private readonly context: VerbContext,
    private readonly session: Session,
    private readonly options: RunOptions,
  ) {}

  /** Makes the folder for drawn pictures, where there is to be one. @throws HostError `badArgument` */
  async begin(): Promise<void> {
    const { overlayPath } = this.options;
    try {
      if (overlayPath !== undefined) await mkdir(overlayPath, { recursive: true });
    } catch (error) {
      throw new HostError(
        'badArgument',
        `The folder ${overlayPath} for --overlay cannot be made (${
          error instanceof Error ? error.message : String(error)
        }). Name another one.`,
        { cause: error },
      );
    }
  }

  /** @throws CancelledError after a signal. */
  async run(plans: readonly PlannedRun[]): Promise<ExitCode> {
    const { session: { runner }, context: { interrupt } } = this;
    const reports = new Map<number, () => Promise<void>>();
    let next = 0;
    let done = 0;
    let reporting = Promise.resolve();
    // A report waits for those before it, in the order of the plan; a failure among them is that of the whole.
    const report = (index: number, work: () => Promise<void>): Promise<void> => {
      reports.set(index, work);
      for (let ready = reports.get(next); ready !== undefined; ready = reports.get(next)) {
        reports.delete(next++);
        reporting = reporting.then(ready);
      }
      return reporting;
    };
    await inLanes(plans, ({ model }) => runner.laneOf(model), async (plan, index) => {
      const work = await this.runOne(plan, progress => this.showProgress(plan, done, plans.length, progress));
      done++;
      await report(index, work);
    }, interrupt.token);
    if (this.skipped > 0 && !this.options.json) {
      this.context.terminal.note(
        `Note: ${this.skipped} more of the ${plans.length} runs would fail for the same reason and were left out.`,
      );
    }
    return this.hasFailed ? 1 : 0;
  }

  /** Reports a failure that belongs to `image`, or to none. */
  async fail(image: string | undefined, error: unknown): Promise<void> {
    const failure = await this.failureOf(error);
    this.hasFailed = true;
    const { options: { json }, context: { terminal } } = this;
    if (json) await terminal.print(jsonFailure(image, failure));
    else terminal.note(textFailure(image, failure));
  }

  /** @returns what tells of it, once it is its turn. */
  private async runOne(plan: PlannedRun, onProgress: (progress: RunProgress) => void): Promise<() => Promise<void>> {
    const { session, options, context: { interrupt } } = this;
    const { image, imagePath, prompt, model, maxNewTokens, locDivisor } = plan;
    const sameRuns = JSON.stringify([model.id, prompt]);
    const ended = this.ended.get(sameRuns);
    if (ended !== undefined) return () => this.skip(image, ended);
    try {
      const result = await session.runner.run(
        { model, imagePath, prompt, maxNewTokens, locDivisor, priority: 'command', useStore: options.useStore },
        onProgress,
        interrupt.token,
      );
      return () => this.tell(plan, result);
    } catch (error) {
      const failure = await this.failureOf(error);
      const isKnown = this.ended.has(sameRuns);
      if (batchEnders.has(failure.reason)) this.ended.set(sameRuns, failure);
      return () => isKnown && batchEnders.has(failure.reason) ? this.skip(image, failure) : this.fail(image, failure);
    }
  }

  /** What would fail like the one before: told for each picture to a program, counted for a person. */
  private async skip(image: string, failure: HostError): Promise<void> {
    this.skipped++;
    if (this.options.json) await this.fail(image, failure);
  }

  /** Once, however many pictures there are. */
  private tellNote(note: string | undefined): void {
    if (note === undefined || this.toldNotes.has(note)) return;
    this.toldNotes.add(note);
    this.context.terminal.note(`Note: ${note}`);
  }

  private async tell({ image, prompt, model, format, complaint }: PlannedRun, result: RunResult): Promise<void> {
    const { options, context: { terminal } } = this;
    await terminal.print(options.json ? jsonLine(image, result) : format(result));
    this.tellNote(unfitNote(prompt, model));
    if (options.overlayPath !== undefined) await this.drawOverlay(options.overlayPath, image, result);
    this.judge(complaint?.(result));
  }

  private judge(complaint: string | undefined): void {
    if (complaint === undefined) return;
    this.hasFailed = true;
    this.context.terminal.note(complaint);
  }

  /** The result is out already, so a picture that cannot be drawn is told on standard error only. */
  private async drawOverlay(
    folder: string,
    image: string,
    { image: { path: imagePath }, regions }: RunResult,
  ): Promise<void> {
    const { session, context: { terminal, interrupt } } = this;
    const outPath = path.join(folder, this.overlayNames.next(imagePath));
    try {
      await session.host.use(
        client => client.overlay({ imagePath, regions, outPath }, interrupt.token),
        interrupt.token,
      );
    } catch (error) {
      this.hasFailed = true;
      terminal.note(textFailure(image, await this.failureOf(error)));
    }
  }

  /** @throws CancelledError where a signal is the cause: the terminal sends Ctrl+C to the host as well. */
  private async failureOf(error: unknown): Promise<HostError> {
    await new Promise(resolve => setImmediate(resolve));
    if (error instanceof CancelledError || this.context.interrupt.token.isCancellationRequested) {
      throw new CancelledError();
    }
    return toHostError(error);
  }

  private showProgress(
    { image, prompt, maxNewTokens }: PlannedRun,
    done: number,
    total: number,
    progress: RunProgress,
  ): void {
    const count = total > 1 ? `${done + 1}/${total} ` : '';
    this.context.terminal.progress.update({
      fraction: (done + runFraction(progress, maxNewTokens ?? defaultMaxNewTokens(prompt))) / total,
      text: `${count}${path.basename(image)}: ${describeProgress(progress)}`,
    });
  }
}
