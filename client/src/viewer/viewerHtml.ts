import { randomBytes } from 'node:crypto';
import { Uri, env } from 'vscode';
import type { Webview } from 'vscode';

/** Page shell only: results never enter it as text, so nothing in it needs escaping. */
export function viewerHtml(webview: Webview, extensionUri: Uri): string {
  const nonce = randomBytes(16).toString('base64url');
  const asset = (name: string) => webview.asWebviewUri(Uri.joinPath(viewerAssets(extensionUri), name)).toString();
  const own = webview.cspSource;
  // `data:` is for masks, which come as PNGs inside the messages.
  const policy = `default-src 'none'; img-src ${own} data:; style-src ${own}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${/^[\w-]+$/.test(env.language) ? env.language : 'en'}"><head><meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${asset('viewer.css')}"></head>
<body><script nonce="${nonce}" src="${asset('viewer.js')}"></script></body></html>`;
}

/** The folder of the webview's own script and style. */
export function viewerAssets(extensionUri: Uri): Uri {
  return Uri.joinPath(extensionUri, 'dist', 'media');
}
