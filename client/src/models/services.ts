import type { LogOutputChannel, Uri } from 'vscode';
import type { ServerClient } from '../connection/languageClient';
import type { Secrets } from './secrets';

/** What the commands about models share. */
export interface ModelServices {
  readonly client: ServerClient;
  readonly log: LogOutputChannel;
  readonly secrets: Secrets;
  readonly extensionUri: Uri;
}
