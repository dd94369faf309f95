import { l10n } from 'vscode';
import type { QuickPickItem } from 'vscode';
import type { ResultSet } from '../../../../paligemma/src/results/resultSet';
import { setName } from './resultsWords';

/** A run as a line of a pick list. */
export function setItem(set: ResultSet): QuickPickItem {
  const failed = set.inState('failed').length;
  const done = set.inState('answered', 'empty').length;
  return {
    label: setName(set, l10n.t),
    description: set.order.title,
    detail: [
      l10n.t('{0} of {1} pictures are done', done, set.size),
      ...(failed === 0 ? [] : [l10n.t('{0} failed', failed)]),
    ].join(', '),
  };
}
