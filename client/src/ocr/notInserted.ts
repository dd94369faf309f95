import { env, l10n } from 'vscode';
import { window } from '../common/window';

/** What was read is not lost where its document is. Returns without waiting for an answer. */
export function tellNotInserted(text: string): void {
  const copy = l10n.t('Copy Text');
  void window.showWarningMessage(l10n.t('The text was read, but its document was closed or cannot be changed.'), copy)
    .then(choice => {
      if (choice === copy) void env.clipboard.writeText(text);
    });
}
