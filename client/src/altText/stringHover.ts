/** Hover over the path of a picture in a string of any language whose documents the server does not get. */
import { Hover, MarkdownString, Range, languages } from 'vscode';
import type { CancellationToken, Disposable, LogOutputChannel, Position, TextDocument } from 'vscode';
import { imageHover, imageLinkLanguages, imageNamedAt, RUN_ON_IMAGE } from '../../../server/src/contract/imageLinks';
import { PROMPT_LANGUAGE_ID, type ServerClient } from '../connection/languageClient';

const served = new Set<string>([...imageLinkLanguages, PROMPT_LANGUAGE_ID]);

export function registerStringHover(client: ServerClient, log: LogOutputChannel): Disposable {
  return languages.registerHoverProvider([{ scheme: 'file' }, { scheme: 'untitled' }], {
    provideHover: (document, position, token) =>
      served.has(document.languageId) ? undefined : hoverAt(document, position, token, client, log),
  });
}

async function hoverAt(
  document: TextDocument,
  position: Position,
  token: CancellationToken,
  client: ServerClient,
  log: LogOutputChannel,
): Promise<Hover | undefined> {
  // Looked at first: most hovers are over something else, and must not start the server.
  const named = imageNamedAt(document.lineAt(position.line).text, position.character);
  if (named === undefined) return undefined;
  try {
    const server = await client.start();
    const known = await server.sendRequest(
      imageHover,
      { documentUri: document.uri.toString(), target: named.target },
      token,
    );
    if (known === null) return undefined;
    const text = new MarkdownString(known.markdown);
    text.isTrusted = { enabledCommands: [RUN_ON_IMAGE] };
    return new Hover(text, new Range(position.line, named.start, position.line, named.end));
  } catch (error) {
    if (!token.isCancellationRequested) log.warn(`client.hover ${document.uri.path}: ${String(error)}`);
    return undefined;
  }
}
