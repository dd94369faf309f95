/**
 * Open documents: prompt files with what they mean, kept up to date edit by edit; others are passed on as they come.
 */
import type { Connection } from 'vscode-languageserver/node';
import { changeDocument, createDocument, type PromptDocument } from '../../language/syntax/document';
import type { PositionEncoding } from '../../language/text/encoding';
import type { OtherLanguages } from '../documentKinds';

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

  get size(): number {
    return this.open.size;
  }

  /** Follows the client. `onDidChange` is called with each new reading, and with undefined when a file is closed. */
  listen(
    connection: Connection,
    encoding: () => PositionEncoding,
    onDidChange: (uri: string, document: PromptDocument | undefined) => void,
    other?: Pick<OtherLanguages, 'didOpen' | 'didChange' | 'didClose'>,
  ): void {
    const update = (document: PromptDocument) => {
      this.open.set(document.uri, document);
      onDidChange(document.uri, document);
    };
    connection.onDidOpenTextDocument(params => {
      const { uri, languageId, version, text } = params.textDocument;
      if (languageId === PROMPT_LANGUAGE_ID || /\.paligemma$/i.test(uri)) update(createDocument(uri, version, text));
      else other?.didOpen(params);
    });
    connection.onDidChangeTextDocument(params => {
      const { textDocument: { uri, version }, contentChanges } = params;
      const document = this.open.get(uri);
      if (document === undefined) other?.didChange(params);
      else update(changeDocument(document, contentChanges, version, encoding()));
    });
    connection.onDidCloseTextDocument(params => {
      const { uri } = params.textDocument;
      if (this.open.delete(uri)) onDidChange(uri, undefined);
      else other?.didClose(params);
    });
  }
}
