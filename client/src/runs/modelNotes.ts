/** What has to stand beside the answers of a model. */
import { l10n } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import type { ServerClient } from '../connection/languageClient';
import { modelNote } from './demoModel';

/** An answer is worth showing also where the list of models cannot be had. */
export async function noteOn(
  model: string,
  client: Pick<ServerClient, 'listModels'>,
  log: LogOutputChannel,
): Promise<string | undefined> {
  try {
    return modelNote(model, await client.listModels(), l10n.t);
  } catch (error) {
    log.warn(`client.run listing models: ${String(error)}`);
    return undefined;
  }
}
