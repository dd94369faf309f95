import { randomBytes } from 'node:crypto';
import { Uri, env } from 'vscode';
import type { Webview } from 'vscode';

/** Page shell only: answers never enter it as text, so nothing in it needs escaping. */
export function resultsHtml(webview: Webview, assets: Uri): string {
  const nonce = randomBytes(16).toString('base64url');
  const asset = (name: string) => webview.asWebviewUri(Uri.joinPath(assets, name)).toString();
  // `data:` is for small copies of pictures and for masks, which come inside the messages.
  const policy = `default-src 'none'; img-src data:; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${/^[\w-]+$/.test(env.language) ? env.language : 'en'}"><head><meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${asset('results.css')}"></head>
<body><script nonce="${nonce}" src="${asset('results.js')}"></script></body></html>`;
}
