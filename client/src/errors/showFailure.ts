import { commands, l10n } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { commandIds } from '../common/commandIds';
import { failureNotice } from './failure';
import type { ShownFailure, FailureAction } from './failure';
import { window } from '../common/window';

/**
 * Tells the person of a failure once, with what cures it; returns without waiting for an answer. The log keeps the
 * details.
 */
export function showFailure(failure: ShownFailure, log: LogOutputChannel, cause?: unknown): void {
  logFailure(failure, log, cause);
  const notice = failureNotice(failure, l10n.t);
  if (notice === undefined) return;
  const titles = new Map(notice.actions.map(action => [actionTitle(action), action]));
  void window.showErrorMessage(notice.message, ...titles.keys()).then(title => {
    const action = title === undefined ? undefined : titles.get(title);
    if (action !== undefined) {
      void commands.executeCommand(action === 'openLog' ? commandIds.showLog : commandIds.chooseModel);
    }
  });
}

/** For a failure that the person is told of elsewhere. */
export function logFailure(failure: ShownFailure, log: LogOutputChannel, cause: unknown): void {
  const line = `client.run ${failure.kind}${
    failure.reason === undefined ? '' : ` ${failure.reason}`
  }: ${failure.message}`;
  if (failure.kind === 'cancelled') log.trace(line);
  else if (failure.kind === 'internal' && cause instanceof Error) log.error(cause, line);
  else if (failure.kind === 'user') log.warn(line);
  else log.error(line);
}

function actionTitle(action: FailureAction): string {
  switch (action) {
    case 'openLog':
      return l10n.t('Open Log');
    case 'chooseModel':
      return l10n.t('Choose Model');
  }
}
