/** Runs what was planned, one run after the other; a run that fails is reported and the next one goes on. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { HostError } from '../../../model-host/src/contract/errors';
import type { LocDivisor } from '../../../model-host/src/contract/paligemma';
import type { RunProgress } from '../../../model-host/src/contract/protocol';
import type { RunResult } from '../contract/protocol';
import { unfitNote } from '../language/fitness';
import { describeProgress, runFraction } from '../runs/runProgress';
import type { PreparedModel } from '../runs/runner';
import { defaultMaxNewTokens } from '../runs/tokenLimits';
import { CancelledError, throwIfCancelled } from '../util/cancellation';
import { toHostError } from '../util/failure';
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
  private readonly overlayNames = new OverlayNames();
  private readonly toldNotes = new Set<string>();

  constructor(private readonly context: VerbContext, private readonly session: Session, private readonly options: RunOptions) {}

  /** Makes the folder for drawn pictures, where there is to be one. @throws HostError `badArgument` */
  async begin(): Promise<void> {
    const { overlayPath } = this.options;
    try {
      if (overlayPath !== undefined) await mkdir(overlayPath, { recursive: true });
    } catch (error) {
      throw new HostError('badArgument', `The folder ${overlayPath} for --overlay cannot be made (${error instanceof Error ? error.message : String(error)}). Name another one.`, { cause: error });
    }
  }

  /** @throws CancelledError after a signal. */
  async run(plans: readonly PlannedRun[]): Promise<ExitCode> {
    for (const [index, plan] of plans.entries()) {
      throwIfCancelled(this.context.interrupt.token);
      await this.runOne(plan, progress => this.showProgress(plan, index, plans.length, progress));
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

  private async runOne(plan: PlannedRun, onProgress: (progress: RunProgress) => void): Promise<void> {
    const { session, options, context: { terminal, interrupt } } = this;
    const { image, imagePath, prompt, model, maxNewTokens, locDivisor, format, complaint } = plan;
    try {
      const result = await session.runner.run({ model, imagePath, prompt, maxNewTokens, locDivisor, priority: 'command', useStore: options.useStore }, onProgress, interrupt.token);
      await terminal.print(options.json ? jsonLine(image, result) : format(result));
      this.tellNote(unfitNote(prompt, model));
      if (options.overlayPath !== undefined) await this.drawOverlay(options.overlayPath, image, result);
      this.judge(complaint?.(result));
    } catch (error) {
      await this.fail(image, error);
    }
  }

  /** Once, however many pictures there are. */
  private tellNote(note: string | undefined): void {
    if (note === undefined || this.toldNotes.has(note)) return;
    this.toldNotes.add(note);
    this.context.terminal.note(`Note: ${note}`);
  }

  private judge(complaint: string | undefined): void {
    if (complaint === undefined) return;
    this.hasFailed = true;
    this.context.terminal.note(complaint);
  }

  /** The result is out already, so a picture that cannot be drawn is told on standard error only. */
  private async drawOverlay(folder: string, image: string, { image: { path: imagePath }, regions }: RunResult): Promise<void> {
    const { session, context: { terminal, interrupt } } = this;
    const outPath = path.join(folder, this.overlayNames.next(imagePath));
    try {
      await session.host.use(client => client.overlay({ imagePath, regions, outPath }, interrupt.token), interrupt.token);
    } catch (error) {
      this.hasFailed = true;
      terminal.note(textFailure(image, await this.failureOf(error)));
    }
  }

  /** @throws CancelledError where a signal is the cause: the terminal sends Ctrl+C to the host as well. */
  private async failureOf(error: unknown): Promise<HostError> {
    await new Promise(resolve => setImmediate(resolve));
    if (error instanceof CancelledError || this.context.interrupt.token.isCancellationRequested) throw new CancelledError();
    return toHostError(error);
  }

  private showProgress({ image, prompt, maxNewTokens }: PlannedRun, index: number, total: number, progress: RunProgress): void {
    const count = total > 1 ? `${index + 1}/${total} ` : '';
    this.context.terminal.progress.update({
      fraction: (index + runFraction(progress, maxNewTokens ?? defaultMaxNewTokens(prompt))) / total,
      text: `${count}${path.basename(image)}: ${describeProgress(progress)}`,
    });
  }
}
