/** The image views that are open as panels: one for each picture. */
import { Uri, ViewColumn, l10n, window } from 'vscode';
import type { Disposable, LogOutputChannel, WebviewPanel, WebviewPanelSerializer } from 'vscode';
import type { ViewState } from '../contract/viewer';
import { DisposableStore } from '../disposableStore';
import { ImageView } from './imageView';
import { restoredView } from './viewState';

export const IMAGE_VIEW_TYPE = 'paligemma.imageView';

interface OpenView {
  readonly panel: WebviewPanel;
  readonly view: ImageView;
}

export class ImageViews implements WebviewPanelSerializer<unknown>, Disposable {
  private readonly owned = new DisposableStore();
  private readonly open = new Map<string, OpenView>();
  private last: ImageView | undefined;

  constructor(private readonly extensionUri: Uri, private readonly log: LogOutputChannel) {
    this.owned.add(window.registerWebviewPanelSerializer(IMAGE_VIEW_TYPE, this));
  }

  /** The state of the view that was shown last; kept after it was closed. */
  get lastState(): ViewState | undefined {
    return this.last?.state;
  }

  /** The picture of the view in front, if a view is in front. */
  get activeImage(): Uri | undefined {
    const active = [...this.open.values()].find(({ panel }) => panel.active);
    return active === undefined ? undefined : Uri.parse(active.view.state.imageUri);
  }

  find(imageUri: string): ImageView | undefined {
    return this.open.get(imageUri)?.view;
  }

  /** Shows a state in the picture's view, which is opened where there is none. */
  async show(state: ViewState): Promise<ImageView> {
    const known = this.open.get(state.imageUri);
    const { panel, view } = known ?? this.adopt(this.createPanel(state), state);
    if (known !== undefined) panel.reveal(undefined, false);
    this.last = view;
    await view.refreshImage();
    view.show(state);
    return view;
  }

  close(imageUri: string): void {
    this.open.get(imageUri)?.panel.dispose();
  }

  async deserializeWebviewPanel(panel: WebviewPanel, kept: unknown): Promise<void> {
    const state = restoredView(kept, l10n.t('The window was reloaded before the answer was complete.'));
    if (state === undefined || this.open.has(state.imageUri)) {
      panel.dispose();
      return;
    }
    const { view } = this.adopt(panel, state);
    this.last = view;
    await view.refreshImage();
    view.show(state);
  }

  dispose(): void {
    this.owned.dispose();
  }

  private createPanel(state: ViewState): WebviewPanel {
    return window.createWebviewPanel(IMAGE_VIEW_TYPE, l10n.t('{0} (PaliGemma 2)', state.imageName), ViewColumn.Active);
  }

  private adopt(panel: WebviewPanel, state: ViewState): OpenView {
    panel.iconPath = Uri.joinPath(this.extensionUri, 'media', 'icons', 'icon.png');
    const view = new ImageView(panel.webview, this.extensionUri, state, this.log, panel.onDidDispose);
    const open = { panel, view };
    this.open.set(state.imageUri, open);
    this.owned.add(panel.onDidDispose(() => this.open.delete(state.imageUri)));
    return open;
  }
}
