/** The pictures that the text at the cursor means: an image link, the path of `@image`, a path in a string. */
import { Uri, commands } from 'vscode';
import type { Disposable, TextEditor } from 'vscode';
import { imageNamedAt } from '../../../server/src/contract/imageLinks';
import type { ServerClient } from '../connection/languageClient';
import { window } from '../common/window';

/** For `when` clauses: the cursor stands on what looks like the path of a picture. */
const CONTEXT_KEY = 'paligemma.atImagePath';

/** Undefined where the text at the cursor is not asked for: no text is in front, or another resource was named. */
export async function imagesAtCursor(
  args: readonly unknown[],
  client: ServerClient,
): Promise<readonly Uri[] | undefined> {
  const editor = window.activeTextEditor;
  if (editor === undefined || !isOf(editor, args[0])) return undefined;
  const { document, selection: { active: { line, character } } } = editor;
  const target = imageNamedAt(document.lineAt(line).text, character)?.target;
  return client.imagesAt({
    documentUri: document.uri.toString(),
    line,
    character,
    ...(target === undefined ? {} : { target }),
  });
}

/** The menu of a text names its document; the palette and keys name nothing. */
function isOf({ document }: TextEditor, named: unknown): boolean {
  return named === undefined || (named instanceof Uri && named.toString() === document.uri.toString());
}

/** Keeps the context key: the menu of a text in any language has our entries where the cursor is on a picture. */
export function followImagePaths(): Disposable {
  let last = false;
  const look = (editor: TextEditor | undefined) => {
    const { line = 0, character = 0 } = editor?.selection.active ?? {};
    const now = editor !== undefined && imageNamedAt(editor.document.lineAt(line).text, character) !== undefined;
    if (now === last) return;
    last = now;
    void commands.executeCommand('setContext', CONTEXT_KEY, now);
  };
  const subscriptions = [
    window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (textEditor === window.activeTextEditor) look(textEditor);
    }),
    window.onDidChangeActiveTextEditor(look),
  ];
  look(window.activeTextEditor);
  return {
    dispose: () =>
      subscriptions.forEach(each => {
        each.dispose();
      }),
  };
}
