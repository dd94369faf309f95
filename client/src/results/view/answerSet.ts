/** Runs pictures of a set, and keeps what comes of them in it as it comes. */
import { CancellationTokenSource, Uri, l10n } from 'vscode';
import type { CancellationToken, LogOutputChannel } from 'vscode';
import { Pace } from '../../../../paligemma/src/pace';
import type { ResultSet } from '../../../../paligemma/src/results/resultSet';
import type { RunOutcome } from '../../../../paligemma/src/runResult';
import type { RunUpdate } from '../../../../server/src/contract/protocol';
import { stepIsDone } from '../../common/firstSteps';
import { runBatch, type BatchSummary } from '../../batch/runBatch';
import type { ServerClient } from '../../connection/languageClient';
import { runFailure, toFailure } from '../../errors/failure';
import { showFailure } from '../../errors/showFailure';
import type { LocalImages } from '../../images/localImages';
import { withLateProgress, type NotificationProgress } from '../../progress/lateProgress';
import { batchText, startingText } from '../../progress/progressText';
import type { DemoConsent } from '../../runs/demoConsent';
import { outcomeOfPicture } from '../../runs/imageRuns';
import type { ResultSets } from '../resultSets';
import { window } from '../../common/window';

export interface AnswerParts {
  readonly client: ServerClient;
  readonly consent: DemoConsent;
  readonly local: LocalImages;
  readonly log: LogOutputChannel;
  readonly sets: ResultSets;
}

/**
 * Answers pictures of a set, unless that is being done. Never rejects: what stops it is shown, and what the server has
 * to say about model and prompt.
 */
export async function answerSet(
  set: ResultSet,
  indices: readonly number[],
  parts: AnswerParts,
): Promise<void> {
  if (indices.length === 0 || set.isUnderWay) return;
  set.isUnderWay = true;
  const { log, consent } = parts;
  try {
    const images = indices.map(index => Uri.parse(set.order.pictures[index]?.imageUri ?? ''));
    if (!await consent.isGiven(images)) return;
    const run = new SetRun(set, indices, images, parts);
    const { end, cause, repeated } = await withLateProgress(
      set.order.title,
      (progress, token) => run.run(progress, token),
    );
    if (end === 'complete' && set.size > 1) stepIsDone('batch');
    if (end === 'stopped') {
      showFailure(repeated === undefined ? toFailure(cause, l10n.t) : runFailure(repeated), log, cause);
    }
    if (run.note !== undefined) void window.showInformationMessage(run.note);
  } catch (error) {
    showFailure(toFailure(error, l10n.t), log, error);
  } finally {
    set.isUnderWay = false;
  }
}

class SetRun {
  note: string | undefined;

  constructor(
    private readonly set: ResultSet,
    private readonly indices: readonly number[],
    private readonly images: readonly Uri[],
    private readonly parts: AnswerParts,
  ) {}

  run(progress: NotificationProgress, token: CancellationToken): Promise<BatchSummary> {
    const { images } = this;
    let finished = 0;
    const pace = new Pace(() => performance.now());
    progress.report({ message: startingText(l10n.t) });
    return runBatch({
      imageUris: images.map(image => image.toString()),
      skipped: new Set(),
      newSource: () => new CancellationTokenSource(),
      request: (uris, onUpdate, requestToken) => this.request(uris, onUpdate, requestToken as CancellationToken),
      keep: () => Promise.resolve(),
      report: ({ index, finished: now, update: { outcome, progress: part } }) => {
        if (outcome !== undefined) this.keep(index, outcome);
        const increment = ((now - finished) / images.length) * 100;
        finished = now;
        const name = this.set.order.pictures[this.indices[index] ?? -1]?.name ?? '';
        if (finished < images.length) {
          const secondsLeft = pace.secondsLeft(now, images.length);
          const step = { index, total: images.length, imageName: name, progress: part, secondsLeft };
          progress.report({ message: batchText(step, l10n.t), increment });
        }
      },
    }, token);
  }

  private keep(at: number, outcome: RunOutcome): void {
    const index = this.indices[at];
    if (index !== undefined) this.parts.sets.put(this.set, new Map([[index, outcome]]));
  }

  /** Pictures of other file systems are read from copies, which are not mentioned. */
  private async request(
    uris: readonly string[],
    onUpdate: (update: RunUpdate) => void,
    token: CancellationToken,
  ): Promise<void> {
    const { client, local } = this.parts;
    const { prompt, choices } = this.set.order;
    const images = uris.map(uri => Uri.parse(uri));
    await local.with(images, async files => {
      const { note } = await client.run(
        { imageUris: files.map(file => file.toString()), prompt, ...choices },
        update => {
          const { index, outcome } = update;
          onUpdate(
            outcome === undefined
              ? update
              : { ...update, outcome: outcomeOfPicture(outcome, images[index], files[index]) },
          );
        },
        token,
      );
      this.note = note ?? this.note;
    });
  }
}
