/** Alt text that is there to be taken: the caption in grey, and several texts to choose from. */
import { commands, l10n } from 'vscode';
import type { Disposable, QuickPickItem } from 'vscode';
import {
  ACCEPT_CAPTION,
  SUGGEST_ALT_TEXT,
  USE_ALT_TEXT,
  type AcceptCaptionArguments,
  type AltTextSuggestions,
  type UseAltTextArguments,
} from '../../../server/src/contract/imageLinks';
import { isTrustedOrAsk } from '../common/trust';
import type { ServerClient } from '../connection/languageClient';
import { window } from '../common/window';

/** Writes the caption that stands in grey in the line of the cursor. */
export async function acceptCaption(client: ServerClient): Promise<void> {
  const editor = window.activeTextEditor;
  if (editor === undefined || !isTrustedOrAsk()) return;
  const { document, selection } = editor;
  const args: AcceptCaptionArguments = {
    uri: document.uri.toString(),
    offset: document.offsetAt(selection.active),
  };
  await client.start();
  await commands.executeCommand(ACCEPT_CAPTION, args);
}

/** Shows the texts that the server was asked for, and writes the one that is chosen. */
export function registerSuggestions(client: ServerClient): Disposable {
  return client.onDidExecute(({ command, result }) => {
    if (command !== SUGGEST_ALT_TEXT || result === null || result === undefined) return;
    void choose(result as AltTextSuggestions);
  });
}

async function choose({ texts, ...link }: AltTextSuggestions): Promise<void> {
  const items = texts.map((text): QuickPickItem & { readonly text: string } => ({ label: text, text }));
  const choice = await window.showQuickPick(items, {
    title: l10n.t('Alt Text'),
    placeHolder: l10n.t('The text that is written; it can be changed afterwards'),
    ignoreFocusOut: true,
  });
  if (choice === undefined) return;
  await commands.executeCommand(USE_ALT_TEXT, { ...link, text: choice.text } satisfies UseAltTextArguments);
}
