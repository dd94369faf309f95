/** Open prompt files with what they mean, kept up to date edit by edit. */
import type {
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
} from 'vscode-languageserver/node';
import { changeDocument, createDocument, type PromptDocument } from '../../language/syntax/document';
import type { PositionEncoding } from '../../language/text/encoding';

export const PROMPT_LANGUAGE_ID = 'paligemma';

export function isPromptFile(languageId: string, uri: string): boolean {
  return languageId === PROMPT_LANGUAGE_ID || /\.paligemma$/i.test(uri);
}

export class Documents {
  private readonly open = new Map<string, PromptDocument>();

  constructor(private readonly encoding: () => PositionEncoding) {}

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

  /** @returns the new reading. */
  didOpen({ textDocument: { uri, version, text } }: DidOpenTextDocumentParams): PromptDocument {
    return this.update(createDocument(uri, version, text));
  }

  /** @returns the new reading; undefined for a document that is not open. */
  didChange(
    { textDocument: { uri, version }, contentChanges }: DidChangeTextDocumentParams,
  ): PromptDocument | undefined {
    const document = this.open.get(uri);
    return document === undefined
      ? undefined
      : this.update(changeDocument(document, contentChanges, version, this.encoding()));
  }

  didClose({ textDocument: { uri } }: DidCloseTextDocumentParams): void {
    this.open.delete(uri);
  }

  private update(document: PromptDocument): PromptDocument {
    this.open.set(document.uri, document);
    return document;
  }
}
