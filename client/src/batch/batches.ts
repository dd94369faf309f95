/** Runs prompts on many pictures into files: questions first, then progress, then a summary. */
import { randomUUID } from 'node:crypto';
import { CancellationTokenSource, ProgressLocation, Uri, commands, l10n, workspace } from 'vscode';
import type { CancellationToken, Disposable, LogOutputChannel, Progress } from 'vscode';
import { answerOf } from '../../../batch/src/answer';
import { AnswerFiles } from '../../../batch/src/answerFiles';
import type { OutputForm } from '../../../batch/src/forms';
import { BatchJournal, type InterruptedBatch } from '../../../batch/src/journal';
import type { BatchPlan } from '../../../batch/src/plan';
import { Pace } from '../../../paligemma/src/pace';
import type { ResultSet } from '../../../paligemma/src/results/resultSet';
import type { StateFilter } from '../../../paligemma/src/results/shownRows';
import { commandIds } from '../common/commandIds';
import { stepIsDone } from '../common/firstSteps';
import { runFailure, toFailure } from '../errors/failure';
import { showFailure } from '../errors/showFailure';
import type { ServerClient } from '../connection/languageClient';
import type { RunOrder } from '../runs/imageRuns';
import { batchText, startingText } from '../progress/progressText';
import { destinationOf, whereStopped, type Destination } from '../../../batch/src/destination';
import { askDestination } from './askTarget';
import type { BatchOptions } from './outputs';
import type { ResultSets } from '../results/resultSets';
import { runBatch } from './runBatch';
import type { BatchSummary } from './runBatch';
import { imageName, imagePath } from '../images/documentPages';
import { window } from '../common/window';

interface BatchStart {
  readonly plan: BatchPlan;
  /** Indexes that need no run: kept from before, or answered before an interruption. */
  readonly done: ReadonlySet<number>;
  /** The only ones that are asked about now; default: all that are not done. */
  readonly wanted?: ReadonlySet<number>;
  readonly isResumed: boolean;
}

/** Of drafts. */
export interface DraftOrder {
  /** Of the JSONL file. Absolute. */
  readonly path: string;
  /** As settings name it; empty: the one that the settings mean. */
  readonly model: string;
  readonly title: string;
}

/** How often, and for how long, it is looked whether a window that runs a batch has ended. */
const LOOK_MS = 1_000;
const LAST_LOOK_MS = 60_000;

export class Batches implements Disposable {
  private readonly journal: BatchJournal;
  /** The window ends, and what it runs with it. */
  private isDisposed = false;

  /** @param storageUri Folder of the extension's own, for this workspace. */
  constructor(
    private readonly client: ServerClient,
    private readonly log: LogOutputChannel,
    private readonly sets: ResultSets,
    storageUri: Uri,
  ) {
    this.journal = new BatchJournal(Uri.joinPath(storageUri, 'batches').fsPath);
  }

  /** With the window: another one may go on with what it runs. */
  dispose(): void {
    this.isDisposed = true;
    this.journal.release();
  }

  /** Of this window, by id. */
  private readonly begun = new Map<string, { readonly plan: BatchPlan; readonly done: Set<number> }>();

  /** Asks where the answers go, and runs. Resolves at the end; failures are shown. */
  async start(images: readonly Uri[], order: RunOrder, output: OutputForm, options: BatchOptions): Promise<void> {
    const destination = await this.destination(images, order, output, options);
    if (destination === undefined) return;
    const plan: BatchPlan = {
      id: randomUUID(),
      ...order,
      model: workspace.getConfiguration('paligemma').get('model', ''),
      imageUris: images.map(image => image.toString()),
      target: destination.target,
    };
    if (destination.skipped.size === images.length) {
      void window.showInformationMessage(l10n.t('All answers are there already; nothing was run.'));
      return;
    }
    await this.run({ plan, done: destination.skipped, isResumed: false });
  }

  /**
   * Adds an answer to each prompt for each picture to a JSONL file, as drafts; pictures whose line with that prompt is
   * there already are passed over.
   * @returns False where the person ended it, or something keeps it from going on: then the next prompt is not begun.
   */
  async draft(
    images: readonly Uri[],
    prompts: readonly string[],
    { path, model, title }: DraftOrder,
  ): Promise<boolean> {
    const imageUris = images.map(image => image.toString());
    for (const prompt of prompts) {
      const wish = { form: 'jsonl', imagePaths: images.map(imagePath), prompt, place: path, areDrafts: true } as const;
      const { target, skipped } = await destinationOf(wish, 'skip', undefined, l10n.t);
      const plan: BatchPlan = {
        id: randomUUID(),
        title,
        prompt,
        model,
        imageUris,
        target,
      };
      if (skipped.size < images.length && !await this.run({ plan, done: skipped, isResumed: false })) return false;
    }
    return true;
  }

