/** What is known of one picture, and the pages that show it: one for each editor that the person has opened on it. */
import { EventEmitter, env, l10n } from 'vscode';
import type { CustomDocument, Uri, WebviewPanel } from 'vscode';
import type { FromViewer, PromptHelp, ToViewer, ViewBanner, ViewState } from '../contract/viewer';
import { DisposableStore } from '../common/disposableStore';
import { ImageFile } from './imageFile';
import { ImagePage } from './imagePage';
import type { PicturePreview } from './picturePreview';
import { bannerFor, firstState, idleView, jsonToCopy, textToCopy } from './viewState';
import { viewWords } from './viewWords';

/** What a view needs from the rest of the extension. */
export interface ViewServices {
  readonly extensionUri: Uri;
  help(): PromptHelp;
  ask(image: Uri, prompt: string): void;
  /** `shown`: indices of the regions to export. */
  export(view: ViewState, shown: readonly number[]): Promise<string | undefined>;
  /** The picture for a page that cannot show the file. @throws a failure whose sentence is for the person. */
  preview(image: Uri): Promise<PicturePreview>;
  /** @returns A sentence for the person; undefined where there is nothing to say. */
  saveCrop(view: ViewState, index: number, png: string): Promise<string | undefined>;
  showModelCard(model: string): Promise<void>;
  remember(view: ViewState): void;
  /** What was remembered last of a picture, of any shape. */
  recall(imageUri: string): unknown;
  logError(message: string): void;
}

/** Holds the state; its pages only mirror it. The editor disposes it when the last of them was closed. */
export class ImageView implements CustomDocument {
  private readonly owned = new DisposableStore();
  private readonly closeEmitter = new EventEmitter<void>();
  /** Fires when the person closes the view. */
  readonly onDidDispose = this.closeEmitter.event;
  private readonly stopEmitter = new EventEmitter<void>();
  /** Fires when the person presses Stop. */
  readonly onDidRequestStop = this.stopEmitter.event;
  private readonly file: ImageFile;
  private readonly pages = new Set<ImagePage>();
  private current: ViewState;
  private settled: ViewState | undefined;
  private progress: { readonly statusText: string; readonly text: string } | undefined;
  private loading: Promise<void> | undefined;
  private wasStopped = false;
  /** Belongs to the content that is shown. */
  private preview: {
    readonly sha256: string | undefined;
    readonly making: Promise<void>;
    made?: PicturePreview;
    problem?: string;
  } | undefined;

  constructor(readonly uri: Uri, private readonly services: ViewServices) {
    this.current = idleView(uri.toString(), uri.path.slice(uri.path.lastIndexOf('/') + 1));
    this.file = this.owned.add(new ImageFile(uri));
    this.owned.add(this.file.onDidChange(() => this.postState()));
  }

  get state(): ViewState {
    return this.current;
  }

  /** The last state that was not of a run in progress; undefined where the view was opened by its first run. */
  get settledState(): ViewState | undefined {
    return this.settled;
  }

  get openPages(): ReadonlySet<ImagePage> {
    return this.pages;
  }

  /** Shows a new state. */
  show(state: ViewState): void {
    this.current = state;
    this.progress = undefined;
    if (state.status === 'running') this.wasStopped = false;
    else this.settled = state;
    if (state.status === 'done') this.services.remember(state);
    this.postState();
  }

  /** Shows what a run does; `text` is the answer so far, in whole characters. */
  showProgress(statusText: string, text: string): void {
    this.progress = { statusText, text };
    this.post({ type: 'progress', statusText, text });
  }

  /** Takes the file's content of now for what is shown. */
  async refreshImage(): Promise<void> {
    this.loading = this.file.load();
    await this.loading;
  }

  /**
   * After a first run that was cancelled: the view goes, unless the person stopped the run in it and is still there.
   */
  closeUnlessStopped(): void {
    if (this.wasStopped) this.show(idleView(this.current.imageUri, this.current.imageName));
    else for (const { panel } of [...this.pages]) panel.dispose();
  }

