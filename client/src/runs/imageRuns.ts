/** Runs prompts on pictures for a person who watches: progress, cancel, and the answer where it belongs. */
import type { RunOutcome } from '../../../paligemma/src/runResult';
import { CancellationTokenSource, Uri, l10n, workspace } from 'vscode';
import type { CancellationToken, Disposable, LogOutputChannel } from 'vscode';
import type { RunUpdate } from '../../../server/src/contract/protocol';
import { writeSidecars } from './sidecarsElsewhere';
import type { ViewState } from '../contract/viewer';
import { stepIsDone, stepOfPrompt } from '../common/firstSteps';
import { failureNotice, runFailure, toFailure } from '../errors/failure';
import type { ShownFailure } from '../errors/failure';
import { logFailure, showFailure } from '../errors/showFailure';
import type { LocalImages } from '../images/localImages';
import type { ServerClient } from '../connection/languageClient';
import type { ImageViews } from '../viewer/imageViews';
import type { PartChoices } from '../viewer/viewServices';
import { doneView, failedView, runningView } from '../viewer/viewState';
import type { DemoConsent } from './demoConsent';
import { noteOn } from './modelNotes';
import { withLateProgress } from '../progress/lateProgress';
import type { NotificationProgress } from '../progress/lateProgress';
import { Pace } from '../../../paligemma/src/pace';
import { batchText, progressText, startingText } from '../progress/progressText';
import { markdownReport } from './report';
import { tameText } from '../../../paligemma/src/plainText';
import { imageName, imagePath, imagePlace } from '../images/documentPages';
import { window } from '../common/window';

/** What a person asked for. */
export interface RunOrder {
  readonly prompt: string;
  /** What is being done, for example "Captioning". */
  readonly title: string;
  /** Default: as the settings say. */
  readonly parts?: PartChoices;
}

interface Answers {
  readonly outcomes: readonly RunOutcome[];
  /** What has to stand beside them. */
  readonly note: string | undefined;
}

export class ImageRuns {
  /** By picture: what cancels the run whose answer its view waits for. */
  private readonly inView = new Map<string, CancellationTokenSource>();

  constructor(
    private readonly client: ServerClient,
    private readonly views: ImageViews,
    private readonly log: LogOutputChannel,
    private readonly consent: DemoConsent,
    private readonly local: LocalImages,
  ) {}

  /** One picture ends in its image view, several in a list. Never rejects: failures are shown. */
  async run(images: readonly Uri[], order: RunOrder): Promise<void> {
    const [first] = images;
    if (first === undefined) return;
    if (images.length > 1) return this.runList(images, order);
    if (!await this.isAllowed(images)) return;
    await this.runInView(first, order);
  }

  /** Ends in a new Markdown document. Never rejects: failures are shown. */
  async runList(images: readonly Uri[], order: RunOrder): Promise<void> {
    if (!await this.isAllowed(images)) return;
    await withLateProgress(
      order.title,
      (progress, token) =>
        this.runMany(
          images,
          order,
          progress,
          token,
          ({ outcomes, note }) => this.showList(images, order.prompt, outcomes, note),
        ),
    );
  }

  /** Ends in a text file beside each picture, on whatever file system. Never rejects: failures are shown. */
  async runSidecars(images: readonly Uri[], order: RunOrder): Promise<void> {
    if (!await this.isAllowed(images)) return;
    await withLateProgress(
      order.title,
      (progress, token) =>
        this.runMany(images, order, progress, token, async ({ outcomes, note }) => {
          const { written, kept } = await writeSidecars(images, outcomes);
          const [failure] = outcomes.flatMap(outcome => 'error' in outcome ? [outcome.error.message] : []);
          const told = [
            l10n.t('{0} of {1} text files were written beside their pictures.', written, images.length),
            ...(kept === 0 ? [] : [l10n.t('{0} already existed and were left as they are.', kept)]),
            ...(failure === undefined ? [] : [failure]),
            ...(note === undefined ? [] : [note]),
          ].join(' ');
          void (failure === undefined ? window.showInformationMessage : window.showWarningMessage)(told);
        }),
    );
  }

  private async isAllowed(images: readonly Uri[]): Promise<boolean> {
    try {
      return await this.consent.isGiven(images);
    } catch (error) {
      showFailure(toFailure(error, l10n.t), this.log, error);
      return false;
    }
  }

