/** What the server offers, to a client of given abilities. */
import {
  TextDocumentSyncKind,
  type FileOperationRegistrationOptions,
  type ServerCapabilities,
} from 'vscode-languageserver/node';
import { semanticTokenModifiers, semanticTokenTypes } from '../language/features/semanticTokens';
import { signatureRetriggerCharacters, signatureTriggerCharacters } from '../language/features/signatureHelp';
import type { ClientAbilities } from './connection/clientAbilities';
import type { DocumentKind } from './connection/documentKind';

/** A picture, a prompt file, or a folder that holds some. */
const renamedFiles: FileOperationRegistrationOptions = { filters: [{ scheme: 'file', pattern: { glob: '**/*' } }] };

export function serverCapabilities(
  { encoding, pullsDiagnostics }: ClientAbilities,
  kinds: readonly Pick<DocumentKind, 'codeActionKinds' | 'completionTriggers'>[],
  commands: readonly string[],
): ServerCapabilities {
  return {
    positionEncoding: encoding,
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
    completionProvider: {
      triggerCharacters: [...new Set(kinds.flatMap(kind => kind.completionTriggers))],
      resolveProvider: true,
      completionItem: { labelDetailsSupport: true },
    },
    hoverProvider: true,
    signatureHelpProvider: {
      triggerCharacters: [...signatureTriggerCharacters],
      retriggerCharacters: [...signatureRetriggerCharacters],
    },
    codeLensProvider: { resolveProvider: true },
    inlayHintProvider: { resolveProvider: false },
    codeActionProvider: { codeActionKinds: kinds.flatMap(kind => kind.codeActionKinds), resolveProvider: false },
    documentSymbolProvider: true,
    foldingRangeProvider: true,
    documentLinkProvider: { resolveProvider: false },
    documentHighlightProvider: true,
    renameProvider: { prepareProvider: true },
    documentFormattingProvider: true,
    documentRangeFormattingProvider: true,
    selectionRangeProvider: true,
    semanticTokensProvider: {
      legend: { tokenTypes: [...semanticTokenTypes], tokenModifiers: [...semanticTokenModifiers] },
      full: { delta: true },
      range: true,
    },
    ...(pullsDiagnostics
      ? { diagnosticProvider: { identifier: 'paligemma', interFileDependencies: true, workspaceDiagnostics: false } }
      : {}),
    executeCommandProvider: { commands: [...commands], workDoneProgress: true },
    workspace: {
      workspaceFolders: { supported: true, changeNotifications: true },
      fileOperations: { willRename: renamedFiles, didRename: renamedFiles },
    },
  };
}
