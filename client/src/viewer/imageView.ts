/** One image view in one webview, whoever owns that: a panel, or later a custom editor. */
import { Uri, env, l10n, workspace } from 'vscode';
import type { Disposable, Event, LogOutputChannel, Webview } from 'vscode';
import type { FromViewer, ToViewer, ViewState } from '../contract/viewer';
import { DisposableStore } from '../disposableStore';
import { jsonToCopy, textToCopy } from './viewState';
import { viewWords } from './viewWords';
import { viewerAssets, viewerHtml } from './viewerHtml';

/**
 * Holds the state; the page only mirrors it. A page that is hidden is thrown away by the editor and announces itself
 * with `ready` when it is built again, so the state is posted on every `ready`.
 */
export class ImageView implements Disposable {
  private readonly owned = new DisposableStore();
  private current: ViewState;
  private settled: ViewState | undefined;
  private progress: { readonly statusText: string; readonly text: string } | undefined;
  private selected: number | undefined;
  private isPageReady = false;
  /** The file's time of change: a new one makes the webview load the picture again. */
  private imageVersion = 0;

  constructor(
    private readonly webview: Webview, extensionUri: Uri, state: ViewState,
    private readonly log: LogOutputChannel,
    /** Fires when the person closes the view. */
    readonly onDidDispose: Event<unknown>,
  ) {
    this.current = state;
    const folder = Uri.joinPath(Uri.parse(state.imageUri), '..');
    webview.options = { enableScripts: true, localResourceRoots: [folder, viewerAssets(extensionUri)] };
    this.owned.add(webview.onDidReceiveMessage((message: FromViewer) => this.receive(message)));
    this.owned.add(onDidDispose(() => this.dispose()));
    webview.html = viewerHtml(webview, extensionUri);
  }

  get state(): ViewState {
    return this.current;
  }

  /** The last state that was not of a run in progress; undefined while the first run is. */
  get settledState(): ViewState | undefined {
    return this.settled;
  }

  /** Shows a new state; one that begins a run forgets what was selected before. */
  show(state: ViewState): void {
    this.current = state;
    this.progress = undefined;
    if (state.status === 'running') this.selected = undefined;
    else this.settled = state;
    this.postState();
  }

  /** Shows what a run does; `text` is the answer so far, in whole characters. */
  showProgress(statusText: string, text: string): void {
    this.progress = { statusText, text };
    this.post({ type: 'progress', statusText, text });
  }

  /** Looks at the file again, so that a changed picture is not shown as it was. */
  async refreshImage(): Promise<void> {
    try {
      this.imageVersion = (await workspace.fs.stat(Uri.parse(this.current.imageUri))).mtime;
    } catch {
      // The run that follows tells the person what is wrong with the file.
      this.imageVersion = 0;
    }
  }

  dispose(): void {
    this.isPageReady = false;
    this.owned.dispose();
  }

  private receive(message: FromViewer): void {
    switch (message.type) {
      case 'ready':
        this.isPageReady = true;
        this.postState();
        return;
      case 'copy':
        this.copy(message.what).catch((error: unknown) => this.log.error(`client.viewer copying: ${String(error)}`));
        return;
      case 'didSelect':
        this.selected = message.index;
        return;
      default:
        message satisfies never;
    }
  }

  private postState(): void {
    const imageSrc = this.webview.asWebviewUri(Uri.parse(this.current.imageUri)).with({ query: `v=${this.imageVersion}` }).toString();
    this.post({ type: 'show', view: this.current, imageSrc, words: viewWords(this.current, l10n.t) });
    if (this.progress !== undefined) this.post({ type: 'progress', ...this.progress });
    if (this.selected !== undefined) this.post({ type: 'select', index: this.selected });
  }

  private async copy(what: 'text' | 'json'): Promise<void> {
    const path = Uri.parse(this.current.imageUri).fsPath;
    await env.clipboard.writeText(what === 'text' ? textToCopy(this.current) : jsonToCopy(this.current, path));
    this.post({ type: 'notice', text: l10n.t('Copied') });
  }

  private post(message: ToViewer): void {
    if (this.isPageReady) void this.webview.postMessage(message);
  }
}
