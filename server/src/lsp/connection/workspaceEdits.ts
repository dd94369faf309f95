/** Edits of documents in the form and the units of the client. */
import type { OptionalVersionedTextDocumentIdentifier, TextEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import type { PromptDocument } from '../../language/syntax/document';
import { encodePositions } from '../../language/text/encoding';
import type { ClientAbilities } from './clientAbilities';

export interface DocumentEdits {
  readonly document: Pick<PromptDocument, 'uri' | 'version'> & { readonly lines: readonly { readonly text: string }[] };
  readonly edits: readonly TextEdit[];
  /** A closed document has no version. */
  readonly isOpen: boolean;
}

/** Documents without edits are left out. */
export function workspaceEdit(
  all: readonly DocumentEdits[],
  { encoding, versionsEdits }: ClientAbilities,
): WorkspaceEdit {
  const changed = all.filter(({ edits }) => edits.length > 0).map(({ document, edits, isOpen }) => ({
    textDocument: {
      uri: document.uri,
      version: isOpen ? document.version : null,
    } satisfies OptionalVersionedTextDocumentIdentifier,
    edits: encodePositions([...edits], document.lines, encoding),
  }));
  return versionsEdits
    ? { documentChanges: changed }
    : { changes: Object.fromEntries(changed.map(({ textDocument, edits }) => [textDocument.uri, edits])) };
}
