/** Where LSP methods meet the functions of the prompt language: one line for each feature. */
import {
  LSPErrorCodes,
  ResponseError,
  type CancellationToken,
  type Connection,
  type Diagnostic,
  type DocumentSymbol,
  type Hover,
  type Position,
  type Range,
  type SymbolInformation,
} from 'vscode-languageserver/node';
import type { ClientAbilities } from '../clientAbilities';
import type { DiagnosticsFeed } from './diagnosticsFeed';
import type { Documents } from './documents';
import { codeActions } from '../../language/features/codeActions';
import { codeLenses } from '../../language/features/codeLenses';
import { completePrompt, imageOfCompletion, resolveCompletion } from '../../language/features/completion';
import type { LanguageContext } from '../../language/knowledge/context';
import { spanRange, type PromptDocument } from '../../language/syntax/document';
import { documentLinks } from '../../language/features/documentLinks';
import { documentSymbols } from '../../language/features/documentSymbols';
import { encodePositions, toUtf16 } from '../../language/text/encoding';
import { foldingRanges } from '../../language/features/folding';
import { formatDocument } from '../../language/features/formatting';
import { promptHover } from '../../language/features/hover';
import { imageItemAt, pictureOfItem } from '../../language/features/hoverImages';
import { inlayHints } from '../../language/features/inlayHints';
import { markup } from '../../language/text/markdown';
import { selectionRanges } from '../../language/features/selectionRanges';
import { signatureHelp } from '../../language/features/signatureHelp';
import type { OtherLanguages } from '../documentKinds';
import type { Preparation } from './preparation';
import type { TokenDeltas } from './tokenDeltas';

export interface FeatureParts {
  readonly connection: Connection;
  readonly documents: Documents;
  readonly context: LanguageContext;
  readonly abilities: () => ClientAbilities;
  readonly diagnostics: DiagnosticsFeed;
  readonly tokens: TokenDeltas;
  readonly preparation: Preparation;
  /** Answers for every other document. */
  readonly other: OtherLanguages | undefined;
}

interface InDocument {
  readonly textDocument: { readonly uri: string };
}

/** A document with the positions of one request in it. */
interface Place {
  readonly document: PromptDocument;
  readonly at: (position: Position) => Position;
  readonly in: (range: Range) => Range;
}

