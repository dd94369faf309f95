/**
 * Runs the prompts that the selections of a prompt file touch: the prompt under the cursor where nothing is selected.
 */
import { commands } from 'vscode';
import { RUN_PROMPTS_IN_LINES } from '../../../server/src/contract/protocol';
import { PROMPT_LANGUAGE_ID, type ServerClient } from '../connection/languageClient';
import { isTrustedOrAsk } from '../common/trust';
import { window } from '../common/window';

export async function runSelection(client: ServerClient): Promise<void> {
  const editor = window.activeTextEditor;
  if (editor?.document.languageId !== PROMPT_LANGUAGE_ID || !isTrustedOrAsk()) return;
  const { document, selections } = editor;
  await client.start();
  // The language client has registered the server's command under its own name.
  for (const { start, end } of selections) {
    await commands.executeCommand(RUN_PROMPTS_IN_LINES, {
      uri: document.uri.toString(),
      line: start.line,
      endLine: end.line,
    });
  }
}
