/** Fine-Tune on This File: asks, trains with progress, shows the page of the training, offers the model. */
import path from 'node:path';
import { ProgressLocation, Uri, l10n } from 'vscode';
import type { CancellationToken, LogOutputChannel, Progress } from 'vscode';
import type { TrainerEvent, TuneResult } from '../../../server/src/contract/tuning';
import { frontDataSet, isSaved } from '../common/dataSetFile';
import { isTrustedOrAsk } from '../common/trust';
import { window } from '../common/window';
import type { ServerClient } from '../connection/languageClient';
import { toFailure } from '../errors/failure';
import { showFailure } from '../errors/showFailure';
import { showEvaluation } from '../evaluation/evaluationPage';
import { runEvaluation } from '../evaluation/runEvaluation';
import { writeModel } from '../models/modelSetting';
import { askTraining, type Training } from './askTraining';
import { stepText } from './reportText';
import type { ReportPage, TuningReports } from './reports';

/** An evaluation is not to take longer than the training. */
const EVALUATED_LINES = 200;

export interface FineTuneServices {
  readonly client: ServerClient;
  readonly log: LogOutputChannel;
  readonly tuning: TuningReports;
}

/** @param args What the Explorer hands over: the file; else the one of the editor, or one that is chosen. */
export async function fineTune([chosen]: readonly unknown[], services: FineTuneServices): Promise<void> {
  if (!isTrustedOrAsk()) return;
  const file = await fileOf(chosen);
  if (file === undefined) return;
  const training = await askTraining(file, await services.client.listModels());
  if (training === undefined) return;
  const files = [training.file, ...(training.valid === undefined ? [] : [training.valid])].map(each => Uri.file(each));
  for (const each of files) if (!await isSaved(each)) return;
  await train(training, services);
}

async function fileOf(chosen: unknown): Promise<string | undefined> {
  const uri = chosen instanceof Uri ? chosen : frontDataSet();
  if (uri?.scheme === 'file') return uri.fsPath;
  if (uri !== undefined) {
    void window.showWarningMessage(l10n.t('Only files on this machine can be trained on.'));
    return undefined;
  }
  return (await window.showOpenDialog({ filters: { JSONL: ['jsonl'] }, title: l10n.t('Lines to Train On') }))?.[0]
    ?.fsPath;
}

/** Again and again, as long as the person wants to go on after an interruption. */
async function train(training: Training, { client, log, tuning }: FineTuneServices): Promise<void> {
  const name = path.basename(training.out);
  for (;;) {
    const page = await tuning.open(name);
    try {
      const result = await window.withProgress(
        { location: ProgressLocation.Notification, title: l10n.t('Fine-tuning {0}', name), cancellable: true },
        (progress, token) => client.tune(training, teller(page, progress, token), token),
      );
      page.end(l10n.t('The training is complete. The model is in the list as {0}.', result.id));
      offer(result);
      await judge(training, result, page, { client, log });
      return;
    } catch (error) {
      const failure = toFailure(error, l10n.t);
      if (failure.kind !== 'cancelled') {
        page.end(failure.message);
        showFailure(failure, log, error);
        return;
      }
      page.end(l10n.t('The training was stopped. It goes on from its last checkpoint.'));
      const goOn = l10n.t('Continue');
      if (await window.showInformationMessage(l10n.t('Fine-tuning {0} was stopped.', name), goOn) !== goOn) return;
    }
  }
}

function teller(
  page: ReportPage,
  progress: Progress<{ message?: string; increment?: number }>,
  token: CancellationToken,
): (event: TrainerEvent) => void {
  let shown = 0;
  return event => {
    page.hear(event);
    if (event.event === 'phase') progress.report({ message: l10n.t('Loading the model…') });
    if (event.event !== 'step') return;
    const percentage = event.step / Math.max(1, event.steps) * 100;
    const message = token.isCancellationRequested
      ? l10n.t('Stopping after this step, with a checkpoint…')
      : stepText(event, l10n.t);
    progress.report({ increment: Math.max(0, percentage - shown), message });
    shown = percentage;
  };
}

/**
 * Evaluates the held-out lines before and after; a result that cannot be evaluated is trained all the same, so the page
 * alone says why.
 */
async function judge(
  { valid, model }: Training,
  { id }: TuneResult,
  page: ReportPage,
  { client, log }: Pick<FineTuneServices, 'client' | 'log'>,
): Promise<void> {
  if (valid === undefined) return;
  const name = path.basename(valid);
  const params = { fileUri: Uri.file(valid).toString(), model: id, against: model, limit: EVALUATED_LINES };
  try {
    const found = await runEvaluation(name, params, client);
    if (found === undefined) return;
    page.judge(found.summary);
    const evaluation = l10n.t('Show Evaluation');
    const choice = await window.showInformationMessage(
      l10n.t('{0} is evaluated on {1}.', id, name),
      evaluation,
    );
    if (choice === evaluation) showEvaluation(name, found);
  } catch (error) {
    const { message } = toFailure(error, l10n.t);
    log.warn(message);
    page.end(
      l10n.t('The training is complete. The model is in the list as {0}, but was not evaluated: {1}', id, message),
    );
  }
}

/** Not waited for. */
function offer({ id }: TuneResult): void {
  const use = l10n.t('Use This Model');
  void window.showInformationMessage(l10n.t('{0} is trained and in the list of models.', id), use).then(choice => {
    if (choice === use) return writeModel(id);
    return undefined;
  });
}
