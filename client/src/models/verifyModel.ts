/** Reads a model on this machine and says whether its files are as they came. */
import { ProgressLocation, commands, l10n } from 'vscode';
import type { ModelInfo, VerifyModelResult } from '../../../server/src/contract/protocol';
import { commandIds } from '../common/commandIds';
import { toFailure } from '../errors/failure';
import { groupModels } from './modelGroups';
import { pickModel } from './pickModel';
import type { ModelServices } from './services';
import { window } from '../common/window';

/**
 * @param wanted Id of a model; without it the person chooses one. @throws what kept the language server from answering.
 */
export async function verifyModel({ client }: ModelServices, wanted: unknown): Promise<void> {
  const { local } = groupModels(await client.listModels(), []);
  const model = typeof wanted === 'string'
    ? local.find(({ id }) => id === wanted)
    : await pickModel(local, l10n.t('Verify Model'), l10n.t('Every byte is read and compared'));
  if (model === undefined) return;
  const found = await window.withProgress({
    location: ProgressLocation.Notification,
    title: l10n.t('Verifying {0}', model.id),
    cancellable: true,
  }, async (progress, token) => {
    let shown = 0;
    try {
      return await client.verifyModel(model.id, percentage => {
        if (percentage === undefined || percentage <= shown) return;
        progress.report({ increment: percentage - shown, message: `${percentage} %` });
        shown = percentage;
      }, token);
    } catch (error) {
      if (token.isCancellationRequested && toFailure(error, l10n.t).kind === 'cancelled') return undefined;
      throw error;
    }
  });
  if (found !== undefined) tell(model, found);
}

function tell({ id, origin }: ModelInfo, { files, damaged, missing, unknown }: VerifyModelResult): void {
  const bad = [...damaged, ...missing];
  if (bad.length === 0) {
    const rest = unknown === 0
      ? ''
      : ` ${l10n.t('For {0} of them, no hash is known, so only their presence was checked.', unknown)}`;
    void window.showInformationMessage(l10n.t('{0}: all {1} files are as they should be.', id, files) + rest);
    return;
  }
  const cure = origin === 'downloaded'
    ? l10n.t('Remove the model and download it again.')
    : l10n.t('Get the files again from where they came from.');
  const remove = l10n.t('Remove Model…');
  void window.showWarningMessage(
    `${
      l10n.t('{0}: {1} of {2} files are damaged or missing. The first: {3}.', id, bad.length, files, bad[0] ?? '')
    } ${cure}`,
    ...(origin === 'downloaded' ? [remove] : []),
  ).then(choice => {
    if (choice === remove) void commands.executeCommand(commandIds.removeModel, id);
  });
}
