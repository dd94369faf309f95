/** The rows of a text document, which follow its changes. */
import { EventEmitter, workspace } from 'vscode';
import type { Disposable, TextDocument, TextDocumentContentChangeEvent } from 'vscode';
import type { Judgements } from '../../../datasets/src/edits/lineJudgement';
import { SetRows } from '../../../datasets/src/edits/setRows';
import { DisposableStore } from '../common/disposableStore';
import { changedLines } from './changedLines';

export class DocumentRows implements Disposable {
  private readonly owned = new DisposableStore();
  private readonly changeEmitter = this.owned.add(new EventEmitter<void>());
  /** Fires when a line says something else, has come or has gone, or when models' answers were judged. */
  readonly onDidChange = this.changeEmitter.event;
  private read: SetRows | undefined;

  /** @param judgements Of models' answers, as far as they are known. */
  constructor(readonly document: TextDocument, private judgements: Judgements = new Map()) {
    this.owned.add(workspace.onDidChangeTextDocument(({ document: changed, contentChanges }) => {
      if (changed !== document || contentChanges.length === 0) return;
      this.take(contentChanges);
      this.changeEmitter.fire();
    }));
  }

  /** Read when they are first asked for: of a hundred thousand lines that takes a second or two. */
  get rows(): SetRows {
    this.read ??= new SetRows(linesOf(this.document, 0, this.document.lineCount), this.judgements);
    return this.read;
  }

  /** What models answered, instead of what was known of that. */
  judgeAnswers(judgements: Judgements): void {
    this.judgements = judgements;
    this.read?.judgeAnswers(judgements);
    this.changeEmitter.fire();
  }

  dispose(): void {
    this.owned.dispose();
  }

  /** Changes come one after the other; lines are read as they are after all of them. */
  private take(changes: readonly TextDocumentContentChangeEvent[]): void {
    const { document, read } = this;
    if (read === undefined) return;
    const { first, before, after } = changedLines(changes, read.lineCount);
    if (read.lineCount - before + after === document.lineCount) {
      read.replace(first, before, [...linesOf(document, first, first + after)]);
    } else this.read = undefined;
  }
}

function* linesOf(document: TextDocument, first: number, end: number): Iterable<string> {
  for (let line = first; line < end; line++) yield document.lineAt(line).text;
}
