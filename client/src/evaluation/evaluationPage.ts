import { ViewColumn, l10n } from 'vscode';
import type { EvaluateResult } from '../../../server/src/contract/evaluation';
import { window } from '../common/window';

/** Of the page, for the editor's own lists. */
const VIEW_TYPE = 'paligemma.evaluation';

/**
 * Shows the report of an evaluation. The page brings its own policy: it loads nothing, and runs the one script whose
 * hash it names. @param name Of the data set.
 */
export function showEvaluation(name: string, { page, summary: { left } }: EvaluateResult): void {
  const panel = window.createWebviewPanel(VIEW_TYPE, l10n.t('Evaluation of {0}', name), ViewColumn.Active, {
    enableScripts: true,
    enableFindWidget: true,
    localResourceRoots: [],
    retainContextWhenHidden: true,
  });
  panel.webview.html = page;
  if (left > 0) {
    void window.showWarningMessage(
      left === 1
        ? l10n.t('1 line of {0} could not be evaluated.', name)
        : l10n.t('{0} lines of {1} could not be evaluated.', left, name),
    );
  }
}
