/** Tells how the runs of one command line end, in the order of its pictures. */
import * as l10n from '@vscode/l10n';
import type { KindName } from '../../../../paligemma/src/kinds/kinds';
import { tameText } from '../../../../paligemma/src/plainText';
import type { RunResult } from '../../../../paligemma/src/runResult';
import path from 'node:path';
import { UnwrittenAnswer } from '../../../../batch/src/unwritten';
import { makeFolder } from '../../../../system/src/makeFolder';
import { Failure } from '../../../../paligemma/src/failures';
import { Pace, timeLeftText } from '../../../../paligemma/src/pace';
import type { LocDivisor } from '../../../../paligemma/src/facts';
import type { TileChoice } from '../../../../paligemma/src/tileChoice';
import type { RunProgress } from '../../../../model-host/src/contract/protocol';
import { unfitNote } from '../../language/findings/fitness';
import { describeProgress, runFraction } from '../../runs/runProgress';
import { runMany, type ManyOutcome, type PlannedRun } from '../../runs/runMany';
import type { PreparedModel } from '../../runs/runner';
import { tokenLimit } from '../../../../paligemma/src/tasks';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import { toFailure } from '../../util/failure';
import type { RunOptions } from '../terminal/options';
import { escapeLine, jsonFailure, jsonLine, textFailure } from '../terminal/output';
import { OverlayNames } from './overlayNames';
import type { Session } from '../terminal/session';
import type { ExitCode, VerbContext } from '../terminal/verb';

export interface PlannedPicture {
  /** The path as it is shown. */
  readonly image: string;
  readonly imagePath: string;
  /** Why it cannot be run, where that is known already: it is told in its turn. */
  readonly failure?: Failure | undefined;
  readonly prompt: string;
  readonly model: PreparedModel;
  readonly maxNewTokens?: number | undefined;
  readonly locDivisor?: LocDivisor | undefined;
  /** What the answer is to be read as. */
  readonly show?: KindName | undefined;
  readonly tiles?: TileChoice | undefined;
  /** The lines of text mode. */
  readonly format: (result: RunResult) => readonly string[];
  /** What of the answer is not as it should be, in sentences; told to a person. */
  readonly remarks?: (result: RunResult) => readonly string[];
  /** A sentence where the answer is not the expected one. */
  readonly complaint?: (result: RunResult) => string | undefined;
}

/** Where answers go instead of to standard output. */
export interface AnswerSink {
  /** Pictures of the same command that need no run; they count in the progress. */
  readonly before: number;
  /** @throws UnwrittenAnswer */
  write(imagePath: string, result: RunResult): Promise<void>;
}

export class Batch {
  private hasFailed = false;
  private leftOut = 0;
  private readonly overlayNames = new OverlayNames();
  private hasToldSmallText = false;
  private hasToldSource = false;
  private readonly toldNotes = new Set<string>();
  private readonly pace = new Pace(() => performance.now());

  constructor(
    private readonly context: VerbContext,
    private readonly session: Session,
    private readonly options: RunOptions,
    private readonly sink?: AnswerSink,
  ) {}

  /** Runs that were not begun, since they would fail as others did. */
  get left(): number {
    return this.leftOut;
  }

  /** Makes the folder for drawn pictures, where there is to be one. @throws Failure `fileUnwritable` */
  async begin(): Promise<void> {
    const { overlayPath } = this.options;
    if (overlayPath === undefined) return;
    try {
      await makeFolder(overlayPath);
    } catch (error) {
      throw new Failure(
        'fileUnwritable',
        l10n.t(
          'The folder {0} for --overlay cannot be created ({1}). Name another one.',
          overlayPath,
          error instanceof Error ? error.message : String(error),
        ),
        { cause: error },
      );
    }
  }

