/**
 * Reads a picture from the clipboard of the machine in front of the person: a page can, in the desktop, in a browser
 * and in remote windows.
 */
import type { FromClipboardPage, ToClipboardPage } from '../../client/src/contract/clipboard';

/** What the editor gives to the pages of extensions. */
declare function acquireVsCodeApi(): { postMessage(message: FromClipboardPage): void };

/** A page may read the clipboard only while it has the focus; it is waited for so long, milliseconds. */
const FOCUS_LIMIT_MS = 2_000;

const vscode = acquireVsCodeApi();

window.addEventListener('message', ({ data }: MessageEvent<ToClipboardPage>) => {
  document.title = data.title;
  void focused().then(readOrAsk);

  async function readOrAsk(): Promise<void> {
    // Where the browser refuses, a key or a click of the person's own is allowed to.
    if (!await read()) ask(data);
  }
});
window.addEventListener('paste', event => {
  const file = [...event.clipboardData?.files ?? []].find(({ type }) => type.startsWith('image/'));
  if (file === undefined) vscode.postMessage({ type: 'noImage' });
  else void send(file);
});
vscode.postMessage({ type: 'ready' });

/** False where reading is not allowed. */
async function read(): Promise<boolean> {
  try {
    for (const item of await navigator.clipboard.read()) {
      const mimeType = item.types.find(type => type.startsWith('image/'));
      if (mimeType === undefined) continue;
      await send(await item.getType(mimeType));
      return true;
    }
  } catch {
    return false;
  }
  vscode.postMessage({ type: 'noImage' });
  return true;
}

async function send(picture: Blob): Promise<void> {
  vscode.postMessage({ type: 'image', mimeType: picture.type, bytes: await picture.arrayBuffer() });
}

function ask({ instruction, button }: ToClipboardPage): void {
  const text = document.createElement('p');
  text.id = 'instruction';
  text.textContent = instruction;
  const paste = document.createElement('button');
  paste.textContent = button;
  // The button takes the focus, so the instruction is read with it.
  paste.setAttribute('aria-describedby', text.id);
  paste.addEventListener('click', () => void read());
  const main = document.createElement('main');
  main.append(text, paste);
  document.body.replaceChildren(main);
  paste.focus();
}

function focused(): Promise<void> {
  if (document.hasFocus()) return Promise.resolve();
  return new Promise(resolve => {
    const limit = setTimeout(resolve, FOCUS_LIMIT_MS);
    window.addEventListener('focus', () => {
      clearTimeout(limit);
      resolve();
    }, { once: true });
  });
}
