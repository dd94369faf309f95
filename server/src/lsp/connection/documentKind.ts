/** A kind of document that the server looks after: what it answers, and what it is told of. */
import {
  CodeActionRequest,
  CodeLensRequest,
  CompletionRequest,
  DocumentDiagnosticRequest,
  DocumentFormattingRequest,
  DocumentHighlightRequest,
  DocumentLinkRequest,
  DocumentRangeFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  InlayHintRequest,
  PrepareRenameRequest,
  RenameRequest,
  SelectionRangeRequest,
  SemanticTokensDeltaRequest,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
  SignatureHelpRequest,
  type CancellationToken,
  type CodeAction,
  type CodeActionParams,
  type CodeLens,
  type CodeLensParams,
  type CompletionItem,
  type CompletionList,
  type CompletionParams,
  type DidChangeTextDocumentParams,
  type DidCloseTextDocumentParams,
  type DidOpenTextDocumentParams,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
  type DocumentFormattingParams,
  type DocumentHighlight,
  type DocumentHighlightParams,
  type DocumentLink,
  type DocumentLinkParams,
  type DocumentRangeFormattingParams,
  type DocumentSymbol,
  type DocumentSymbolParams,
  type FileRename,
  type FoldingRange,
  type FoldingRangeParams,
  type Hover,
  type HoverParams,
  type InlayHint,
  type InlayHintParams,
  type PrepareRenameParams,
  type Range,
  type RenameParams,
  type RequestType,
  type SelectionRange,
  type SelectionRangeParams,
  type SemanticTokens,
  type SemanticTokensDelta,
  type SemanticTokensDeltaParams,
  type SemanticTokensParams,
  type SemanticTokensRangeParams,
  type SignatureHelp,
  type SignatureHelpParams,
  type SymbolInformation,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import type { RunResult } from '../../../../paligemma/src/runResult';
import type { ImagesAtParams, ImagesAtResult } from '../../contract/imageLinks';
import type { Commands } from './commands';
import type { DocumentEdits } from './workspaceEdits';

/** Null: nothing to tell. */
export type Answer<R> = R | null | Promise<R | null>;

/**
 * What a kind may answer about its open documents, in the client's units. What is not there is answered with nothing.
 * @throws Failure, CancelledError
 */
export interface DocumentFeatures {
  completion?(params: CompletionParams, token: CancellationToken): Answer<CompletionList>;
  hover?(params: HoverParams, token: CancellationToken): Answer<Hover>;
  signatureHelp?(params: SignatureHelpParams, token: CancellationToken): Answer<SignatureHelp>;
  codeLenses?(params: CodeLensParams, token: CancellationToken): Answer<CodeLens[]>;
  inlayHints?(params: InlayHintParams, token: CancellationToken): Answer<InlayHint[]>;
  codeActions?(params: CodeActionParams, token: CancellationToken): Answer<CodeAction[]>;
  documentSymbols?(
    params: DocumentSymbolParams,
    token: CancellationToken,
  ): Answer<DocumentSymbol[] | SymbolInformation[]>;
  foldingRanges?(params: FoldingRangeParams, token: CancellationToken): Answer<FoldingRange[]>;
  documentLinks?(params: DocumentLinkParams, token: CancellationToken): Answer<DocumentLink[]>;
  documentHighlights?(params: DocumentHighlightParams, token: CancellationToken): Answer<DocumentHighlight[]>;
  prepareRename?(params: PrepareRenameParams, token: CancellationToken): Answer<Range>;
  rename?(params: RenameParams, token: CancellationToken): Answer<WorkspaceEdit>;
  formatting?(params: DocumentFormattingParams, token: CancellationToken): Answer<TextEdit[]>;
  rangeFormatting?(params: DocumentRangeFormattingParams, token: CancellationToken): Answer<TextEdit[]>;
  selectionRanges?(params: SelectionRangeParams, token: CancellationToken): Answer<SelectionRange[]>;
  semanticTokens?(params: SemanticTokensParams, token: CancellationToken): Answer<SemanticTokens>;
  semanticTokensDelta?(
    params: SemanticTokensDeltaParams,
    token: CancellationToken,
  ): Answer<SemanticTokens | SemanticTokensDelta>;
  semanticTokensRange?(params: SemanticTokensRangeParams, token: CancellationToken): Answer<SemanticTokens>;
  diagnostics?(params: DocumentDiagnosticParams, token: CancellationToken): Answer<DocumentDiagnosticReport>;
}

export type FeatureName = keyof DocumentFeatures;

/** Of every request about a document. */
export interface InDocument {
  readonly textDocument: { readonly uri: string };
}

/** The request that asks for each feature. */
export const featureRequests: Readonly<Record<FeatureName, RequestType<InDocument, unknown, unknown>>> = {
  completion: CompletionRequest.type,
  hover: HoverRequest.type,
  signatureHelp: SignatureHelpRequest.type,
  codeLenses: CodeLensRequest.type,
  inlayHints: InlayHintRequest.type,
  codeActions: CodeActionRequest.type,
  documentSymbols: DocumentSymbolRequest.type,
  foldingRanges: FoldingRangeRequest.type,
  documentLinks: DocumentLinkRequest.type,
  documentHighlights: DocumentHighlightRequest.type,
  prepareRename: PrepareRenameRequest.type,
  rename: RenameRequest.type,
  formatting: DocumentFormattingRequest.type,
  rangeFormatting: DocumentRangeFormattingRequest.type,
  selectionRanges: SelectionRangeRequest.type,
  semanticTokens: SemanticTokensRequest.type,
  semanticTokensDelta: SemanticTokensDeltaRequest.type,
  semanticTokensRange: SemanticTokensRangeRequest.type,
  diagnostics: DocumentDiagnosticRequest.type,
};

/** Everything is told of documents of the kind only, but for what concerns the whole workspace. */
export interface DocumentKind {
  /** Asked when a document is opened: the first kind that says yes has it until it is closed. */
  accepts(languageId: string, uri: string): boolean;
  didOpen(params: DidOpenTextDocumentParams): void;
  didChange(params: DidChangeTextDocumentParams): void;
  didClose(params: DidCloseTextDocumentParams): void;
  readonly features: DocumentFeatures;
  readonly commands: Commands;
  /** What the client may ask code actions for. */
  readonly codeActionKinds: readonly string[];
  /** Characters after which a client asks for completion by itself. */
  readonly completionTriggers: readonly string[];
  /** Items do not say where they come from: undefined for those of another kind. */
  resolveCompletion?(item: CompletionItem, token: CancellationToken): Promise<CompletionItem | undefined>;
  /** Lenses neither: undefined for those of another kind. */
  resolveCodeLens?(lens: CodeLens): CodeLens | undefined;
  /** The pictures that a place in a document means; undefined where the kind does not know. */
  imagesAt?(place: ImagesAtParams, token: CancellationToken): Promise<ImagesAtResult> | undefined;
  /** What has to change where files and folders are about to be renamed, in closed documents too. */
  editsForRenames?(renames: readonly FileRename[]): Promise<readonly DocumentEdits[]>;
  /** Files of the workspace were written, made, removed or renamed. */
  filesChanged?(): void;
  /** A run is done, whoever asked for it. */
  runDone?(result: RunResult): void;
  /** Called once, after `initialized`, while the settings are being read. Never rejects. */
  start?(): Promise<void>;
}
