/**
 * The picture on the clipboard. An extension has no access to it, and on a remote machine it would be the wrong one; a
 * page of the editor has, wherever the editor itself runs.
 */
import { ViewColumn, l10n } from 'vscode';
import type { Uri } from 'vscode';
import { pageAssets, pageHtml } from '../common/pageHtml';
import type { ToClipboardPage } from '../contract/clipboard';
import { readFromClipboardPage } from '../viewer/viewerMessages';
import type { Picture } from './pictureReader';
import { window } from '../common/window';

export type ClipboardPicture = Extract<Picture, { readonly bytes: Uint8Array }> | 'none' | 'cancelled';

/** Opens a page for as long as reading takes; closing it cancels. */
export function readClipboardPicture(extensionUri: Uri): Promise<ClipboardPicture> {
  const panel = window.createWebviewPanel(
    'paligemma.clipboard',
    l10n.t('Picture on the Clipboard'),
    ViewColumn.Active,
    {
      enableScripts: true,
      localResourceRoots: [pageAssets(extensionUri)],
    },
  );
  return new Promise(resolve => {
    panel.onDidDispose(() => resolve('cancelled'));
    panel.webview.onDidReceiveMessage((sent: unknown) => {
      const message = readFromClipboardPage(sent);
      if (message === undefined) return;
      switch (message.type) {
        case 'ready':
          return void panel.webview.postMessage(
            {
              type: 'read',
              title: l10n.t('Picture on the Clipboard'),
              button: l10n.t('Paste'),
              instruction: l10n.t(
                'The browser does not allow the picture to be read automatically. Paste it here, or press the button.',
              ),
            } satisfies ToClipboardPage,
          );
        case 'image':
          resolve({ mimeType: message.mimeType, bytes: new Uint8Array(message.bytes) });
          break;
        case 'noImage':
          resolve('none');
          break;
      }
      panel.dispose();
    });
    panel.webview.html = pageHtml(panel.webview, extensionUri, 'clipboard', 'none');
  });
}
