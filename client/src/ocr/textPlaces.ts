/** The cursors of an editor, remembered while a picture is read, and the insertion there. */
import { EndOfLine, Range, Selection, WorkspaceEdit, workspace } from 'vscode';
import type { Disposable, TextDocument, TextEditor } from 'vscode';
import { continuationAfter, setInto } from './continuation';
import type { CommentMarks } from './continuation';
import type { NewFile } from './newPicture';
import { movedByAll } from './places';
import type { Place } from './places';
import { window } from '../common/window';

/** The editor refuses an edit where the document changed at the same moment; then it is made again. */
const ATTEMPTS = 5;

export class TextPlaces implements Disposable {
  readonly document: TextDocument;
  private places: readonly Place[];
  private readonly subscription: Disposable;

  /** Remembers the selections as they are now: the text replaces them. */
  constructor(editor: TextEditor) {
    const { document } = editor;
    this.document = document;
    this.places = editor.selections.map(({ start, end }) => ({
      start: document.offsetAt(start),
      end: document.offsetAt(end),
    }));
    this.subscription = workspace.onDidChangeTextDocument(event => {
      if (event.document === document) this.places = this.places.map(place => movedByAll(place, event.contentChanges));
    });
  }

  /**
   * As one step for Undo, with the cursors behind it. False where it cannot be done: the document was closed.
   * @param file Made in the same step.
   */
  async insert(text: string, marks: CommentMarks, file?: NewFile): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS && !this.document.isClosed; attempt++) {
      const editor = window.visibleTextEditors.find(({ document }) => document === this.document);
      const isUnseen = editor === undefined || file !== undefined;
      if (await (isUnseen ? this.insertUnseen(text, marks, file) : this.insertInto(editor, text, marks))) {
        return true;
      }
    }
    return false;
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async insertInto(editor: TextEditor, text: string, marks: CommentMarks): Promise<boolean> {
    const edits = this.edits(text, marks);
    const isDone = await editor.edit(builder => {
      for (const { range, newText } of edits) builder.replace(range, newText);
    });
    // Places of what was replaced are at its end now, or at its start: the cursors are set either way.
    if (isDone) editor.selections = selectionsAfter(this.document, edits);
    return isDone;
  }

  private async insertUnseen(text: string, marks: CommentMarks, file?: NewFile): Promise<boolean> {
    const edit = new WorkspaceEdit();
    if (file !== undefined) edit.createFile(file.uri, { contents: file.bytes });
    for (const { range, newText } of this.edits(text, marks)) edit.replace(this.document.uri, range, newText);
    return workspace.applyEdit(edit);
  }

  private edits(text: string, marks: CommentMarks): PlacedText[] {
    const { document } = this;
    const eol = document.eol === EndOfLine.CRLF ? '\r\n' : '\n';
    const sorted = [...this.places].sort((a, b) => a.start - b.start);
    // Places that have run into each other are one.
    const distinct = sorted.filter(({ start }, index) =>
      index === 0 || start >= (sorted[index - 1]?.end ?? 0) && start !== sorted[index - 1]?.start
    );
    return distinct.map(({ start, end }) => {
      const range = new Range(document.positionAt(start), document.positionAt(end));
      const before = document.lineAt(range.start.line).text.slice(0, range.start.character);
      return { range, start, end, newText: setInto(text, continuationAfter(before, marks), eol) };
    });
  }
}

interface PlacedText extends Place {
  readonly range: Range;
  readonly newText: string;
}

function selectionsAfter(document: TextDocument, edits: readonly PlacedText[]): Selection[] {
  let by = 0;
  return edits.map(({ start, end, newText }) => {
    const cursor = document.positionAt(start + by + newText.length);
    by += newText.length - (end - start);
    return new Selection(cursor, cursor);
  });
}
