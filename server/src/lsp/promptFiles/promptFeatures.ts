/** Where LSP methods meet the functions of the prompt language: one method for each feature. */
import type {
  CancellationToken,
  CodeAction,
  CodeActionParams,
  CodeLens,
  CodeLensParams,
  CompletionItem,
  CompletionList,
  CompletionParams,
  Diagnostic,
  DocumentDiagnosticParams,
  DocumentDiagnosticReport,
  DocumentFormattingParams,
  DocumentLink,
  DocumentLinkParams,
  DocumentRangeFormattingParams,
  DocumentSymbol,
  DocumentSymbolParams,
  FoldingRange,
  FoldingRangeParams,
  Hover,
  HoverParams,
  InlayHint,
  InlayHintParams,
  Position,
  Range,
  SelectionRange,
  SelectionRangeParams,
  SemanticTokens,
  SemanticTokensDelta,
  SemanticTokensDeltaParams,
  SemanticTokensParams,
  SemanticTokensRangeParams,
  SignatureHelp,
  SignatureHelpParams,
  SymbolInformation,
  TextEdit,
} from 'vscode-languageserver/node';
import { codeActions } from '../../language/features/codeActions';
import { codeLenses } from '../../language/features/codeLenses';
import { completePrompt, imageOfCompletion, resolveCompletion } from '../../language/features/completion';
import { documentLinks } from '../../language/features/documentLinks';
import { documentSymbols } from '../../language/features/documentSymbols';
import { foldingRanges } from '../../language/features/folding';
import { formatDocument } from '../../language/features/formatting';
import { promptHover } from '../../language/features/hover';
import { imageItemAt, pictureOfItem } from '../../language/features/hoverImages';
import { inlayHints } from '../../language/features/inlayHints';
import { selectionRanges } from '../../language/features/selectionRanges';
import { signatureHelp } from '../../language/features/signatureHelp';
import type { LanguageContext } from '../../language/knowledge/context';
import { spanRange, type PromptDocument } from '../../language/syntax/document';
import { encodePositions, toUtf16 } from '../../language/text/encoding';
import { markup } from '../../language/text/markdown';
import { throwIfCancelled } from '../../util/cancellation';
import type { Client } from '../connection/client';
import type { Answer, DocumentFeatures, InDocument } from '../connection/documentKind';
import type { PictureHelp } from '../pictures/pictureHelp';
import type { DiagnosticsFeed } from './diagnosticsFeed';
import type { Documents } from './documents';
import type { Preparation } from './preparation';
import type { TokenDeltas } from './tokenDeltas';

export interface PromptFeatureParts {
  readonly client: Client;
  readonly documents: Documents;
  readonly context: LanguageContext;
  readonly diagnostics: DiagnosticsFeed;
  readonly tokens: TokenDeltas;
  readonly preparation: Preparation;
  readonly pictures: PictureHelp;
}

/** A document with the positions of one request in it. */
interface Place {
  readonly document: PromptDocument;
  readonly at: (position: Position) => Position;
  readonly in: (range: Range) => Range;
}

export class PromptFeatures implements DocumentFeatures {
  constructor(private readonly parts: PromptFeatureParts) {}

  completion(params: CompletionParams, token: CancellationToken): Answer<CompletionList> {
    const { context, preparation } = this.parts;
    return this.answer(params, token, async place => {
      await preparation.ofCompletion(place.document, place.at(params.position));
      return completePrompt(this.current(place.document), place.at(params.position), context);
    });
  }

  async resolveCompletion(item: CompletionItem, token: CancellationToken): Promise<CompletionItem> {
    await this.parts.preparation.ofImage(imageOfCompletion(item));
    throwIfCancelled(token);
    return resolveCompletion(item, this.parts.context);
  }

  hover(params: HoverParams, token: CancellationToken): Answer<Hover> {
    const { context, preparation } = this.parts;
    return this.answer(params, token, async place => {
      await preparation.ofHover(place.document, place.at(params.position), token);
      throwIfCancelled(token);
      const document = this.current(place.document);
      const position = place.at(params.position);
      return await this.pictureHover(document, position, token) ?? promptHover(document, position, context) ?? null;
    });
  }

  signatureHelp(params: SignatureHelpParams, token: CancellationToken): Answer<SignatureHelp> {
    return this.answer(
      params,
      token,
      ({ document, at }) => signatureHelp(document, at(params.position), this.parts.context) ?? null,
    );
  }

  codeLenses(params: CodeLensParams, token: CancellationToken): Answer<CodeLens[]> {
    const { context, preparation } = this.parts;
    return this.answer(params, token, async ({ document }) => {
      await preparation.ofImages(document);
      return codeLenses(this.current(document), context);
    });
  }

  inlayHints(params: InlayHintParams, token: CancellationToken): Answer<InlayHint[]> {
    const { context, preparation } = this.parts;
    return this.answer(params, token, async place => {
      await preparation.ofImages(place.document);
      return inlayHints(this.current(place.document), place.in(params.range), context);
    });
  }

  codeActions(params: CodeActionParams, token: CancellationToken): Answer<CodeAction[]> {
    const { diagnostics: shown, only } = params.context;
    return this.answer(params, token, place =>
      codeActions(place.document, place.in(params.range), {
        diagnostics: diagnosticsIn(place, shown),
        ...(only === undefined ? {} : { only }),
      }, this.parts.context));
  }