  /** @throws CancelledError after a signal; UnwrittenAnswer where no more answers can be written. */
  async run(plans: readonly PlannedPicture[]): Promise<ExitCode> {
    const { session: { runner }, context: { interrupt, terminal }, options: { useStore, json } } = this;
    const planned = plans.map((picture): PlannedRun<PlannedPicture> => {
      const { model, imagePath, failure, prompt, maxNewTokens, locDivisor, tiles } = picture;
      return {
        request: failure
          ?? { model, imagePath, prompt, maxNewTokens, locDivisor, tiles, priority: 'command', useStore },
        payload: picture,
      };
    });
    const { left } = await runMany<PlannedPicture, string | undefined>(planned, {
      runner: { laneOf: model => runner.laneOf(model), run: (...run) => this.unlessInterrupted(runner.run(...run)) },
      log: this.session.log,
      judge: (result, { payload: { complaint } }) => complaint?.(result),
      observer: {
        progress: (index, progress, over) => this.showProgress(plans, index, progress, over),
        inOrder: (index, outcome) => this.tell(plans[index], outcome),
      },
    }, interrupt.token);
    throwIfCancelled(interrupt.token);
    this.leftOut = left;
    if (left > 0 && !json) {
      terminal.note(`Note: ${left} more of the ${plans.length} runs would fail for the same reason and were left out.`);
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

  private async tell(
    picture: PlannedPicture | undefined,
    outcome: ManyOutcome<string | undefined>,
  ): Promise<void> {
    if (picture === undefined) return;
    switch (outcome.kind) {
      case 'done':
        return this.tellResult(picture, outcome.result, outcome.verdict);
      case 'failed':
        return this.fail(picture.image, outcome.error);
      case 'left':
        // Told for each picture to a program, counted for a person.
        return this.options.json ? this.fail(picture.image, outcome.error) : undefined;
      case 'cancelled':
        return undefined;
    }
  }

  /** Once, however many pictures there are. */
  private tellNote(note: string | undefined): void {
    if (note === undefined || this.toldNotes.has(note)) return;
    this.toldNotes.add(note);
    this.context.terminal.note(`Note: ${note}`);
  }

  /** Of the first such picture: what it says holds for the others. */
  private tellSmallText({ advisedTiles, image }: RunResult): void {
    if (advisedTiles === undefined || this.hasToldSmallText) return;
    this.hasToldSmallText = true;
    this.context.terminal.note(
      `Note: ${
        path.basename(image.path)
      } has ${image.widthPx} × ${image.heightPx} pixels, and its text may be too small for the model. `
        + `--tiles auto reads it in ${advisedTiles} parts.`,
    );
  }

  private async tellResult(
    picture: PlannedPicture,
    result: RunResult,
    complaint: string | undefined,
  ): Promise<void> {
    const { image, prompt, model, show, format, remarks } = picture;
    const { options, sink, context: { terminal } } = this;
    if (sink !== undefined && !await this.isWritten(sink, picture, result)) return;
    const lines = options.json ? [jsonLine(image, result, show)] : sink === undefined ? format(result) : [];
    for (const line of lines) await terminal.print(line);
    if (!options.json && sink === undefined) {
      for (const remark of remarks?.(result) ?? []) terminal.note(`Note: ${escapeLine(image)}: ${tameText(remark)}`);
    }
    this.tellNote(unfitNote(prompt, model));
    this.tellSmallText(result);
    this.tellSource(result);
    if (options.overlayPath !== undefined) await this.drawOverlay(options.overlayPath, image, result);
    if (complaint === undefined) return;
    this.hasFailed = true;
    terminal.note(complaint);
  }

  /** Once, that an answer is the document's own; with --json each of them says so. */
  private tellSource({ source }: RunResult): void {
    if (source === undefined || this.hasToldSource || this.options.json) return;
    this.hasToldSource = true;
    this.context.terminal.note(
      'Note: pages that bring their own text are answered from it; --no-text-layer asks the model.',
    );
  }

  /** False where the file of this picture could not be written, which is told. @throws UnwrittenAnswer for all others. */
  private async isWritten(sink: AnswerSink, { image, imagePath }: PlannedPicture, result: RunResult): Promise<boolean> {
    try {
      await sink.write(imagePath, result);
      return true;
    } catch (error) {
      if (!(error instanceof UnwrittenAnswer) || error.endsOthers) throw error;
      await this.fail(image, error);
      return false;
    }
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
  private async failureOf(error: unknown): Promise<Failure> {
    // The signal may be on its way to this process still.
    await new Promise(resolve => setImmediate(resolve));
    if (error instanceof CancelledError) throw error;
    throwIfCancelled(this.context.interrupt.token);
    return toFailure(error);
  }

  private async unlessInterrupted<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw await this.failureOf(error);
    }
  }

  private showProgress(
    plans: readonly PlannedPicture[],
    index: number,
    progress: RunProgress,
    over: number,
  ): void {
    const { image = '', prompt = '', maxNewTokens } = plans[index] ?? {};
    const before = this.sink?.before ?? 0;
    const total = before + plans.length;
    const count = total > 1 ? `${before + over + 1}/${total} ` : '';
    const secondsLeft = this.pace.secondsLeft(over, plans.length);
    const left = secondsLeft === undefined ? '' : `, ${timeLeftText(secondsLeft, l10n.t)}`;
    this.context.terminal.progress.update({
      fraction: (before + over + runFraction(progress, tokenLimit(prompt, maxNewTokens, 0))) / total,
      text: `${count}${path.basename(image)}: ${describeProgress(progress)}${left}`,
    });
  }
}
