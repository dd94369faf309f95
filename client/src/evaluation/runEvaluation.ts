import { ProgressLocation, l10n } from 'vscode';
import type { EvaluateParams, EvaluateResult } from '../../../server/src/contract/evaluation';
import { window } from '../common/window';
import type { ServerClient } from '../connection/languageClient';
import { toFailure } from '../errors/failure';

/**
 * Evaluates under a notification with progress and Cancel. @param name Of the data set.
 * @returns undefined where the person cancelled. @throws what kept the language server from answering.
 */
export async function runEvaluation(
  name: string,
  params: Omit<EvaluateParams, 'workDoneToken'>,
  client: ServerClient,
): Promise<EvaluateResult | undefined> {
  return window.withProgress({
    location: ProgressLocation.Notification,
    title: l10n.t('Evaluating {0}', name),
    cancellable: true,
  }, async (progress, token) => {
    let shown = 0;
    try {
      return await client.evaluate(params, (percentage = shown, message) => {
        progress.report({ increment: Math.max(0, percentage - shown), ...(message === undefined ? {} : { message }) });
        shown = Math.max(shown, percentage);
      }, token);
    } catch (error) {
      if (token.isCancellationRequested && toFailure(error, l10n.t).kind === 'cancelled') return undefined;
      throw error;
    }
  });
}
