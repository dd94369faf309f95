/**
 * The read-only custom editor "PaliGemma Image View". Opening a picture with it and running a command on it show the
 * same view.
 */
import { EventEmitter, Uri, commands, env, l10n } from 'vscode';
import type {
  CustomReadonlyEditorProvider,
  Disposable,
  LogOutputChannel,
  Memento,
  TextDocumentShowOptions,
  WebviewPanel,
} from 'vscode';
import { isCount, isRecord } from '../../../paligemma/src/checks';
import { given } from '../../../paligemma/src/given';
import { kindOf } from '../../../paligemma/src/kinds/kinds';
import { commandIds } from '../common/commandIds';
import { IMAGE_VIEW_TYPE } from '../common/imageViewType';
import type { PromptHelp, RegionAction, ViewState } from '../contract/viewer';
import { plainLine } from '../../../paligemma/src/plainText';
import { DisposableStore } from '../common/disposableStore';
import { toFailure } from '../errors/failure';
import { showFailure } from '../errors/showFailure';
import type { LocalImages } from '../images/localImages';
import type { ServerClient } from '../connection/languageClient';
import { isTrustedOrAsk } from '../common/trust';
import { AnswerMemory } from './answerMemory';
import { ImageView } from './imageView';
import { answersOf, answerOf, placeAmong } from './knownAnswers';
import { loadPreview } from './picturePreview';
import { imageAt, type PlaceInSeries, type ShownRun } from './pictureSeries';
import { PromptMemory } from './promptMemory';
import { promptLanguages, promptTasks } from './promptWords';
import { PreferenceMemory } from './viewPreferences';
import type { ViewServices, PartChoices } from './viewServices';
import type { MusicEngraver } from './musicEngraver';
import { window } from '../common/window';

/** Loaded when something is saved: the extension is activated with every document. */
const exporting = () => import('./exportView');

/** What the views ask the rest of the extension for. */
export interface ViewParts {
  readonly extensionUri: Uri;
  readonly log: LogOutputChannel;
  readonly client: ServerClient;
  /** Files on disk for pictures that are not files themselves. */
  readonly local: LocalImages;
  /** What has to stand beside the answers of a model. */
  readonly noteOn: (model: string) => Promise<string | undefined>;
  readonly engraver: Pick<MusicEngraver, 'folder'>;
  /** Of the workspace: keeps prompts and labels. */
  readonly memory: Memento;
}

/** A prompt that the person wrote in a view. */
export interface ViewQuestion {
  readonly image: Uri;
  readonly prompt: string;
  readonly parts: PartChoices;
}

export class ImageViews implements CustomReadonlyEditorProvider<ImageView>, Disposable {
  private readonly owned = new DisposableStore();
  private readonly open = new Map<string, ImageView>();
  private readonly askEmitter = this.owned.add(new EventEmitter<ViewQuestion>());
  /** Fires when the person runs a prompt in a view; whoever answers calls {@link show}. */
  readonly onDidAsk = this.askEmitter.event;
  private last: ImageView | undefined;

  /** Views of an earlier session open as soon as there is an editor for them. */
  constructor(private readonly parts: ViewParts) {
    this.owned.add(
      window.registerCustomEditorProvider(IMAGE_VIEW_TYPE, this, { supportsMultipleEditorsPerDocument: true }),
    );
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
    await this.openEditor(view, { preview: false });
    return view;
  }

  /** Closes the view of a first run that was cancelled. */
  close(imageUri: string): void {
    this.open.get(imageUri)?.closeUnlessStopped();
  }

  /**
   * Opens a picture of a run with what the run's prompt was answered there; from it the person steps to the others. The
   * one door for whoever shows pictures of a run: the lens of a prompt, a list of results.
   * @param index Of the picture in `run.pictures`.
   */
  async openRun(run: ShownRun, index: number): Promise<void> {
    await this.openAt({ series: { kind: 'run', run }, index }, undefined);
  }

