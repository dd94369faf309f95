/** What is wrong with a line, as far as the list of lines tells it. */
import { l10n } from 'vscode';
import type { RowFinding } from '../../../datasets/src/edits/setRow';
import { readSetLine } from '../../../datasets/src/lines/setLine';

export function lineFaults(text: string): readonly RowFinding[] {
  return readSetLine(text).faults.map(({ kind }) => ({
    code: kind,
    severity: 'error',
    message: l10n.t('faulty line'),
  }));
}
