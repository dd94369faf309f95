/** The rows of a text document, which follow its changes. */
import { EventEmitter, workspace } from 'vscode';
import type { Disposable, TextDocument, TextDocumentContentChangeEvent } from 'vscode';
import { SetRows } from '../../../datasets/src/edits/setRows';
import { DisposableStore } from '../common/disposableStore';

export class DocumentRows implements Disposable {
  private readonly owned = new DisposableStore();
  private readonly changeEmitter = this.owned.add(new EventEmitter<void>());
  /** Fires when a line says something else, has come or has gone. */
  readonly onDidChange = this.changeEmitter.event;
  rows: SetRows;

  constructor(readonly document: TextDocument) {
    this.rows = new SetRows(linesOf(document, 0, document.lineCount));
    this.owned.add(workspace.onDidChangeTextDocument(({ document: changed, contentChanges }) => {
      if (changed !== document || contentChanges.length === 0) return;
      this.take(contentChanges);
      this.changeEmitter.fire();
    }));
  }

  dispose(): void {
    this.owned.dispose();
  }

  /** Changes come one after the other; lines are read as they are after all of them. */
  private take(changes: readonly TextDocumentContentChangeEvent[]): void {
    let count = this.rows.lineCount;
    let [first, behind] = [count, count];
    for (const { range: { start, end }, text } of changes) {
      first = Math.min(first, start.line);
      behind = Math.min(behind, count - 1 - end.line);
      count += text.split(/\r\n|\r|\n/).length - 1 - (end.line - start.line);
    }
    const { document } = this;
    if (count !== document.lineCount) {
      this.rows = new SetRows(linesOf(document, 0, document.lineCount));
      return;
    }
    const before = this.rows.lineCount;
    this.rows.replace(first, before - behind - first, [...linesOf(document, first, document.lineCount - behind)]);
  }
}

function* linesOf(document: TextDocument, first: number, end: number): Iterable<string> {
  for (let line = first; line < end; line++) yield document.lineAt(line).text;
}
