/** What the server offers, to a client of given abilities. */
import {
  TextDocumentSyncKind,
  type FileOperationRegistrationOptions,
  type ServerCapabilities,
} from 'vscode-languageserver/node';
import type { ClientAbilities } from './clientAbilities';
import { altTextKinds } from './imageLinks/features';
import { codeActionKinds } from '../language/features/codeActions';
import { completionTriggerCharacters } from '../language/features/completion';
import { semanticTokenModifiers, semanticTokenTypes } from '../language/features/semanticTokens';
import { signatureRetriggerCharacters, signatureTriggerCharacters } from '../language/features/signatureHelp';

/** A picture, a prompt file, or a folder that holds some. */
const renamedFiles: FileOperationRegistrationOptions = { filters: [{ scheme: 'file', pattern: { glob: '**/*' } }] };

export function serverCapabilities(
  { encoding, pullsDiagnostics }: ClientAbilities,
  commands: readonly string[],
): ServerCapabilities {
  return {
    positionEncoding: encoding,
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
    completionProvider: {
      triggerCharacters: [...completionTriggerCharacters],
      resolveProvider: true,
      completionItem: { labelDetailsSupport: true },
    },
    hoverProvider: true,
    signatureHelpProvider: {
      triggerCharacters: [...signatureTriggerCharacters],
      retriggerCharacters: [...signatureRetriggerCharacters],
    },
    codeLensProvider: { resolveProvider: false },
    inlayHintProvider: { resolveProvider: false },
    codeActionProvider: { codeActionKinds: [...codeActionKinds, ...altTextKinds], resolveProvider: false },
    documentSymbolProvider: true,
    foldingRangeProvider: true,
    documentLinkProvider: { resolveProvider: false },
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
