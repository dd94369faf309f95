/** One page of an image view: its webview and the messages to and from it. */
import { Uri } from 'vscode';
import type { Disposable, WebviewPanel } from 'vscode';
import type { FromViewer, ToViewer } from '../contract/viewer';
import { DisposableStore } from '../common/disposableStore';
import { pageAssets, pageHtml } from '../common/pageHtml';
import { readFromViewer } from './viewerMessages';

/**
 * A page that is hidden is thrown away by the editor and announces itself with `ready` when it is built again, so
 * nothing is posted before, and everything is on every `ready`.
 */
export class ImagePage implements Disposable {
  private readonly owned = new DisposableStore();
  private isReady = false;

  constructor(
    readonly panel: WebviewPanel,
    private readonly image: Uri,
    extensionUri: Uri,
    onMessage: (message: FromViewer) => void,
  ) {
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [Uri.joinPath(image, '..'), pageAssets(extensionUri)],
    };
    this.owned.add(panel.webview.onDidReceiveMessage((sent: unknown) => {
      const message = readFromViewer(sent);
      if (message === undefined) return;
      if (message.type === 'ready') this.isReady = true;
      onMessage(message);
    }));
    this.owned.add(panel.onDidDispose(() => this.dispose()));
    panel.webview.html = pageHtml(panel.webview, extensionUri, 'viewer', 'own');
  }

  /** Where the page loads the picture from. @param version Changes with the content. */
  imageSrc(version: string): string {
    return this.panel.webview.asWebviewUri(this.image).with({ query: `v=${version}` }).toString();
  }

  post(message: ToViewer): void {
    if (this.isReady) void this.panel.webview.postMessage(message);
  }

  dispose(): void {
    this.isReady = false;
    this.owned.dispose();
  }
}
