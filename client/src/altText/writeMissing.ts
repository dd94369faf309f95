/**
 * Writes missing alt text: of the document in front, or of every document in the workspace folders. The server does the
 * work.
 */
import { commands, l10n } from 'vscode';
import {
  WRITE_MISSING_ALT_TEXT,
  WRITE_MISSING_IN_WORKSPACE,
  imageLinkLanguages,
  type WriteMissingArguments,
} from '../../../server/src/contract/imageLinks';
import type { ServerClient } from '../connection/languageClient';
import { isTrustedOrAsk } from '../common/trust';
import { window } from '../common/window';

export async function writeMissingInFile(client: ServerClient): Promise<void> {
  if (!isTrustedOrAsk()) return;
  const document = window.activeTextEditor?.document;
  if (document === undefined || !imageLinkLanguages.includes(document.languageId)) {
    void window.showInformationMessage(
      l10n.t('Open a Markdown, HTML, or other document with images first, then write their missing alt text.'),
    );
    return;
  }
  const args: WriteMissingArguments = { uri: document.uri.toString() };
  await execute(client, WRITE_MISSING_ALT_TEXT, args);
}

export async function writeMissingInWorkspace(client: ServerClient): Promise<void> {
  if (isTrustedOrAsk()) await execute(client, WRITE_MISSING_IN_WORKSPACE);
}

/** As the light bulb does it: by the command of the server, which the editor knows once that has started. */
async function execute(client: ServerClient, command: string, ...args: unknown[]): Promise<void> {
  await client.start();
  await commands.executeCommand(command, ...args);
}
