import { commands, l10n, workspace } from 'vscode';
import { window } from './window';

/** True in a trusted workspace. Else the person is told why nothing runs; returns without waiting for an answer. */
export function isTrustedOrAsk(): boolean {
  if (workspace.isTrusted) return true;
  const manage = l10n.t('Manage Workspace Trust');
  void window.showWarningMessage(
    l10n.t('PaliGemma 2 runs models in trusted workspaces only. Trust this workspace to use it on its pictures.'),
    manage,
  ).then(choice => {
    if (choice === manage) void commands.executeCommand('workbench.trust.manage');
  });
  return false;
}
