/** What a client can do, from its `initialize`. A client that says nothing gets standard answers only. */
import type { ClientCapabilities, InitializeParams } from 'vscode-languageserver/node';
import { isRecord } from '../../../../paligemma/src/checks';
import type { ClientFeatures } from '../../language/knowledge/context';
import type { PositionEncoding } from '../../language/text/encoding';

export interface ClientAbilities {
  readonly encoding: PositionEncoding;
  readonly features: ClientFeatures;
  /** What the client asks for again when it is told to. */
  readonly refreshes: {
    readonly inlayHints: boolean;
    readonly codeLenses: boolean;
    readonly diagnostics: boolean;
    readonly semanticTokens: boolean;
  };
  /** Asks for diagnostics itself, and again when it is told to. Otherwise they are sent. */
  readonly pullsDiagnostics: boolean;
  readonly watchesFiles: boolean;
  readonly pullsConfiguration: boolean;
  readonly appliesEdits: boolean;
  readonly versionsEdits: boolean;
  readonly showsDocuments: boolean;
  /** Progress that the server begins by itself. */
  readonly showsWorkDone: boolean;
  readonly nestsSymbols: boolean;
  /** Edits can be shown before they are made. */
  readonly previewsEdits: boolean;
  /** Our own client says so: links that run commands work nowhere else. */
  readonly runsCommandLinks: boolean;
  /** Our own client says so: it shows a picture of a prompt with that prompt's answer. */
  readonly showsAnswers: boolean;
  /** Our own client says so: it shows many pictures with their results itself. */
  readonly showsResults: boolean;
  /**
   * What a client of VS Code's kind puts behind the address of a picture to draw it small; undefined: pictures are not
   * shown.
   */
  readonly thumbnailSuffix: string | undefined;
}

export const noAbilities: ClientAbilities = readAbilities({ processId: null, rootUri: null, capabilities: {} });

export function readAbilities({ capabilities, initializationOptions }: InitializeParams): ClientAbilities {
  const { workspace, textDocument, general, window } = capabilities;
  const features = featuresOf(capabilities);
  const refreshes = refreshesOf(capabilities);
  return {
    encoding: chooseEncoding(general?.positionEncodings),
    features,
    refreshes,
    pullsDiagnostics: textDocument?.diagnostic !== undefined && refreshes.diagnostics,
    ...workspaceAbilities(workspace),
    showsDocuments: window?.showDocument?.support === true,
    showsWorkDone: window?.workDoneProgress === true,
    nestsSymbols: textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport === true,
    runsCommandLinks: says(initializationOptions, 'commandLinks'),
    showsAnswers: says(initializationOptions, 'showsAnswers'),
    showsResults: says(initializationOptions, 'resultsView'),
    // Only editors that render Markdown by this library show pictures, and read a size behind the address.
    thumbnailSuffix: features.markdown && general?.markdown?.parser === 'marked' ? '|height=180' : undefined,
  };
}

function says(options: unknown, name: string): boolean {
  return isRecord(options) && options[name] === true;
}

function workspaceAbilities(
  workspace: ClientCapabilities['workspace'],
): Pick<
  ClientAbilities,
  'watchesFiles' | 'pullsConfiguration' | 'appliesEdits' | 'versionsEdits' | 'previewsEdits'
> {
  return {
    watchesFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    pullsConfiguration: workspace?.configuration === true,
    appliesEdits: workspace?.applyEdit === true,
    versionsEdits: workspace?.workspaceEdit?.documentChanges === true,
    previewsEdits: workspace?.workspaceEdit?.changeAnnotationSupport !== undefined,
  };
}

function featuresOf({ textDocument }: ClientCapabilities): ClientFeatures {
  return {
    snippets: textDocument?.completion?.completionItem?.snippetSupport === true,
    markdown: textDocument?.hover?.contentFormat?.includes('markdown') === true,
    inlayHints: textDocument?.inlayHint !== undefined,
    codeLenses: textDocument?.codeLens !== undefined,
  };
}

function refreshesOf({ workspace }: ClientCapabilities): ClientAbilities['refreshes'] {
  return {
    inlayHints: workspace?.inlayHint?.refreshSupport === true,
    codeLenses: workspace?.codeLens?.refreshSupport === true,
    diagnostics: workspace?.diagnostics?.refreshSupport === true,
    semanticTokens: workspace?.semanticTokens?.refreshSupport === true,
  };
}

/** UTF-16 where the client takes it: that is how texts lie in memory here. */
function chooseEncoding(offered: readonly string[] | undefined): PositionEncoding {
  if (offered === undefined || offered.length === 0 || offered.includes('utf-16')) return 'utf-16';
  return offered.includes('utf-8') ? 'utf-8' : offered.includes('utf-32') ? 'utf-32' : 'utf-16';
}
