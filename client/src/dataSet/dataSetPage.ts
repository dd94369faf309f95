/** One page of a data set: its list, the line that is open, and the messages to and from it. */
import { Range, ViewColumn, l10n, workspace } from 'vscode';
import type { Disposable, Uri, WebviewPanel } from 'vscode';
import {
  countsOfSet,
  firstOrder,
  lineOrder,
  shownSetRows,
  wholeSet,
  type SetState,
} from '../../../datasets/src/edits/shownSetRows';
import type { LineChange } from '../../../datasets/src/edits/lineEdits';
import type { RowFinding, SetRow } from '../../../datasets/src/edits/setRow';
import { given } from '../../../paligemma/src/given';
import { DisposableStore } from '../common/disposableStore';
import { stepIsDone } from '../common/firstSteps';
import { pageAssets, pageHtml } from '../common/pageHtml';
import { window } from '../common/window';
import type { ServerClient } from '../connection/languageClient';
import type { FromDataSet, OpenLine, ShownRow, ToDataSet } from '../contract/dataSet';
import type { LocalImages } from '../images/localImages';
import { readFromDataSet } from './dataSetMessages';
import { dataSetWords } from './dataSetWords';
import type { DocumentRows } from './documentRows';
import { FindingsFeed } from './findingsFeed';
import { LinePictures } from './linePictures';
import { LineWriter, type ShownLine } from './lineWriter';

export interface PageServices {
  readonly extensionUri: Uri;
  readonly client: ServerClient;
  readonly local: LocalImages;
  /** What is wrong with a line's text. */
  readonly findings: (text: string) => readonly RowFinding[];
  logError(message: string): void;
}

/** What the page begins with. */
export interface FirstView {
  readonly state: SetState;
  /** Whether the first line of it is opened. */
  readonly isOpened: boolean;
}

/** Changes that come within this time are shown together, milliseconds. */
const TOGETHER_MS = 100;
/** Rows of one message at most. */
const MOST_ROWS = 500;

