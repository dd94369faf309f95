/**
 * The read-only custom editor "PaliGemma Image View". Opening a picture with it and running a command on it show the
 * same view.
 */
import { Uri, commands, env, l10n, window } from 'vscode';
import type { CustomReadonlyEditorProvider, Disposable, LogOutputChannel, Memento, WebviewPanel } from 'vscode';
import { commandIds } from '../commandIds';
import type { PromptHelp, ViewState } from '../contract/viewer';
import { DisposableStore } from '../disposableStore';
import { toFailure } from '../errors/failure';
import { showFailure } from '../errors/showFailure';
import type { LocalImages } from '../images/localImages';
import type { ServerClient } from '../languageClient';
import { isTrustedOrAsk } from '../trust';
import { AnswerMemory } from './answerMemory';
import { ImageView } from './imageView';
import { IMAGE_VIEW_TYPE } from '../imageViewType';
import type { ViewServices } from './imageView';
import { loadPreview } from './picturePreview';
import { PromptMemory } from './promptMemory';
import { promptLanguages, promptTasks } from './promptWords';

/** Loaded when something is saved: the extension is activated with every document. */
const exporting = () => import('./exportView');

/** What the views ask the rest of the extension for. */
export interface ViewConnections {
  readonly client: ServerClient;
  /** Files on disk for pictures that are none. */
  readonly local: LocalImages;
  readonly runs: {
    run(images: readonly Uri[], order: { readonly prompt: string; readonly title: string }): Promise<void>;
  };
  /** Of the workspace: keeps prompts and labels. */
  readonly memory: Memento;
}

export class ImageViews implements CustomReadonlyEditorProvider<ImageView>, Disposable {
  private readonly owned = new DisposableStore();
  private readonly open = new Map<string, ImageView>();
  private last: ImageView | undefined;
  private connections: ViewConnections | undefined;

  constructor(private readonly extensionUri: Uri, private readonly log: LogOutputChannel) {
    this.owned.add(
      window.registerCustomEditorProvider(IMAGE_VIEW_TYPE, this, { supportsMultipleEditorsPerDocument: true }),
    );
  }

  /**
   * Must be called in the same turn as the constructor: views of an earlier session open as soon as there is an editor
   * for them.
   */
  connect(connections: ViewConnections): void {
    this.connections = connections;
  }

  /** The state of the view that was shown last; kept after it was closed. */
  get lastState(): ViewState | undefined {
    return this.last?.state;
  }

  find(imageUri: string): ImageView | undefined {
    return this.open.get(imageUri);
  }

  /** Shows a state in the picture's view, which is opened where there is none. */
  async show(state: ViewState): Promise<ImageView> {
    const view = this.viewOf(Uri.parse(state.imageUri));
    this.last = view;
    await view.refreshImage();
    view.show(state);
    const [page] = view.openPages;
    if (page !== undefined) {
      page.panel.reveal(undefined, false);
      return view;
    }
    try {
      await commands.executeCommand('vscode.openWith', view.uri, IMAGE_VIEW_TYPE, { preview: false });
    } catch (error) {
      view.dispose();
      throw error;
    }
    return view;
  }

  /** Closes the view of a first run that was cancelled. */
  close(imageUri: string): void {
    this.open.get(imageUri)?.closeUnlessStopped();
  }

  openCustomDocument(uri: Uri): ImageView {
    return this.viewOf(uri);
  }

  resolveCustomEditor(view: ImageView, panel: WebviewPanel): void {
    view.addPage(panel);
    // One that the person opened without a run goes back to this when its first run is cancelled.
    if (view.state.status === 'idle') view.show(view.state);
  }

  dispose(): void {
    this.owned.dispose();
  }

  private viewOf(uri: Uri): ImageView {
    const key = uri.toString();
    const known = this.open.get(key);
    if (known !== undefined) return known;
    const view = new ImageView(uri, this.services());
    this.open.set(key, view);
    view.onDidDispose(() => {
      if (this.open.get(key) === view) this.open.delete(key);
    });
    return view;
  }

  private services(): ViewServices {
    const connected = () => {
      if (this.connections === undefined) throw new Error('The image views are not connected.');
      return this.connections;
    };
    const guarded = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        showFailure(toFailure(error, l10n.t), this.log, error);
        return undefined;
      }
    };
    return {
      extensionUri: this.extensionUri,
      help: () => promptHelp(new PromptMemory(connected().memory)),
      run: async (image, prompt) => {
        if (isTrustedOrAsk()) {
          await connected().runs.run([image], {
            prompt,
            title: l10n.t('Running “{0}”', prompt || l10n.t('(empty prompt)')),
          });
        }
      },
      export: (view, shown) =>
        guarded(async () => (await exporting()).exportRegions(view, shown, connected().client, connected().local)),
      preview: async image => {
        const { client, local } = connected();
        return local.with([image], ([file]) => loadPreview(client, file ?? image));
      },
      saveCrop: (view, index, png) => guarded(async () => (await exporting()).saveCrop(view, index, png)),
      showModelCard: async model => {
        await commands.executeCommand(commandIds.showModelCard, model);
      },
      remember: view => {
        const { memory } = connected();
        void new PromptMemory(memory).remember(view.prompt, view.regions.map(({ label }) => label));
        void new AnswerMemory(memory).remember(view);
      },
      recall: imageUri => new AnswerMemory(connected().memory).find(imageUri),
      logError: message => this.log.error(message),
    };
  }
}

function promptHelp(memory: PromptMemory): PromptHelp {
  return {
    history: memory.prompts,
    labels: memory.labels,
    tasks: promptTasks(l10n.t),
    languages: promptLanguages(env.language),
  };
}