  /**
   * Asks once more what a batch of this window did not answer, into the files of that batch.
   * @param id Of the batch, and of the results that it has in this window.
   * @returns False where there is no such batch. Never rejects: failures are shown.
   */
  async retry(id: string, indices: readonly number[]): Promise<boolean> {
    const batch = this.begun.get(id);
    if (batch === undefined) return false;
    // It asks for them itself.
    if (this.sets.find(id)?.isUnderWay === true) return true;
    await this.run({ ...batch, wanted: new Set(indices), isResumed: true });
    return true;
  }

  /** Undefined: the person left, or nothing can be written there, which is shown. */
  private async destination(
    images: readonly Uri[],
    { prompt }: RunOrder,
    output: OutputForm,
    options: BatchOptions,
  ): Promise<Destination | undefined> {
    try {
      return await askDestination(output, images, prompt, options);
    } catch (error) {
      showFailure(toFailure(error, l10n.t), this.log, error);
      return undefined;
    }
  }

  /** Goes on with the batch that stopped last. */
  async resume(): Promise<void> {
    const batch = await this.journal.newest();
    if (batch === undefined) void window.showInformationMessage(l10n.t('No batch was interrupted in this workspace.'));
    else await this.goOn(batch);
  }

  /** Offers to go on with a batch that ended with its window. Returns without waiting for an answer. */
  async offerResume(): Promise<void> {
    const batch = await this.leftBehind();
    if (batch === undefined || batch.isCancelled) return;
    const [resume, discard] = [l10n.t('Resume'), l10n.t('Discard')];
    void window.showInformationMessage(
      l10n.t(
        '{0} stopped when its window closed: {1} of {2} pictures were done.',
        batch.plan.title,
        batch.done.size,
        batch.plan.imageUris.length,
      ),
      resume,
      discard,
    ).then(choice => {
      if (choice === resume) return this.goOn(batch);
      return choice === discard ? this.journal.forget(batch.plan.id) : undefined;
    });
  }

  /** The process of a window that was loaded anew may take a moment to end. */
  private async leftBehind(): Promise<InterruptedBatch | undefined> {
    for (let left = LAST_LOOK_MS; left > 0 && !this.isDisposed; left -= LOOK_MS) {
      const batch = await this.journal.newest();
      // What the person cancelled is not offered, and hides nothing.
      if (batch?.isCancelled === false || !await this.journal.hasOthers()) return batch;
      await new Promise(resolve => setTimeout(resolve, LOOK_MS));
    }
    return undefined;
  }

  private async goOn(batch: InterruptedBatch): Promise<void> {
    try {
      const { skipped } = await whereStopped(batch, l10n.t);
      await this.run({ plan: batch.plan, done: skipped, isResumed: batch.done.size > 0 });
    } catch (error) {
      showFailure(toFailure(error, l10n.t), this.log, error);
    }
  }

  /** Whether it came to its end. Never rejects: failures are shown. */
  private async run(start: BatchStart): Promise<boolean> {
    const { plan } = start;
    const before = start.done.size;
    const done = new Set(start.done);
    this.begun.set(plan.id, { plan, done });
    const set = this.sets.find(plan.id)
      ?? this.sets.begin({ ...plan, choices: plan.model === '' ? {} : { model: plan.model } });
    set.isUnderWay = true;
    // Told in the log too, so that the list of failures below it says to what it belongs.
    this.log.info(
      `client.batch ${plan.title}: "${plan.prompt}" on ${plan.imageUris.length} pictures, ${before} of them done before.`,
    );
    try {
      await this.journal.begin(plan, start.done);
      const told: { note?: string } = {};
      const summary = await window.withProgress(
        { location: ProgressLocation.Notification, title: plan.title, cancellable: true },
        (progress, token) => this.runPlan({ ...start, done }, set, told, progress, token),
      );
      // What ends with its window was neither cancelled nor stopped: it is offered by the next one.
      if (this.isDisposed && summary.end !== 'complete') return false;
      const isWhole = summary.end === 'complete' && done.size + summary.failures.length >= plan.imageUris.length;
      if (isWhole) {
        stepIsDone('batch');
        await this.journal.forget(plan.id);
      } else await this.journal.pause(plan.id, true);
      // What was asked for is done, and others of before are still open.
      const end = summary.end === 'complete' && !isWhole ? 'cancelled' : summary.end;
      this.tell(plan, before, { ...summary, end }, told.note);
      return summary.end === 'complete';
    } catch (error) {
      if (this.isDisposed) return false;
      await this.journal.pause(plan.id, false);
      showFailure(toFailure(error, l10n.t), this.log, error);
      return false;
    } finally {
      set.isUnderWay = false;
    }
  }