  /**
   * A newer run of the same picture, or closing its view, cancels this one. Cancelled, the view is as it was before. The
   * view says what the run does and what went wrong: a notification would say it a second time, over it.
   */
  private async runInView(image: Uri, order: RunOrder): Promise<void> {
    const imageUri = image.toString();
    this.inView.get(imageUri)?.cancel();
    const source = new CancellationTokenSource();
    this.inView.set(imageUri, source);
    const isNewest = () => this.inView.get(imageUri) === source;
    const subscriptions: Disposable[] = [];
    const earlier = this.views.find(imageUri)?.settledState;
    const running = runningView(imageUri, imageName(image), order.prompt, earlier);
    const settle = (state: ViewState) => {
      if (isNewest()) this.views.find(imageUri)?.show(state);
    };
    try {
      const view = await this.views.show(running);
      subscriptions.push(view.onDidDispose(() => source.cancel()), view.onDidRequestStop(() => source.cancel()));
      const report = ({ progress }: RunUpdate) => {
        if (progress === undefined || !isNewest()) return;
        view.showProgress(progressText(progress, l10n.t), progress.kind === 'text' ? progress.text : '');
      };
      const { outcomes, note } = await this.request([image], order, report, source.token);
      const [outcome] = outcomes;
      if (outcome === undefined) throw new Error('The language server answered without an outcome.');
      if ('result' in outcome) {
        settle(doneView(running, outcome.result, note));
        const step = stepOfPrompt(order.prompt);
        if (step !== undefined) stepIsDone(step);
      } else {
        this.tellInView(running, runFailure(outcome.error), settle);
      }
    } catch (error) {
      const failure = toFailure(error, l10n.t);
      if (failure.kind !== 'cancelled') this.tellInView(running, failure, settle, error);
      else if (earlier !== undefined) settle(earlier);
      else if (isNewest()) this.views.close(imageUri);
    } finally {
      if (isNewest()) this.inView.delete(imageUri);
      for (const subscription of subscriptions) subscription.dispose();
      source.dispose();
    }
  }

  /** Once: in the view, or where nobody sees that, in a notification. */
  private tellInView(
    running: ViewState,
    failure: ShownFailure,
    settle: (state: ViewState) => void,
    cause?: unknown,
  ): void {
    const { message = failure.message, actions = [] } = failureNotice(failure, l10n.t) ?? {};
    settle(failedView(running, message, actions));
    if (this.views.find(running.imageUri)?.isSeen === true) logFailure(failure, this.log, cause);
    else showFailure(failure, this.log, cause);
  }

  private async runMany(
    images: readonly Uri[],
    order: RunOrder,
    progress: NotificationProgress,
    token: CancellationToken,
    end: (answers: Answers) => Promise<void>,
  ): Promise<void> {
    let finished = 0;
    const pace = new Pace(() => performance.now());
    const report = ({ index, progress: part, outcome }: RunUpdate) => {
      const image = images[index];
      if (image === undefined) return;
      const increment = outcome === undefined ? 0 : 100 / images.length;
      if (outcome !== undefined) finished++;
      if (finished < images.length) {
        const secondsLeft = pace.secondsLeft(finished, images.length);
        const step = { index, total: images.length, imageName: imageName(image), progress: part, secondsLeft };
        progress.report({ message: batchText(step, l10n.t), increment });
      }
    };
    try {
      progress.report({ message: startingText(l10n.t) });
      await end(await this.request(images, order, report, token));
    } catch (error) {
      showFailure(toFailure(error, l10n.t), this.log, error);
    }
  }

  private async showList(
    images: readonly Uri[],
    prompt: string,
    outcomes: readonly RunOutcome[],
    note: string | undefined,
  ): Promise<void> {
    const failures = outcomes.flatMap(outcome => 'error' in outcome ? [runFailure(outcome.error)] : []);
    const [firstFailure] = failures;
    if (firstFailure !== undefined && failures.length === outcomes.length) {
      showFailure(firstFailure, this.log);
      return;
    }
    stepIsDone('batch');
    const entries = outcomes.map((outcome, index) => ({
      path: imagePlace(images[index] ?? Uri.parse(outcome.imageUri)),
      outcome,
    }));
    const document = await workspace.openTextDocument({
      language: 'markdown',
      content: markdownReport(prompt, entries, note, l10n.t),
    });
    await window.showTextDocument(document);
    if (firstFailure !== undefined) {
      showFailure({
        ...firstFailure,
        message: l10n.t(
          '{0} of {1} pictures have no answer. The first: {2}',
          failures.length,
          images.length,
          firstFailure.message,
        ),
      }, this.log);
    }
  }

  private async request(
    images: readonly Uri[],
    { prompt, parts }: RunOrder,
    report: (update: RunUpdate) => void,
    token: CancellationToken,
  ): Promise<Answers> {
    const { outcomes, unfit } = await this.local.with(images, async files => {
      const imageUris = files.map(file => file.toString());
      const answers = await this.client.run({ imageUris, prompt, ...parts }, report, token);
      return {
        outcomes: answers.outcomes.map((outcome, index) => outcomeOfPicture(outcome, images[index], files[index])),
        unfit: answers.note,
      };
    });
    const model = outcomes.map(outcome => 'result' in outcome ? outcome.result.model : undefined).find(name =>
      name !== undefined
    );
    const notes = [unfit, model === undefined ? undefined : await noteOn(model, this.client, this.log)].filter(note =>
      note !== undefined
    );
    return { outcomes, note: notes.length === 0 ? undefined : notes.join(' ') };
  }
}

/** The outcome as the person knows the picture: a copy that was read in its place is not mentioned. */
export function outcomeOfPicture(outcome: RunOutcome, image: Uri | undefined, file: Uri | undefined): RunOutcome {
  if (image === undefined || file === undefined || image === file) return outcome;
  const imageUri = image.toString();
  if ('error' in outcome) {
    return {
      ...outcome,
      imageUri,
      error: {
        ...outcome.error,
        message: outcome.error.message.replaceAll(tameText(file.fsPath), tameText(imagePath(image))),
      },
    };
  }
  return { imageUri, result: { ...outcome.result, image: { ...outcome.result.image, path: imagePath(image) } } };
}