export function registerFeatures(
  { connection, documents, context, abilities, diagnostics, tokens, preparation, other }: FeatureParts,
): void {
  const { languages } = connection;
  connection.onCompletion((params, token) =>
    answer(params, token, async place => {
      await preparation.ofCompletion(place.document, place.at(params.position));
      return completePrompt(current(place.document), place.at(params.position), context);
    })
  );
  connection.onCompletionResolve(async (item, token) => {
    await preparation.ofImage(imageOfCompletion(item));
    throwIfCancelled(token);
    return resolveCompletion(item, context);
  });
  connection.onHover((params, token) =>
    answer(params, token, async place => {
      await preparation.ofHover(place.document, place.at(params.position), token);
      throwIfCancelled(token);
      const document = current(place.document);
      const position = place.at(params.position);
      return await pictureHelp(document, position, token) ?? promptHover(document, position, context) ?? null;
    }) ?? other?.hover(params, token) ?? null
  );
  connection.onSignatureHelp((params, token) =>
    answer(params, token, ({ document, at }) => signatureHelp(document, at(params.position), context) ?? null)
  );
  connection.onCodeLens((params, token) =>
    answer(params, token, async ({ document }) => {
      await preparation.ofImages(document);
      return codeLenses(current(document), context);
    })
  );
  languages.inlayHint.on((params, token) =>
    answer(params, token, async place => {
      await preparation.ofImages(place.document);
      return inlayHints(current(place.document), place.in(params.range), context);
    }) ?? other?.inlayHints(params, token) ?? null
  );
  connection.onCodeAction((params, token) =>
    answer(params, token, place => {
      const { diagnostics: shown, only } = params.context;
      return codeActions(place.document, place.in(params.range), {
        diagnostics: diagnosticsIn(place, shown),
        ...(only === undefined ? {} : { only }),
      }, context);
    }) ?? other?.codeActions(params, token) ?? null
  );
  connection.onDocumentSymbol((params, token) =>
    answer(params, token, ({ document }) => symbolsFor(document, abilities()))
  );
  connection.onFoldingRanges((params, token) => answer(params, token, ({ document }) => foldingRanges(document)));
  connection.onDocumentLinks((params, token) =>
    answer(params, token, async ({ document }) => {
      await preparation.ofImages(document);
      return documentLinks(current(document), context);
    })
  );
  connection.onDocumentFormatting((params, token) =>
    answer(params, token, ({ document }) => formatDocument(document, params.options))
  );
  connection.onDocumentRangeFormatting((params, token) =>
    answer(params, token, place => formatDocument(place.document, params.options, place.in(params.range)))
  );
  connection.onSelectionRanges((params, token) =>
    answer(params, token, ({ document, at }) => selectionRanges(document, params.positions.map(at)))
  );
  languages.semanticTokens.on((params, token) =>
    answer(params, token, async ({ document }) => {
      await preparation.ofImages(document);
      return tokens.full(current(document));
    }) ?? noTokens
  );
  languages.semanticTokens.onDelta((params, token) =>
    answer(params, token, ({ document }) => tokens.delta(document, params.previousResultId)) ?? noTokens
  );
  languages.semanticTokens.onRange((params, token) =>
    answer(params, token, place => tokens.range(place.document, place.in(params.range))) ?? noTokens
  );
  languages.diagnostics.on(async (params, token) => {
    const document = documents.parsed(params.textDocument.uri);
    if (document !== undefined) await preparation.ofImages(document);
    throwIfCancelled(token);
    return diagnostics.report(params.textDocument.uri, params.previousResultId);
  });

  /**
   * Runs a feature on the document as it stands, its answer in the client's units. Null for what is no prompt file.
   * @throws ResponseError where the request is cancelled.
   */
  function answer<T>(
    { textDocument: { uri } }: InDocument,
    token: CancellationToken,
    feature: (place: Place) => Promise<T>,
  ): Promise<T> | null;
  function answer<T>(
    { textDocument: { uri } }: InDocument,
    token: CancellationToken,
    feature: (place: Place) => T,
  ): T | null;
  function answer<T>(
    { textDocument: { uri } }: InDocument,
    token: CancellationToken,
    feature: (place: Place) => T | Promise<T>,
  ): T | Promise<T> | null {
    throwIfCancelled(token);
    const document = documents.parsed(uri);
    if (document === undefined) return null;
    const { encoding } = abilities();
    const at = (position: Position) => toUtf16(document.lines, position, encoding);
    const result = feature({ document, at, in: range => ({ start: at(range.start), end: at(range.end) }) });
    const encoded = (value: T) => encodePositions(value, current(document).lines, encoding);
    return result instanceof Promise
      ? result.then(value => {
        throwIfCancelled(token);
        return encoded(value);
      })
      : encoded(result);
  }

  /** Over the path of one picture: the same as over a link to it. */
  async function pictureHelp(
    document: PromptDocument,
    position: Position,
    token: CancellationToken,
  ): Promise<Hover | null> {
    const item = imageItemAt(document, position);
    const imageUri = item === undefined ? undefined : pictureOfItem(document, item, context);
    const text = imageUri === undefined ? undefined : await other?.pictureHelp(imageUri, token);
    return item === undefined || text === undefined
      ? null
      : { contents: markup(text, context.client.markdown), range: spanRange(item) };
  }

  /** The newest reading: an edit may have come while something was waited for. */
  function current(document: PromptDocument): PromptDocument {
    return documents.parsed(document.uri) ?? document;
  }
}

const noTokens = { data: [] };

function throwIfCancelled(token: CancellationToken): void {
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
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

function symbolsFor(
  document: PromptDocument,
  { nestsSymbols }: ClientAbilities,
): DocumentSymbol[] | SymbolInformation[] {
  const symbols = documentSymbols(document);
  return nestsSymbols ? symbols : symbols.flatMap(symbol => flat(symbol, document.uri, undefined));
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
