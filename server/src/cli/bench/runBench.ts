/** Measures one prompt on one picture. */
import * as l10n from '@vscode/l10n';
import os from 'node:os';
import path from 'node:path';
import { Failure } from '../../../../paligemma/src/failures';
import type { RunProgress } from '../../../../model-host/src/contract/protocol';
import { defaultSettings } from '../../contract/settings';
import { describeProgress, runFraction } from '../../runs/runProgress';
import type { PreparedFolder } from '../../runs/runner';
import { tokenLimit } from '../../../../paligemma/src/tasks';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import { toFailure } from '../../util/failure';
import { benchLines, benchReport, type Machine, type MeasuredRun } from './benchReport';
import type { RunOptions } from '../terminal/options';
import { jsonFailure, textFailure } from '../terminal/output';
import { openSession, type Session } from '../terminal/session';
import type { ExitCode, VerbContext } from '../terminal/verb';

export interface BenchWish {
  /** As it was given; without it the bundled sample. */
  readonly image: string | undefined;
  readonly prompt: string;
  readonly runs: number;
  readonly options: RunOptions;
}

const SAMPLE = 'media/samples/01.png';

/** @throws CancelledError after a signal. */
export async function runBench(context: VerbContext, wish: BenchWish): Promise<ExitCode> {
  const { terminal, interrupt } = context;
  const { options } = wish;
  const session = openSession(context, options);
  try {
    const model = await session.runner.prepare({ name: options.model, adapterPath: options.adapterPath });
    if (model.server !== undefined) {
      throw new Failure(
        'modelElsewhere',
        l10n.t('bench measures this machine, and this model runs on a server. Name a model on this machine.'),
      );
    }
    if (model.note !== undefined) terminal.note(`Note: ${model.note}`);
    const imagePath = wish.image === undefined
      ? path.join(path.dirname(context.distPath), SAMPLE)
      : path.resolve(wish.image);
    const measure = new Measurement(context, session, model, imagePath, wish);
    const loadMs = await measure.load();
    const runs: [MeasuredRun, ...MeasuredRun[]] = [await measure.run(1)];
    while (runs.length < wish.runs) runs.push(await measure.run(runs.length + 1));
    const { peakRssBytes } = await session.host.use(client => client.usage(), interrupt.token);
    const report = benchReport({
      model: model.id,
      weights: model.spec.weights,
      image: wish.image ?? path.basename(SAMPLE),
      prompt: wish.prompt,
      loadMs,
      peakRssBytes,
      machine: machine(),
    }, runs);
    for (const line of options.json ? [JSON.stringify(report)] : benchLines(report)) await terminal.print(line);
    return 0;
  } catch (error) {
    // A signal reaches the host as well, whose end is then no failure.
    await new Promise(resolve => setImmediate(resolve));
    if (error instanceof CancelledError || interrupt.token.isCancellationRequested) throw new CancelledError();
    const failure = toFailure(error);
    if (options.json) await terminal.print(jsonFailure(wish.image, failure));
    else terminal.note(textFailure(wish.image, failure));
    return 1;
  } finally {
    await session.close();
  }
}

class Measurement {
  constructor(
    private readonly context: VerbContext,
    private readonly session: Session,
    private readonly model: PreparedFolder,
    private readonly imagePath: string,
    private readonly wish: BenchWish,
  ) {}

  /**
   * The run that is not counted. Where the model had to be converted for it, its process starts anew, so that neither
   * the time nor the memory of the conversion is counted.
   * @returns Milliseconds that loading took.
   */
  async load(): Promise<number> {
    let hasConverted = false;
    const note = (progress: RunProgress) => {
      hasConverted ||= progress.kind === 'phase' && progress.phase === 'convert';
    };
    const first = await this.generate(0, note);
    if (!hasConverted) return first.answer.timings.loadMs;
    await this.session.host.stop('The model was converted.');
    return (await this.generate(0, () => undefined)).answer.timings.loadMs;
  }

  /** `index`: 1 for the first measured run. */
  run(index: number): Promise<MeasuredRun> {
    return this.generate(index, () => undefined);
  }

  private async generate(index: number, note: (progress: RunProgress) => void): Promise<MeasuredRun> {
    const { context: { terminal, interrupt }, session, model, imagePath, wish } = this;
    throwIfCancelled(interrupt.token);
    const maxNewTokens = tokenLimit(wish.prompt, wish.options.maxNewTokens, 0);
    const request = {
      model: model.spec,
      imagePath,
      prefix: wish.prompt,
      maxNewTokens,
      locDivisor: defaultSettings.locDivisor,
      freshFeatures: true,
    };
    const startedAt = performance.now();
    const answer = await session.host.use(client =>
      client.generate(request, progress => {
        note(progress);
        const fraction = (index + runFraction(progress, maxNewTokens)) / (wish.runs + 1);
        terminal.progress.update({
          fraction,
          text: `${index === 0 ? 'first run' : `run ${index} of ${wish.runs}`}: ${describeProgress(progress)}`,
        });
      }, interrupt.token), interrupt.token);
    return { answer, totalMs: performance.now() - startedAt };
  }
}

function machine(): Machine {
  const cpus = os.cpus();
  return {
    platform: process.platform,
    arch: process.arch,
    cpu: cpus[0]?.model.trim().replace(/\s+/g, ' ') ?? 'unknown processor',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    node: process.versions.node,
  };
}