export class DataSetPage implements Disposable {
  private readonly owned = new DisposableStore();
  private readonly pictures: LinePictures;
  private readonly writer: LineWriter;
  private readonly feed: FindingsFeed;
  private view: Extract<FromDataSet, { readonly type: 'view' }> = { type: 'view', filter: wholeSet, sort: lineOrder };
  /** What is shown, in its order; the list of before stays until lines have been looked through anew. */
  private shown: readonly number[] = [];
  private version = 0;
  private opened: { readonly id: number; readonly place: number; readonly revision: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isReady = false;

  constructor(
    private readonly panel: WebviewPanel,
    private readonly lines: DocumentRows,
    services: PageServices,
    private first: FirstView | undefined,
  ) {
    const { webview } = panel;
    this.writer = new LineWriter(lines);
    this.pictures = new LinePictures({
      ...services,
      document: lines.document,
      find: id => this.lines.rows.find(id),
      post: picture => this.post({ type: 'picture', picture }),
    });
    this.owned.add(this.pictures);
    this.feed = new FindingsFeed({
      rows: () => lines.rows,
      findings: row => services.findings(this.textOf(row.id)),
      onFound: () => this.showSoon(),
    });
    webview.options = { enableScripts: true, localResourceRoots: [pageAssets(services.extensionUri)] };
    this.owned.add(this.feed);
    this.owned.add(webview.onDidReceiveMessage((sent: unknown) => {
      const message = readFromDataSet(sent);
      if (message === undefined) return;
      this.receive(message).catch((error: unknown) =>
        services.logError(`client.dataSet ${message.type}: ${String(error)}`)
      );
    }));
    this.owned.add(lines.onDidChange(() => this.linesChanged()));
    this.owned.add(
      panel.onDidChangeViewState(() => panel.visible && this.isReady ? this.feed.look() : this.feed.pause()),
    );
    this.owned.add({ dispose: () => clearTimeout(this.timer) });
    webview.html = pageHtml(webview, services.extensionUri, 'dataSet', 'data');
  }

  /** Shows what was asked for, in a page that is there already. */
  reveal(first: FirstView): void {
    this.panel.reveal();
    this.first = first;
    if (this.isReady) this.begin();
  }

  dispose(): void {
    this.isReady = false;
    this.owned.dispose();
  }

  private async receive(message: FromDataSet): Promise<void> {
    const { rows } = this.lines;
    switch (message.type) {
      case 'ready':
        this.isReady = true;
        // The page says what it is before its lines are read.
        this.begin();
        return;
      case 'view':
        this.view = message;
        this.showList();
        return this.feed.look();
      case 'rows':
        return this.postRows(message);
      case 'wanted':
        return this.pictures.want(message.ids);
      case 'open':
        return this.open(message.id);
      case 'close':
        this.opened = undefined;
        this.pictures.forgetMasks();
        return;
      case 'step':
        return this.step(message.id, message.to);
      case 'large': {
        const row = rows.find(message.id);
        if (row !== undefined) this.post({ type: 'large', picture: await this.pictures.large(row, message.image) });
        return;
      }
      case 'masks':
        return this.postMasks(message);
      case 'change':
        return this.answer(message, await this.change(message));
      case 'reject':
        return this.answer(message, await this.writer.remove(message));
      case 'showText':
        return this.showText(message.id);
      default:
        message satisfies never;
    }
  }

  private begin(): void {
    const { document } = this.lines;
    const { state, isOpened } = this.first ?? { state: 'all', isOpened: false };
    const isWritable = workspace.fs.isWritableFileSystem(document.uri.scheme) !== false;
    this.post({
      type: 'begin',
      heading: document.uri.path.slice(document.uri.path.lastIndexOf('/') + 1),
      words: dataSetWords(l10n.t),
      state,
      ...(isWritable ? {} : { readOnly: l10n.t('This file cannot be written.') }),
    });
    this.first = this.opened = undefined;
    if (!isOpened) return;
    this.view = { type: 'view', filter: { ...wholeSet, state }, sort: firstOrder(state) };
    this.showList();
    const [id] = this.shown;
    if (id !== undefined) this.open(id);
  }

  private linesChanged(): void {
    this.feed.look();
    this.showSoon();
    if (this.opened === undefined) return;
    const row = this.lines.rows.find(this.opened.id);
    if (row === undefined) this.openNear(this.opened.place);
    else if (row.revision !== this.opened.revision) this.open(row.id);
  }

  private showSoon(): void {
    this.timer ??= setTimeout(() => {
      this.showList();
      const { opened } = this;
      // Findings come later than the line.
      if (opened !== undefined) this.open(opened.id);
    }, TOGETHER_MS);
  }

  private showList(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { filter, sort, active } = this.view;
    const all = this.lines.rows.all;
    const found = shownSetRows(all, filter, sort);
    this.shown = found.map(({ id }) => id);
    const at = active === undefined ? -1 : this.shown.indexOf(active);
    this.post({
      type: 'shown',
      version: ++this.version,
      total: all.length,
      shown: found.length,
      ...(at < 0 ? {} : { at }),
      counts: countsOfSet(all),
      isLooking: this.feed.isLooking,
    });
  }

  private postRows({ version, from, count }: Extract<FromDataSet, { readonly type: 'rows' }>): void {
    if (version !== this.version) return;
    const ids = this.shown.slice(from, from + Math.min(count, MOST_ROWS));
    const rows = ids.map(id => this.lines.rows.find(id)).map(row => row === undefined ? goneRow : this.shownRow(row));
    this.post({ type: 'rows', version, from, rows });
  }

  private shownRow({ images, findings, judgement, ...row }: SetRow): ShownRow {
    const { id, revision, prefix, suffix, isDraft, isLine } = row;
    return {
      ...{ id, revision, prefix, suffix, isDraft, isLine },
      number: (this.lines.rows.lineOf(id) ?? 0) + 1,
      name: images[0] ?? '',
      findings: findings ?? [],
      ...given({ judgement }),
    };
  }

  private async postMasks({ id, ...size }: Extract<FromDataSet, { readonly type: 'masks' }>): Promise<void> {
    const row = this.lines.rows.find(id);
    const masks = row && await this.pictures.masks(row, size);
    if (masks !== undefined) this.post({ type: 'masks', id, masks });
  }

  private open(id: number): void {
    const row = this.lines.rows.find(id);
    if (row === undefined) return;
    const at = this.shown.indexOf(id);
    // One that fell out of the list leaves its place to the next.
    const place = at < 0 && this.opened?.id === id ? this.opened.place : at;
    this.opened = { id, place, revision: row.revision };
    const line: OpenLine = {
      ...this.shownRow(row),
      images: row.images,
      ...(at < 0 ? {} : { place: at + 1 }),
      ...(row.isLine ? {} : { text: this.textOf(id) }),
    };
    this.post({ type: 'line', line });
  }

  private openNear(place: number): void {
    this.showList();
    const id = this.shown[Math.max(0, Math.min(place, this.shown.length - 1))];
    this.opened = undefined;
    if (id === undefined) this.post({ type: 'closed' });
    else this.open(id);
  }

  private step(id: number, to: 'next' | 'previous' | 'draft'): void {
    const at = this.shown.indexOf(id);
    const place = at < 0 ? (this.opened?.place ?? 0) - (to === 'previous' ? 0 : 1) : at;
    const next = to === 'draft' ? this.nextDraft(place, id) : this.shown[place + (to === 'next' ? 1 : -1)];
    if (next !== undefined) return this.open(next);
    this.post({
      type: 'notice',
      text: to === 'draft'
        ? l10n.t('Every draft of this list is reviewed.')
        : to === 'next'
        ? l10n.t('This is the last line of the list.')
        : l10n.t('This is the first line of the list.'),
    });
  }

  /** The first behind a place of the list, else the first of all. */
  private nextDraft(place: number, id: number): number | undefined {
    const isOpen = (other: number) => other !== id && this.lines.rows.find(other)?.isDraft === true;
    return this.shown.slice(place + 1).find(isOpen) ?? this.shown.find(isOpen);
  }

  private async change(shown: ShownLine & { readonly what: LineChange }): Promise<string | undefined> {
    const notice = await this.writer.change(shown, shown.what);
    if (notice === undefined) stepIsDone('dataSet');
    return notice;
  }

  private answer({ id, change }: { readonly id: number; readonly change: number }, notice: string | undefined): void {
    if (notice !== undefined && this.opened?.id === id) this.open(id);
    this.post({ type: 'answered', change, ...given({ notice }) });
  }

  private async showText(id: number): Promise<void> {
    const line = this.lines.rows.lineOf(id);
    if (line === undefined) return;
    const { document } = this.lines;
    await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, selection: new Range(line, 0, line, 0) });
  }

  private textOf(id: number): string {
    const line = this.lines.rows.lineOf(id);
    return line === undefined ? '' : this.lines.document.lineAt(line).text;
  }

  private post(message: ToDataSet): void {
    if (this.isReady) void this.panel.webview.postMessage(message);
  }
}

/** A line that went while it was asked for: a list without it is on its way. */
const goneRow: ShownRow = {
  id: 0,
  revision: 0,
  number: 0,
  name: '',
  prefix: '',
  suffix: '',
  isDraft: false,
  isLine: false,
  findings: [],
};