  /** @param done Takes what is answered. @param told Takes what the server has to say about model and prompt. */
  private async runPlan(
    { plan, done, wanted, isResumed }: BatchStart & { readonly done: Set<number> },
    set: ResultSet,
    told: { note?: string },
    progress: Progress<{ message?: string; increment?: number }>,
    token: CancellationToken,
  ): Promise<BatchSummary> {
    const { imageUris, prompt, model } = plan;
    const skipped = new Set([...imageUris.keys()].filter(index => done.has(index) || wanted?.has(index) === false));
    const files = new AnswerFiles(plan.target, isResumed, l10n.t);
    await files.begin();
    const refused = await files.refused();
    const shown = { finished: 0 };
    const pace = new Pace(() => performance.now());
    progress.report({ message: startingText(l10n.t) });
    const summary = await runBatch({
      imageUris,
      skipped,
      refused,
      newSource: () => new CancellationTokenSource(),
      request: async (uris, onUpdate, requestToken) => {
        const { note } = await this.client.run(
          { imageUris: uris, prompt, ...(model === '' ? {} : { model }) },
          onUpdate,
          requestToken as CancellationToken,
        );
        if (note !== undefined) told.note = note;
      },
      keep: async (index, result) => {
        await files.write(index, answerOf(result, pathOf(imageUris[index])));
        done.add(index);
        await this.journal.done(plan.id, index);
      },
      report: ({ index, finished, update }) => {
        const increment = ((finished - shown.finished) / imageUris.length) * 100;
        shown.finished = finished;
        if (update.outcome !== undefined) this.sets.put(set, new Map([[index, update.outcome]]));
        if (update.outcome === undefined) {
          const step = {
            index,
            total: imageUris.length,
            imageName: imageName(Uri.parse(imageUris[index] ?? '')),
            progress: update.progress,
            secondsLeft: pace.secondsLeft(finished - skipped.size, imageUris.length - skipped.size),
          };
          progress.report({ message: batchText(step, l10n.t), increment });
        } else progress.report({ increment });
      },
    }, token);
    const unanswered = summary.failures.map(({ index, error }) =>
      [index, { imageUri: imageUris[index] ?? '', error }] as const
    );
    this.sets.put(set, new Map(unanswered));
    await files.finish();
    return summary;
  }

  /** Says what came of it, once; failures stand in the log, one a line. */
  private tell(
    plan: BatchPlan,
    skipped: number,
    { end, answered, failures, cause, repeated }: BatchSummary,
    note: string | undefined,
  ): void {
    for (const { index, error } of failures) {
      this.log.warn(`client.batch ${pathOf(plan.imageUris[index])}: ${error.message}`);
    }
    const done = skipped + answered;
    const counts = [
      l10n.t('{0} of {1} pictures are done', done, plan.imageUris.length),
      ...(skipped > 0 ? [l10n.t('{0} of them from before', skipped)] : []),
      ...(failures.length > 0 ? [l10n.t('{0} failed', failures.length)] : []),
    ].join(', ');
    this.log.info(`client.batch ${plan.title}: ${end}. ${counts}.`);
    if (end === 'stopped') {
      showFailure(repeated === undefined ? toFailure(cause, l10n.t) : runFailure(repeated), this.log, cause);
    }
    const actions = [
      ...(end === 'complete' || done === plan.imageUris.length
        ? []
        : [{ title: l10n.t('Resume'), run: () => this.resume() }]),
      ...(answered > 0 ? [openAction(plan)] : []),
      failures.length > 0
        ? { title: l10n.t('Show Failures'), run: () => showResults(plan, 'failed') }
        : { title: l10n.t('Show Results'), run: () => showResults(plan, 'all') },
    ];
    const first = [
      ...(failures[0] === undefined ? [] : [l10n.t('The first: {0}', failures[0].error.message)]),
      ...(note === undefined ? [] : [note]),
    ].map(sentence => ` ${sentence}`).join('');
    const message = end === 'complete'
      ? `${plan.title}: ${counts}.${first}`
      : l10n.t('{0} was interrupted: {1}.', plan.title, counts);
    const show = failures.length > 0 ? window.showWarningMessage : window.showInformationMessage;
    void show(message, ...actions.map(({ title }) => title)).then(title =>
      actions.find(action => action.title === title)?.run()
    );
  }
}

function showResults({ id }: BatchPlan, state: StateFilter): Thenable<unknown> {
  return commands.executeCommand(commandIds.showResults, id, state);
}

function openAction({ target }: BatchPlan): { readonly title: string; run(): Thenable<unknown> } {
  if ('paths' in target) {
    return {
      title: l10n.t('Show in Explorer'),
      run: () => commands.executeCommand('revealInExplorer', Uri.file(target.paths[0] ?? '')),
    };
  }
  return { title: l10n.t('Open'), run: () => commands.executeCommand('vscode.open', Uri.file(target.path)) };
}

function pathOf(imageUri: string | undefined): string {
  return imageUri === undefined ? '' : imagePath(Uri.parse(imageUri));
}
