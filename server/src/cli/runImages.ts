/** Runs one prompt on each picture, one after the other; a picture that fails is reported and the next one goes on. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { HostError } from '../../../model-host/src/contract/errors';
import type { RunProgress } from '../../../model-host/src/contract/protocol';
import type { RunResult } from '../contract/protocol';
import { describeProgress, runFraction } from '../runs/runProgress';
import type { PreparedModel } from '../runs/runner';
import { defaultMaxNewTokens } from '../runs/tokenLimits';
import { CancelledError, throwIfCancelled } from '../util/cancellation';
import { toHostError } from '../util/failure';
import { readRunOptions, type RunOptions } from './options';
import { jsonFailure, jsonLine, textFailure, textLine } from './output';
import { OverlayNames } from './overlayNames';
import { openSession, type Session } from './session';
import type { ExitCode, VerbContext } from './verb';

/** @throws CancelledError after a signal; UsageError. */
export async function runImages(context: VerbContext, prompt: string, images: readonly string[]): Promise<ExitCode> {
  const options = readRunOptions(context.values);
  const session = openSession(context, options);
  try {
    const batch = new Batch(context, session, options, prompt, images);
    return await batch.run();
  } finally {
    await session.close();
  }
}

class Batch {
  private hasFailed = false;
  private readonly overlayNames = new OverlayNames();
  private readonly maxNewTokens: number;

  constructor(
    private readonly context: VerbContext, private readonly session: Session, private readonly options: RunOptions,
    private readonly prompt: string, private readonly images: readonly string[],
  ) {
    this.maxNewTokens = options.maxNewTokens ?? defaultMaxNewTokens(prompt);
  }

  async run(): Promise<ExitCode> {
    const { images, context: { interrupt } } = this;
    const model = await this.prepare();
    if (model === undefined) return 1;
    for (const [index, image] of images.entries()) {
      throwIfCancelled(interrupt.token);
      await this.runOne(index, image, model);
    }
    return this.hasFailed ? 1 : 0;
  }

  /** A model that cannot be found fails every picture: once for a person, once each for a program. */
  private async prepare(): Promise<PreparedModel | undefined> {
    const { session, options, images, context: { terminal } } = this;
    try {
      if (options.overlayPath !== undefined) await makeFolder(options.overlayPath);
      const model = await session.runner.prepare(options.model, options.adapterPath);
      if (model.note !== undefined) terminal.note(`Note: ${model.note}`);
      return model;
    } catch (error) {
      const failure = toHostError(error);
      if (!options.json) terminal.note(textFailure(undefined, failure));
      else for (const image of images) await terminal.print(jsonFailure(image, failure));
      return undefined;
    }
  }

  private async runOne(index: number, image: string, model: PreparedModel): Promise<void> {
    const { session, options, images, prompt, context: { terminal, interrupt } } = this;
    const imagePath = path.resolve(image);
    const onProgress = (progress: RunProgress) => this.showProgress(index, progress);
    try {
      const result = await session.runner.run({
        model, imagePath, prompt, priority: 'command', useStore: options.useStore, ...(options.maxNewTokens === undefined ? {} : { maxNewTokens: options.maxNewTokens }),
      }, onProgress, interrupt.token);
      await terminal.print(options.json ? jsonLine(image, result) : textLine(image, result, images.length > 1));
      if (options.overlayPath !== undefined) await this.drawOverlay(options.overlayPath, image, imagePath, result);
    } catch (error) {
      const failure = await this.failureOf(error);
      this.hasFailed = true;
      if (options.json) await terminal.print(jsonFailure(image, failure));
      else terminal.note(textFailure(image, failure));
    }
  }

  /** The result is out already, so a picture that cannot be drawn is told on standard error only. */
  private async drawOverlay(folder: string, image: string, imagePath: string, { regions }: RunResult): Promise<void> {
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

  private showProgress(index: number, progress: RunProgress): void {
    const { images, maxNewTokens, context: { terminal } } = this;
    const count = images.length > 1 ? `${index + 1}/${images.length} ` : '';
    terminal.progress.update({
      fraction: (index + runFraction(progress, maxNewTokens)) / images.length,
      text: `${count}${path.basename(images[index] ?? '')}: ${describeProgress(progress)}`,
    });
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new HostError('badArgument', `The folder ${folder} for --overlay cannot be made (${error instanceof Error ? error.message : String(error)}). Name another one.`, { cause: error });
  }
}