  documentSymbols(
    params: DocumentSymbolParams,
    token: CancellationToken,
  ): Answer<DocumentSymbol[] | SymbolInformation[]> {
    const { nestsSymbols } = this.parts.client.abilities;
    return this.answer(params, token, ({ document }) => {
      const symbols = documentSymbols(document);
      return nestsSymbols ? symbols : symbols.flatMap(symbol => flat(symbol, document.uri, undefined));
    });
  }

  foldingRanges(params: FoldingRangeParams, token: CancellationToken): Answer<FoldingRange[]> {
    return this.answer(params, token, ({ document }) => foldingRanges(document));
  }

  documentLinks(params: DocumentLinkParams, token: CancellationToken): Answer<DocumentLink[]> {
    const { context, preparation } = this.parts;
    return this.answer(params, token, async ({ document }) => {
      await preparation.ofImages(document);
      return documentLinks(this.current(document), context);
    });
  }

  formatting(params: DocumentFormattingParams, token: CancellationToken): Answer<TextEdit[]> {
    return this.answer(params, token, ({ document }) => formatDocument(document, params.options));
  }

  rangeFormatting(params: DocumentRangeFormattingParams, token: CancellationToken): Answer<TextEdit[]> {
    return this.answer(
      params,
      token,
      place => formatDocument(place.document, params.options, place.in(params.range)),
    );
  }

  selectionRanges(params: SelectionRangeParams, token: CancellationToken): Answer<SelectionRange[]> {
    return this.answer(params, token, ({ document, at }) => selectionRanges(document, params.positions.map(at)));
  }

  semanticTokens(params: SemanticTokensParams, token: CancellationToken): Answer<SemanticTokens> {
    const { preparation, tokens } = this.parts;
    return this.answer(params, token, async ({ document }) => {
      await preparation.ofImages(document);
      return tokens.full(this.current(document));
    });
  }

  semanticTokensDelta(
    params: SemanticTokensDeltaParams,
    token: CancellationToken,
  ): Answer<SemanticTokens | SemanticTokensDelta> {
    return this.answer(
      params,
      token,
      ({ document }) => this.parts.tokens.delta(document, params.previousResultId),
    );
  }

  semanticTokensRange(params: SemanticTokensRangeParams, token: CancellationToken): Answer<SemanticTokens> {
    return this.answer(
      params,
      token,
      place => this.parts.tokens.range(place.document, place.in(params.range)),
    );
  }

  /** Its positions are in the client's units already. */
  async diagnostics(params: DocumentDiagnosticParams, token: CancellationToken): Promise<DocumentDiagnosticReport> {
    const { documents, preparation, diagnostics } = this.parts;
    const document = documents.parsed(params.textDocument.uri);
    if (document !== undefined) await preparation.ofImages(document);
    throwIfCancelled(token);
    return diagnostics.report(params.textDocument.uri, params.previousResultId);
  }

  /**
   * Runs a feature on the document as it stands, its answer in the client's units. Null for what is no prompt file.
   * @throws CancelledError
   */
  private answer<T>(
    { textDocument: { uri } }: InDocument,
    token: CancellationToken,
    feature: (place: Place) => Answer<T>,
  ): Answer<T> {
    throwIfCancelled(token);
    const { documents, client: { abilities: { encoding } } } = this.parts;
    const document = documents.parsed(uri);
    if (document === undefined) return null;
    const at = (position: Position) => toUtf16(document.lines, position, encoding);
    const result = feature({ document, at, in: range => ({ start: at(range.start), end: at(range.end) }) });
    const encoded = (value: T | null) => encodePositions(value, this.current(document).lines, encoding);
    return result instanceof Promise
      ? result.then(value => {
        throwIfCancelled(token);
        return encoded(value);
      })
      : encoded(result);
  }

  /** Over the path of one picture: the same as over a link to it. */
  private async pictureHover(
    document: PromptDocument,
    position: Position,
    token: CancellationToken,
  ): Promise<Hover | null> {
    const { context, pictures } = this.parts;
    const item = imageItemAt(document, position);
    const imageUri = item === undefined ? undefined : pictureOfItem(document, item, context);
    const text = imageUri === undefined ? undefined : await pictures.markdownOf(imageUri, token);
    return item === undefined || text === undefined
      ? null
      : { contents: markup(text, context.client.markdown), range: spanRange(item) };
  }

  /** The newest reading: an edit may have come while something was waited for. */
  private current(document: PromptDocument): PromptDocument {
    return this.parts.documents.parsed(document.uri) ?? document;
  }
}

/** Positions of the client's own diagnostics in our units, so that they are found again and go back as they came. */
function diagnosticsIn(place: Place, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.map(({ relatedInformation, ...diagnostic }) => ({
    ...diagnostic,
    range: place.in(diagnostic.range),
    ...(relatedInformation === undefined ? {} : {
      relatedInformation: relatedInformation.map(({ location, message }) => ({
        location: { ...location, range: place.in(location.range) },
        message,
      })),
    }),
  }));
}

function flat(
  { name, kind, range, children = [] }: DocumentSymbol,
  uri: string,
  containerName: string | undefined,
): SymbolInformation[] {
  const own: SymbolInformation = {
    name,
    kind,
    location: { uri, range },
    ...(containerName === undefined ? {} : { containerName }),
  };
  return [own, ...children.flatMap(child => flat(child, uri, name))];
}
