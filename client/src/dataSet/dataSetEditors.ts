/** The custom editor "PaliGemma Data Set": another look at a text document, which stays what is edited and saved. */
import path from 'node:path';
import { Uri, commands, l10n, workspace } from 'vscode';
import type { CustomTextEditorProvider, Disposable, LogOutputChannel, TextDocument, WebviewPanel } from 'vscode';
import { judgedKey, type Judgements } from '../../../datasets/src/edits/lineJudgement';
import { Failure } from '../../../paligemma/src/failures';
import type { JudgedLine } from '../../../server/src/contract/evaluation';
import { DisposableStore } from '../common/disposableStore';
import { frontUri } from '../common/dataSetFile';
import { window } from '../common/window';
import { DocumentRows } from './documentRows';
import { DataSetPage, type FirstView, type PageServices } from './dataSetPage';

export const DATA_SET_VIEW_TYPE = 'paligemma.dataSet';

/** The editor hands extensions no larger text. Source: VS Code, `MODEL_SYNC_LIMIT` of its extension host. */
const MOST_MB = 50;

export interface EditorParts extends Pick<PageServices, 'extensionUri' | 'client' | 'local' | 'findings'> {
  readonly log: LogOutputChannel;
}

interface Shared {
  readonly lines: DocumentRows;
  readonly pages: Set<DataSetPage>;
}

export class DataSetEditors implements CustomTextEditorProvider, Disposable {
  private readonly owned = new DisposableStore();
  private readonly open = new Map<string, Shared>();
  private readonly wishes = new Map<string, FirstView>();
  /** Of the last evaluation of each file, for as long as the window is open. */
  private readonly judgements = new Map<string, Judgements>();

  constructor(private readonly parts: EditorParts) {
    this.owned.add(
      window.registerCustomEditorProvider(DATA_SET_VIEW_TYPE, this, { supportsMultipleEditorsPerDocument: true }),
    );
  }

  resolveCustomTextEditor(document: TextDocument, panel: WebviewPanel): void {
    const key = document.uri.toString();
    const shared = this.open.get(key) ?? {
      lines: new DocumentRows(document, this.judgements.get(key)),
      pages: new Set<DataSetPage>(),
    };
    this.open.set(key, shared);
    const { log, ...services } = this.parts;
    const page = new DataSetPage(
      panel,
      shared.lines,
      { ...services, logError: message => log.error(message) },
      this.wishes.get(key),
    );
    this.wishes.delete(key);
    shared.pages.add(page);
    panel.onDidDispose(() => {
      page.dispose();
      shared.pages.delete(page);
      if (shared.pages.size > 0) return;
      shared.lines.dispose();
      this.open.delete(key);
    });
  }

  /** The file was evaluated: its lines have answers of a model now. */
  judge(uri: Uri, lines: readonly JudgedLine[]): void {
    const judgements = new Map(
      lines.map(({ image, prefix, expected, suffix: answer, rightness }) => [
        judgedKey({ image, prefix, suffix: expected }),
        { answer, rightness },
      ]),
    );
    this.judgements.set(uri.toString(), judgements);
    this.open.get(uri.toString())?.lines.judgeAnswers(judgements);
  }

  /**
   * The command: the file that is named, else the one in front.
   * @param args A URI, as menus hand it over.
   * @throws Failure where it cannot be shown.
   */
  async show([named]: readonly unknown[], first: FirstView = { state: 'all', isOpened: false }): Promise<void> {
    const uri = named instanceof Uri ? named : frontUri();
    if (uri === undefined || !/\.jsonl$/i.test(uri.path)) {
      void window.showInformationMessage(l10n.t('Open a .jsonl file first: a data set has one example on each line.'));
      return;
    }
    await refuseLarge(uri);
    const key = uri.toString();
    this.wishes.set(key, first);
    await commands.executeCommand('vscode.openWith', uri, DATA_SET_VIEW_TYPE);
    // One that was open already takes the wish now.
    const [page] = this.open.get(key)?.pages ?? [];
    if (this.wishes.delete(key)) page?.reveal(first);
  }

  dispose(): void {
    this.owned.dispose();
    for (const { lines, pages } of this.open.values()) {
      for (const page of pages) page.dispose();
      lines.dispose();
    }
  }
}

async function refuseLarge(uri: Uri): Promise<void> {
  const { size } = await workspace.fs.stat(uri);
  if (size <= MOST_MB * 2 ** 20) return;
  throw new Failure(
    'fileUnreadable',
    l10n.t(
      '“{0}” has {1} MB, and the editor lets extensions see files of up to {2} MB. Split it into several files of whole lines, and open those.',
      path.posix.basename(uri.path),
      Math.ceil(size / 2 ** 20),
      MOST_MB,
    ),
  );
}