  addPage(panel: WebviewPanel): void {
    const page = new ImagePage(panel, this.uri, this.services.extensionUri, message => {
      this.receive(message, page).catch((error: unknown) =>
        this.services.logError(`client.viewer ${message.type}: ${String(error)}`)
      );
    });
    this.pages.add(page);
    this.owned.add(panel.onDidDispose(() => this.pages.delete(page)));
    // Watchers miss changes on some network file systems.
    this.owned.add(panel.onDidChangeViewState(() => {
      if (panel.visible) void this.file.look();
    }));
  }

  dispose(): void {
    this.closeEmitter.fire();
    this.closeEmitter.dispose();
    this.stopEmitter.dispose();
    this.owned.dispose();
  }

  private async receive(message: FromViewer, page: ImagePage): Promise<void> {
    switch (message.type) {
      case 'ready':
        return this.pageReady(page, message.kept);
      case 'copy':
        await env.clipboard.writeText(
          message.what === 'text' ? textToCopy(this.current) : jsonToCopy(this.current, this.uri.fsPath),
        );
        return page.post({ type: 'notice', text: l10n.t('Copied') });
      case 'export':
        return this.tell(page, await this.services.export(this.current, message.shown));
      case 'saveCrop':
        return this.tell(page, await this.services.saveCrop(this.current, message.index, message.png));
      case 'previewWanted':
        return this.makePreview(message.imageSrc);
      case 'run':
        return this.services.ask(this.uri, message.prompt);
      case 'showModelCard':
        return this.services.showModelCard(this.current.result?.model ?? '');
      case 'stop':
        this.wasStopped = true;
        return this.stopEmitter.fire();
      case 'bannerAction':
        if (message.action === 'runAgain') return this.services.ask(this.uri, this.current.prompt);
        await this.refreshImage();
        return this.postState();
      default:
        message satisfies never;
    }
  }

  private async pageReady(page: ImagePage, kept: unknown): Promise<void> {
    await (this.loading ?? this.refreshImage());
    if (this.current.status === 'idle') {
      const interrupted = l10n.t('The window was reloaded before the answer was complete.');
      const restored = firstState(
        this.current.imageUri,
        kept,
        this.services.recall(this.current.imageUri),
        interrupted,
      );
      if (restored !== undefined) this.settled = this.current = restored;
    }
    this.postTo(page);
  }

  /** For all pages, once for each content: what one cannot show the others cannot show either. */
  private makePreview(failedSrc: string): Promise<void> {
    if (failedSrc.startsWith('data:')) return Promise.resolve();
    const { sha256 } = this.file;
    if (this.preview !== undefined && this.preview.sha256 === sha256) return this.preview.making;
    const making = this.services.preview(this.uri).then(
      made => {
        if (this.preview?.making === making) this.preview.made = made;
      },
      (error: unknown) => {
        if (this.preview?.making === making) {
          this.preview.problem = error instanceof Error
            ? error.message
            : String(error);
        }
      },
    ).then(() => this.postState());
    this.preview = { sha256, making };
    this.postState();
    return making;
  }

  private postState(): void {
    for (const page of this.pages) this.postTo(page);
  }

  private postTo(page: ImagePage): void {
    const banner = this.banner();
    const preview = this.preview?.sha256 === this.file.sha256 ? this.preview : undefined;
    const words = viewWords(this.current, l10n.t);
    const { made } = preview ?? {};
    page.post({
      type: 'show',
      view: this.current,
      imageSrc: made?.src ?? page.imageSrc(this.file.sha256?.slice(0, 16) ?? '0'),
      ...(made === undefined ? {} : { pictureSize: { width: made.widthPx, height: made.heightPx } }),
      words: preview === undefined
        ? words
        : { ...words, pictureUnavailable: preview.problem ?? l10n.t('The picture is being prepared…') },
      help: this.services.help(),
      ...(banner === undefined ? {} : { banner }),
    });
    if (this.progress !== undefined) page.post({ type: 'progress', ...this.progress });
  }

  private banner(): ViewBanner | undefined {
    return bannerFor(this.current, this.file.state, this.file.sha256, l10n.t);
  }

  private tell(page: ImagePage, text: string | undefined): void {
    if (text !== undefined) page.post({ type: 'notice', text });
  }

  private post(message: ToViewer): void {
    for (const page of this.pages) page.post(message);
  }
}
