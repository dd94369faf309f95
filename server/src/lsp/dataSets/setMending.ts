/** Mends what is certain through a whole open data set, in short pieces. */
import * as l10n from '@vscode/l10n';
import type { CancellationToken, TextEdit } from 'vscode-languageserver/node';
import { lineFindings } from '../../../../datasets/src/findings/lineFindings';
import { isRecord } from '../../../../paligemma/src/checks';
import { Failure } from '../../../../paligemma/src/failures';
import { MEND_SET } from '../../contract/dataSets';
import { mendEdit } from '../../language/dataSets/setActions';
import { findingsOf } from '../../language/dataSets/setDiagnostics';
import { LONGEST_LINE, type SetDocument } from '../../language/dataSets/setDocument';
import { CancelledError, throwIfCancelled } from '../../util/cancellation';
import { Slices } from '../../util/slices';
import type { Client } from '../connection/client';
import type { Commands } from '../connection/commands';
import { workspaceEdit } from '../connection/workspaceEdits';
import type { OpenSets } from './openSets';

export class SetMending {
  readonly commands: Commands;

  constructor(private readonly client: Client, private readonly sets: OpenSets) {
    this.commands = { [MEND_SET]: (argument, token) => this.mend(argument, token) };
  }

  /**
   * One edit for each line with something to mend.
   * @throws CancelledError, also where the text is changed meanwhile.
   */
  async edits(
    document: SetDocument,
    isMeant: (code: string) => boolean,
    token: CancellationToken,
  ): Promise<TextEdit[]> {
    const { version } = document;
    const edits: TextEdit[] = [];
    const slices = new Slices();
    for (const [number, line] of document.lines.entries()) {
      const { verdict } = line;
      const findings = verdict?.own !== undefined
        ? findingsOf(verdict)
        : line.text === '' || line.text.length > LONGEST_LINE || verdict?.amount === 0
        ? []
        : lineFindings(line.text, {}, document.readOnce(line));
      const edit = mendEdit(number, line.text, findings, isMeant);
      if (edit !== undefined) edits.push(edit);
      if (!slices.isOver) continue;
      await slices.turn();
      throwIfCancelled(token);
      if (document.version !== version) throw new CancelledError();
    }
    return edits;
  }

  private async mend(argument: unknown, token: CancellationToken): Promise<{ readonly lines: number }> {
    const { uri, code } = isRecord(argument) ? argument : {};
    const document = typeof uri === 'string' ? this.sets.dataSet(uri) : undefined;
    if (document === undefined || typeof code !== 'string') {
      throw new Failure(
        'badArgument',
        l10n.t('The command needs an argument { uri, code }: an open data set, and the code of a finding.'),
      );
    }
    const { abilities, connection } = this.client;
    if (!abilities.appliesEdits) {
      throw new Failure(
        'editRefused',
        l10n.t('This editor accepts no edits from the server. Use “paligemma data check --fix” on the file instead.'),
      );
    }
    const edits = await this.edits(document, each => each === code, token);
    if (edits.length === 0) return { lines: 0 };
    const { applied, failureReason } = await connection.workspace.applyEdit({
      label: l10n.t('Mend the data set'),
      edit: workspaceEdit([{ document, edits, isOpen: true }], abilities),
    });
    if (!applied) {
      throw new Failure(
        'editRefused',
        failureReason === undefined
          ? l10n.t('The editor did not accept the edit. Try again.')
          : l10n.t('The editor did not accept the edit ({0}). Try again.', failureReason),
      );
    }
    return { lines: edits.length };
  }
}
