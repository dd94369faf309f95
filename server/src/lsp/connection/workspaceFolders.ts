/** The folders that are open in the client, as it last told them. */
import {
  DidChangeWorkspaceFoldersNotification,
  type Connection,
  type InitializeParams,
} from 'vscode-languageserver/node';
import { Listeners } from '../../util/listeners';
import { pathOfUri } from '../../workspace/filePaths';

export class WorkspaceFolders {
  private open: readonly string[] = [];
  private readonly listeners = new Listeners<void>();

  constructor(private readonly connection: Connection) {}

  get uris(): readonly string[] {
    return this.open;
  }

  /** Those on this machine. */
  get paths(): readonly string[] {
    return this.open.flatMap(uri => pathOfUri(uri) ?? []);
  }

  onDidChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  initialize({ workspaceFolders, rootUri }: Pick<InitializeParams, 'workspaceFolders' | 'rootUri'>): void {
    this.open = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri === null ? [] : [rootUri]);
  }

  /** Call before the connection listens. */
  listen(): void {
    this.connection.onNotification(
      DidChangeWorkspaceFoldersNotification.type,
      ({ event: { added, removed } }) => {
        const gone = new Set(removed.map(({ uri }) => uri));
        this.open = [...this.open.filter(uri => !gone.has(uri)), ...added.map(({ uri }) => uri)];
        this.listeners.fire();
      },
    );
  }
}
