/** Writes changes of lines into their text document, one after the other. */
import { Range, WorkspaceEdit, l10n, workspace } from 'vscode';
import { lineEdits, type LineChange } from '../../../datasets/src/edits/lineEdits';
import type { DocumentRows } from './documentRows';

/** Which line is meant, as the page showed it. */
export interface ShownLine {
  readonly id: number;
  readonly revision: number;
}

export class LineWriter {
  private writing: Promise<unknown> = Promise.resolve();

  constructor(private readonly lines: DocumentRows) {}

  /** Undefined: done. Else why nothing was changed, in a sentence. */
  change(shown: ShownLine, what: LineChange): Promise<string | undefined> {
    return this.next(shown, line => {
      const edits = lineEdits(this.lines.document.lineAt(line).text, what);
      return edits?.map(({ start, end, text }) => [new Range(line, start, line, end), text] as const);
    });
  }

  /** Takes the line out of the text, with its end. */
  remove(shown: ShownLine): Promise<string | undefined> {
    return this.next(shown, line => [[this.wholeLine(line), '']]);
  }

  private async next(
    shown: ShownLine,
    make: (line: number) => readonly (readonly [Range, string])[] | undefined,
  ): Promise<string | undefined> {
    const work = this.writing.then(() => this.write(shown, make));
    this.writing = work.catch(() => undefined);
    return work;
  }

  private async write(
    { id, revision }: ShownLine,
    make: (line: number) => readonly (readonly [Range, string])[] | undefined,
  ): Promise<string | undefined> {
    const { rows, document } = this.lines;
    const line = rows.lineOf(id);
    if (line === undefined) return l10n.t('The line is gone: it was deleted elsewhere. Nothing was changed.');
    if (rows.at(line)?.revision !== revision) {
      return l10n.t('The line was changed elsewhere meanwhile, and is shown as it is now. Your change was not made.');
    }
    const edits = make(line);
    if (edits === undefined) {
      return l10n.t('This line has no place for that: correct it in the text first. Nothing was changed.');
    }
    if (edits.length === 0) return undefined;
    const edit = new WorkspaceEdit();
    for (const [range, text] of edits) edit.replace(document.uri, range, text);
    return await workspace.applyEdit(edit)
      ? undefined
      : l10n.t('The editor did not take the change. Is the file read-only?');
  }

  private wholeLine(line: number): Range {
    const { document } = this.lines;
    const end = document.lineAt(line).range.end.character;
    if (line + 1 < document.lineCount) return new Range(line, 0, line + 1, 0);
    return line === 0
      ? new Range(0, 0, 0, end)
      : new Range(line - 1, document.lineAt(line - 1).range.end.character, line, end);
  }
}
