/**
 * Who looks after documents that are no prompt files. A connection takes one listener for each kind of message, so all
 * of them come through here.
 */
import type {
  CancellationToken,
  CodeAction,
  CodeActionParams,
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
  Hover,
  HoverParams,
  InlayHint,
  InlayHintParams,
  WorkspaceFolder,
} from 'vscode-languageserver/node';

/** Parts of it are given in `server.ts`; what is not there is answered with nothing. */
export interface OtherLanguages {
  foldersChanged(folders: readonly WorkspaceFolder[]): void;
  didOpen(params: DidOpenTextDocumentParams): void;
  didChange(params: DidChangeTextDocumentParams): void;
  didClose(params: DidCloseTextDocumentParams): void;
  hover(params: HoverParams, token: CancellationToken): Promise<Hover | null>;
  /** What is known of a picture, as Markdown; undefined where it is not on this machine. @throws CancelledError */
  pictureHelp(imageUri: string, token: CancellationToken): Promise<string | undefined>;
  codeActions(params: CodeActionParams, token: CancellationToken): Promise<CodeAction[]>;
  inlayHints(params: InlayHintParams, token: CancellationToken): Promise<InlayHint[]>;
}
