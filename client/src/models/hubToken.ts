/** Asks for the access token of Hugging Face, and forgets it. */
import { l10n } from 'vscode';
import type { Secrets } from './secrets';
import { window } from '../common/window';

/** @returns whether a token was given and kept. */
export async function enterHubToken(secrets: Secrets): Promise<boolean> {
  const token = await window.showInputBox({
    title: l10n.t('Hugging Face Access Token'),
    password: true,
    ignoreFocusOut: true,
    prompt: l10n.t(
      'Create one of the type “Read” at huggingface.co/settings/tokens. It is kept in the editor’s secret storage.',
    ),
    placeHolder: 'hf_…',
    validateInput: value => value.trim() === '' ? l10n.t('Paste the token, or press Escape.') : undefined,
  });
  if (token === undefined) return false;
  await secrets.keepHubToken(token);
  return true;
}

export async function setHubToken(secrets: Secrets): Promise<void> {
  if (await enterHubToken(secrets)) {
    void window.showInformationMessage(l10n.t('The token is kept and is used for downloads from now on.'));
  }
}

export async function forgetHubToken(secrets: Secrets): Promise<void> {
  const wasThere = await secrets.forgetHubToken();
  void window.showInformationMessage(
    wasThere ? l10n.t('The Hugging Face token was forgotten.') : l10n.t('No Hugging Face token was stored here.'),
  );
}
