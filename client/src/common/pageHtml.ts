import { randomBytes } from 'node:crypto';
import { Uri, env } from 'vscode';
import type { Webview } from 'vscode';

/** The folder of the pages' own scripts and styles. */
export function pageAssets(extensionUri: Uri): Uri {
  return Uri.joinPath(extensionUri, 'dist', 'media');
}

/**
 * The shell of a page: nothing of a person, a file or a model ever enters it as text, so nothing in it needs escaping.
 * @param name Of the page's script and style in {@link pageAssets}.
 * @param pictures Where it may load them from: `data:` comes inside of messages, `own` also from its resource roots.
 */
export function pageHtml(
  webview: Webview,
  extensionUri: Uri,
  name: 'viewer' | 'results' | 'dataSet' | 'clipboard',
  pictures: 'own' | 'data' | 'none',
): string {
  const nonce = randomBytes(16).toString('base64url');
  const asset = (file: string) => webview.asWebviewUri(Uri.joinPath(pageAssets(extensionUri), file)).toString();
  const sources = { own: `img-src ${webview.cspSource} data:; `, data: 'img-src data:; ', none: '' }[pictures];
  const policy = `default-src 'none'; ${sources}style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${/^[\w-]+$/.test(env.language) ? env.language : 'en'}"><head><meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${asset(`${name}.css`)}"></head>
<body><script nonce="${nonce}" src="${asset(`${name}.js`)}"></script></body></html>`;
}
