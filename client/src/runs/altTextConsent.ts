/** Alt text of a person's own pictures comes from a model of theirs, as every other answer does. */
import type { Uri } from 'vscode';
import { workspace } from 'vscode';
import { altTextCommands, type WriteAltTextArguments } from '../../../server/src/contract/imageLinks';
import type { ServerClient } from '../connection/languageClient';
import type { DemoConsent } from './demoConsent';

/** Whether a command of the server may run. @throws what kept the language server from answering. */
export async function mayWriteAltText(
  command: string,
  args: readonly unknown[],
  { client, consent }: { readonly client: ServerClient; readonly consent: DemoConsent },
): Promise<boolean> {
  return !altTextCommands.includes(command) || await consent.isGiven(await picturesOf(args[0], client));
}

/** Of one link; undefined where the command is about a whole document or more. */
async function picturesOf(argument: unknown, client: ServerClient): Promise<readonly Uri[] | undefined> {
  const { uri, offset } = (argument ?? {}) as { readonly [K in keyof WriteAltTextArguments]?: unknown };
  const document = workspace.textDocuments.find(open => open.uri.toString() === uri);
  if (document === undefined || typeof offset !== 'number') return undefined;
  const { line, character } = document.positionAt(offset);
  const images = await client.imagesAt({ documentUri: document.uri.toString(), line, character });
  return images.length === 0 ? undefined : images;
}
