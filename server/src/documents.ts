/** Open prompt files and what they mean, kept up to date edit by edit. */
import type { Connection } from 'vscode-languageserver/node';
import { changeDocument, createDocument, type PromptDocument } from './language/document';
import type { PositionEncoding } from './language/encoding';

export const PROMPT_LANGUAGE_ID = 'paligemma';

export class Documents {
  private readonly open = new Map<string, PromptDocument>();

  /** Last known reading of an open prompt file; undefined for anything else. */
  parsed(uri: string): PromptDocument | undefined {
    return this.open.get(uri);
  }

  all(): Iterable<PromptDocument> {
    return this.open.values();
  }

  /** Follows the client. `onDidChange` is called with each new reading, and with undefined when a file is closed. */
  listen(connection: Connection, encoding: () => PositionEncoding, onDidChange: (uri: string, document: PromptDocument | undefined) => void): void {
    const update = (document: PromptDocument) => {
      this.open.set(document.uri, document);
      onDidChange(document.uri, document);
    };
    connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
      if (languageId === PROMPT_LANGUAGE_ID) update(createDocument(uri, version, text));
    });
    connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
      const document = this.open.get(uri);
      if (document !== undefined) update(changeDocument(document, contentChanges, version, encoding()));
    });
    connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
      if (this.open.delete(uri)) onDidChange(uri, undefined);
    });
  }
}