  /** What the person chose from the menu of a region. @param context As the page's element has it; of any shape. */
  async act(action: RegionAction, context: unknown): Promise<void> {
    const { imageUri, index } = isRecord(context) ? context : {};
    if (typeof imageUri !== 'string') return;
    await this.open.get(imageUri)?.act(action, isCount(index) ? index : undefined);
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

  private async openAt(place: PlaceInSeries, viewColumn: number | undefined): Promise<void> {
    const imageUri = imageAt(place);
    if (imageUri === undefined) return;
    const uri = Uri.parse(imageUri);
    const view = this.viewOf(uri);
    const going = view.goTo(place);
    await this.openEditor(view, { preview: true, ...given({ viewColumn }) });
    await going;
    // Where its editor was just being closed, another view has taken its place.
    const shown = this.open.get(uri.toString());
    if (shown !== view) await shown?.goTo(place);
  }

  /** Brings a view up that no editor shows yet, or that one shows. */
  private async openEditor(view: ImageView, options: TextDocumentShowOptions): Promise<void> {
    this.last = view;
    try {
      await commands.executeCommand('vscode.openWith', view.uri, IMAGE_VIEW_TYPE, options);
    } catch (error) {
      if (view.openPages.size === 0) view.dispose();
      throw error;
    }
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
    const { extensionUri, log, client, local, memory, engraver } = this.parts;
    const preferences = new PreferenceMemory(memory);
    const guarded = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        showFailure(toFailure(error, l10n.t), log, error);
        return undefined;
      }
    };
    return {
      extensionUri,
      help: () => promptHelp(new PromptMemory(memory)),
      ask: (image, prompt, parts = {}) => {
        if (isTrustedOrAsk()) this.askEmitter.fire({ image, prompt, parts });
      },
      export: (view, shown, forms) =>
        guarded(async () => (await exporting()).exportRegions(view, shown, forms, client, local)),
      preview: image => local.with([image], ([file]) => loadPreview(client, file ?? image)),
      saveCrop: (view, index, png) => guarded(async () => (await exporting()).saveCrop(view, index, png)),
      showModelCard: async model => {
        await commands.executeCommand(commandIds.showModelCard, model);
      },
      cure: async cure => {
        await commands.executeCommand(cure === 'openLog' ? commandIds.showLog : commandIds.chooseModel);
      },
      known: image => orLogged(answersOf(image, this.parts), [], log),
      stored: (image, key) => orLogged(answerOf(image, key, this.parts), undefined, log),
      placeOf: image => orLogged(placeAmong(image, this.parts), undefined, log),
      open: (place, column) => this.openAt(place, column),
      preferences: () => preferences.preferences,
      setPreferences: value => void preferences.remember(value),
      remember: view => {
        void new PromptMemory(memory).remember(view.prompt, objectsOf(view));
        void new AnswerMemory(memory).remember(view);
      },
      recall: imageUri => new AnswerMemory(memory).find(imageUri),
      musicEngraver: () => engraver.folder(),
      logError: message => log.error(message),
    };
  }
}

/** What cannot be had is not known: the picture is shown all the same. */
function orLogged<T>(work: Promise<T>, otherwise: T, log: LogOutputChannel): Promise<T> {
  return work.catch((error: unknown) => {
    log.warn(`client.viewer looking for answers: ${error instanceof Error ? error.message : String(error)}`);
    return otherwise;
  });
}

/** Names to offer in later prompts: what stands in a table or was read is no object. */
function objectsOf({ result, show }: ViewState): string[] {
  if (result === undefined || !['boxes', 'masks'].includes(kindOf({ ...result, show }))) return [];
  return result.regions.map(({ label }) => plainLine(label));
}

function promptHelp(memory: PromptMemory): PromptHelp {
  return {
    history: memory.prompts,
    labels: memory.labels,
    tasks: promptTasks(l10n.t),
    languages: promptLanguages(env.language),
  };
}
