/**
 * Tells which choice of a drop the editor made or the person took. The editor calls nobody for that (it resolves
 * choices of a paste only, VS Code 1.100 to 1.139), so each choice inserts a marker nobody sees, which is taken back as
 * soon as it is there.
 */
import { randomInt } from 'node:crypto';
import { commands, Range, workspace } from 'vscode';
import type { Disposable, Position, TextDocumentChangeEvent, TextEditor } from 'vscode';
import { window } from '../common/window';

/** Where the choice was inserted: in the document as it was before. */
export interface ChosenDrop {
  readonly editor: TextEditor;
  readonly position: Position;
}

type Listener = (chosen: ChosenDrop) => Promise<void>;

/** Drawn with no width, and no part of any text. Source: Unicode 16, chapter 23.2, invisible operators. */
const SIGNS = ['\u2061', '\u2062', '\u2063', '\u2064'];
const MARKER_LENGTH = 24;

export class DropChoices implements Disposable {
  private readonly expected = new Map<string, Listener>();
  private readonly subscription: Disposable;

  constructor(onFailure: (error: unknown) => void) {
    this.subscription = workspace.onDidChangeTextDocument(event => {
      if (this.expected.size > 0) this.look(event).catch(onFailure);
    });
  }

  /** @returns What the choice inserts. */
  expect(listener: Listener): string {
    const marker = Array.from({ length: MARKER_LENGTH }, () => SIGNS[randomInt(SIGNS.length)]).join('');
    this.expected.set(marker, listener);
    return marker;
  }

  /** Choices of an earlier drop can no longer be taken. */
  forget(): void {
    this.expected.clear();
  }

  dispose(): void {
    this.subscription.dispose();
    this.forget();
  }

  private async look({ document, contentChanges }: TextDocumentChangeEvent): Promise<void> {
    for (const { text, range: { start } } of contentChanges) {
      const listener = this.expected.get(text);
      const editor = window.visibleTextEditors.find(visible => visible.document === document);
      if (listener === undefined || editor === undefined) continue;
      await takeBack(editor, start, text);
      await listener({ editor, position: start });
    }
  }
}

/** As if it had never been there, also for Undo. */
async function takeBack(editor: TextEditor, start: Position, marker: string): Promise<void> {
  // Undo is what the editor in front does, which is the one that was dropped into.
  await commands.executeCommand('undo');
  const { document } = editor;
  const left = new Range(start, document.positionAt(document.offsetAt(start) + marker.length));
  if (document.getText(left) === marker) await editor.edit(builder => builder.delete(left));
}
