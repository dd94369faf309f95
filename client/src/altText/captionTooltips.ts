/** Known captions in the Explorer: the tooltip of a picture tells its caption. */
import { EventEmitter, FileDecoration } from 'vscode';
import type { CancellationToken, Disposable, Uri } from 'vscode';
import { imageCaption } from '../../../server/src/contract/imageLinks';
import { isImagePath } from '../../../paligemma/src/pictureTypes';
import type { ServerClient } from '../connection/languageClient';
import { tooltipOf } from './tooltipText';
import { window } from '../common/window';

/** `isOn`: the setting `paligemma.inlineCaptions`. `isRunning`: a tooltip is no reason to start the server. */
export function registerCaptionTooltips(
  client: ServerClient,
  isOn: () => boolean,
  isRunning: () => boolean,
): Disposable {
  const changed = new EventEmitter<undefined>();
  let last = '';
  const status = client.onDidChangeStatus(({ state }) => {
    // A run has ended, so more may be known.
    if (state === 'ready' && last !== 'ready') changed.fire(undefined);
    last = state;
  });
  const provider = window.registerFileDecorationProvider({
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration: (uri, token) =>
      uri.scheme === 'file' && isImagePath(uri.path) && isOn() && isRunning()
        ? decorate(uri, token, client)
        : undefined,
  });
  return {
    dispose: () =>
      [status, provider, changed].forEach(each => {
        each.dispose();
      }),
  };
}

async function decorate(uri: Uri, token: CancellationToken, client: ServerClient): Promise<FileDecoration | undefined> {
  try {
    const server = await client.start();
    const caption = await server.sendRequest(imageCaption, { imageUri: uri.toString() }, token);
    return caption === null ? undefined : new FileDecoration(undefined, tooltipOf(caption));
  } catch {
    // Cancelled, or the server is ending: the name alone is shown.
    return undefined;
  }
}
