import type { LogOutputChannel } from 'vscode';
import { window } from './window';

/** The one log of the extension, shared with the language client, which adds the records of server and model host. */
export function createLog(): LogOutputChannel {
  return window.createOutputChannel('PaliGemma 2', { log: true });
}
