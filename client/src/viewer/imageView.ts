/** What is known of one picture, and the pages that show it: one for each editor that the person has opened on it. */
import { EventEmitter, env, l10n, workspace } from 'vscode';
import type { CustomDocument, Uri, WebviewPanel } from 'vscode';
import { given } from '../../../paligemma/src/given';
import type { AnswerForm, KindName, ReadAnswer } from '../../../paligemma/src/kinds/kinds';
import { askedParts } from '../../../paligemma/src/tiles/askedParts';
import type { KnownAnswer } from '../../../server/src/contract/answers';
import type { CopiedForm, FromViewer, RegionAction, ToViewer, ViewState } from '../contract/viewer';
import { DisposableStore } from '../common/disposableStore';
import { AnswerDrawings } from './answerDrawings';
import { answerEntries, shownKey } from './answerEntries';
import { readShown, shownAnswer, viewAsRead } from './answerKind';
import { chooseForm } from './chooseForm';
import { ImageFile } from './imageFile';
import { ImagePage } from './imagePage';
import type { BinaryForm } from './madeDrawing';
import { PagePreview } from './pagePreview';
import { keyOfWish, placeWords, wishAt, type AnswerWish, type PlaceInSeries } from './pictureSeries';
import type { ViewServices } from './viewServices';
import {
  askedView,
  bannerFor,
  doneView,
  failedView,
  firstState,
  idleView,
  jsonToCopy,
  restoredView,
} from './viewState';
import { imageName, imagePath } from '../images/documentPages';
import { viewWords } from './viewWords';

type Passed = Extract<
  FromViewer,
  { readonly type: 'export' | 'saveCrop' | 'run' | 'showModelCard' | 'cure' | 'preferences' }
>;

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
  private readonly preview: PagePreview;
  private readonly drawings = new AnswerDrawings(() => this.postState(), l10n.t, {
    musicEngraver: () => this.services.musicEngraver(),
  });
  private readonly pages = new Set<ImagePage>();
  private current: ViewState;
  private reading: { readonly of: ViewState; readonly answer: ReadAnswer | undefined } | undefined;
  private settled: ViewState | undefined;
  private progress: { readonly statusText: string; readonly text: string } | undefined;
  private loading: Promise<void> | undefined;
  private wasStopped = false;
  /** Newest first; undefined until it was looked for. */
  private known: readonly KnownAnswer[] | undefined;
  /** How often it was looked for: a look that is overtaken changes nothing. */
  private looks = 0;
  private isLooking = false;
  private hasBegun = false;
  private place: PlaceInSeries | undefined;
  private wasSteppedTo = false;

  constructor(readonly uri: Uri, private readonly services: ViewServices) {
    this.current = idleView(uri.toString(), imageName(uri));
    this.file = this.owned.add(new ImageFile(uri));
    this.preview = new PagePreview(() => services.preview(uri), () => this.postState());
    this.owned.add(this.file.onDidChange(() => this.postState()));
    this.owned.add(workspace.onDidChangeConfiguration(change => {
      if (!change.affectsConfiguration('paligemma.musicEngraver')) return;
      this.drawings.forget();
      this.postState();
    }));
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

  /** Whether the person sees what the view says. */
  get isSeen(): boolean {
    return [...this.pages].some(({ panel }) => panel.visible);
  }

  /** Shows a new state of a run. */
  show(state: ViewState): void {
    this.hasBegun ||= state.status !== 'idle';
    if (state.status === 'running') this.wasStopped = false;
    this.display(state);
    if (state.status !== 'done') return;
    this.services.remember(state);
    void this.look();
  }

  /** Shows what a run does; `text` is the answer so far, in whole characters. */
  showProgress(statusText: string, text: string): void {
    this.progress = { statusText, text };
    this.post({ type: 'progress', statusText, text });
  }

  /** The picture stands there from now on, and what is wished for there is shown, unless a run is in progress. */
  async goTo(place: PlaceInSeries): Promise<void> {
    this.place = place;
    this.wasSteppedTo = true;
    const wish = wishAt(place);
    if (wish !== undefined && this.current.status !== 'running') {
      this.hasBegun = true;
      await this.showWished(wish);
    } else this.postState();
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

  /** What the person chose from the menu of a region. */
  async act(action: RegionAction, index: number | undefined): Promise<void> {
    const page = [...this.pages].find(({ panel }) => panel.active) ?? [...this.pages][0];
    if (page === undefined) return;
    if (action !== 'copyLabel') return page.post({ type: 'regionAction', action, ...given({ index }) });
    const region = index === undefined ? undefined : this.shownView.result?.regions[index];
    if (region === undefined) return;
    await env.clipboard.writeText(region.label);
    page.post({ type: 'notice', text: l10n.t('Copied') });
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
        return this.copy(message.what, page);
      case 'showAs':
        return this.showAs(message.kind);
      case 'previewWanted':
        return this.preview.make(message.imageSrc, this.file.sha256);
      case 'stop':
        this.wasStopped = true;
        return this.stopEmitter.fire();
      case 'bannerAction':
        if (message.action === 'runAgain') {
          return this.services.ask(this.uri, this.current.prompt, askedParts(this.current.result ?? {}));
        }
        if (message.action === 'readInParts') {
          return this.services.ask(this.uri, this.current.prompt, { tiles: 'auto' });
        }
        await this.refreshImage();
        return this.postState();
      case 'showAnswer':
        await this.showKnown(message.key);
        return;
      case 'step':
        return this.step(message.by, page);
      default:
        return this.pass(message, page);
    }
  }

  /** What others do for the view. */
  private async pass(message: Passed, page: ImagePage): Promise<void> {
    const { services, shownView: current } = this;
    switch (message.type) {
      case 'export':
        return this.tell(page, await services.export(current, message.shown, this.forms));
      case 'saveCrop':
        return this.tell(page, await services.saveCrop(current, message.index, message.png));
      case 'run':
        return services.ask(this.uri, message.prompt, given({ region: message.region }));
      case 'showModelCard':
        return services.showModelCard(current.result?.model ?? '');
      case 'cure':
        return services.cure(message.cure);
      case 'preferences':
        return services.setPreferences(message.preferences);
      default:
        message satisfies never;
    }
  }

  private async copy(what: CopiedForm, page: ImagePage): Promise<void> {
    const text = await this.copied(what);
    if (text === undefined) return;
    await env.clipboard.writeText(text);
    page.post({ type: 'notice', text: l10n.t('Copied') });
  }

  private async copied(what: CopiedForm): Promise<string | undefined> {
    const { current } = this;
    switch (what) {
      case 'text':
        return this.answer?.text() ?? '';
      case 'json':
        return jsonToCopy(current, imagePath(this.uri), l10n.t);
      case 'form':
        return (await chooseForm(this.forms.filter(form => 'write' in form), l10n.t('Copy As')))?.write();
    }
  }

  private showAs(show: KindName | undefined): void {
    const { show: _, ...others } = this.current;
    this.current = { ...others, ...given({ show }) };
    if (this.current.status !== 'running') this.settled = this.current;
    if (this.current.status === 'done') this.services.remember(this.current);
    this.postState();
  }

  /** The answer as what it is, read once. */
  private get answer(): ReadAnswer | undefined {
    const { current } = this;
    if (this.reading?.of !== current) this.reading = { of: current, answer: readShown(current, l10n.t) };
    return this.reading.answer;
  }

  /** Those that the answer has, and those that come with its drawing. */
  private get forms(): readonly (AnswerForm | BinaryForm)[] {
    const { answer } = this;
    return answer === undefined ? [] : [...answer.forms, ...this.drawings.get(answer.shown)?.forms ?? []];
  }

  private get shownView(): ViewState {
    return viewAsRead(this.current, this.answer);
  }

  private async pageReady(page: ImagePage, kept: unknown): Promise<void> {
    await (this.loading ?? this.refreshImage());
    const isFirst = this.known === undefined && !this.isLooking;
    if (!this.hasBegun) {
      this.hasBegun = true;
      void this.begin(kept);
    } else if (isFirst) void this.look();
    this.postTo(page);
    if (this.place !== undefined) return;
    const place = await this.services.placeOf(this.uri);
    // Meanwhile the person may have come here from a run.
    if (place === undefined || this.place !== undefined) return;
    this.place = place;
    this.postState();
  }

  /**
   * A view that was opened without a run or a wish: what its page kept over a reload stays; else the newest answer of
   * all comes in the place of what the workspace remembers, as soon as it is found.
   */
  private async begin(kept: unknown): Promise<void> {
    const { imageUri } = this.current;
    const interrupted = l10n.t('The window was reloaded before the answer was complete.');
    const restored = firstState(imageUri, kept, this.services.recall(imageUri), interrupted);
    if (restored !== undefined) this.settled = this.current = restored;
    const isKept = restoredView(kept, interrupted)?.imageUri === imageUri;
    const before = this.current;
    await this.look(async known => {
      const [newest] = known;
      if (newest === undefined || isKept || this.current !== before || shownKey(known, before, l10n.t) === newest.key) {
        return;
      }
      await this.showKnown(newest.key);
    });
  }

  private async showWished(wish: AnswerWish): Promise<void> {
    const before = this.current;
    await this.look(async known => {
      const key = keyOfWish(wish, known);
      if (this.current !== before || (key !== undefined && await this.showKnown(key, wish))) return;
      const asked: ViewState = {
        ...askedView(before.imageUri, before.imageName, wish.prompt),
        ...given({ show: wish.show }),
      };
      if (this.current === before) {
        this.display(wish.error === undefined ? asked : failedView(asked, wish.error));
      }
    });
  }

  /** Looks for what is known of the picture. @param use Decides what is shown of it. */
  private async look(use: (known: readonly KnownAnswer[]) => Promise<void> = () => Promise.resolve()): Promise<void> {
    const look = ++this.looks;
    this.isLooking = true;
    const known = await this.services.known(this.uri);
    if (look === this.looks) this.known = known;
    await use(known);
    if (look !== this.looks) return;
    this.isLooking = false;
    this.postState();
  }

  /** False where it is not kept any more, or a run has begun meanwhile. */
  private async showKnown(key: string, wish?: Pick<AnswerWish, 'show'>): Promise<boolean> {
    const before = this.current;
    const answer = await this.services.stored(this.uri, key);
    if (answer === undefined || this.current !== before || before.status === 'running') return false;
    const done = doneView(before, answer.result, answer.note);
    this.display(wish?.show === undefined ? done : { ...done, show: wish.show });
    return true;
  }

  private async step(by: 1 | -1, page: ImagePage): Promise<void> {
    if (this.place === undefined) return;
    const { series, index } = this.place;
    await this.services.open({ series, index: index + by }, page.panel.viewColumn);
  }

  private display(state: ViewState): void {
    this.current = state;
    this.progress = undefined;
    if (state.status !== 'running') this.settled = state;
    this.postState();
  }

  private postState(): void {
    for (const page of this.pages) this.postTo(page);
  }

  private postTo(page: ImagePage): void {
    const { current, file, services, answer } = this;
    const banner = bannerFor(current, file.state, file.sha256, l10n.t);
    const { made, words: pictureUnavailable } = this.preview.of(file.sha256, current);
    const words = viewWords(this.shownView, l10n.t, this.isLooking);
    const series = this.place === undefined ? undefined : placeWords(this.place, l10n.t);
    page.post({
      type: 'show',
      view: current,
      imageSrc: made?.src ?? page.imageSrc(file.sha256?.slice(0, 16) ?? '0'),
      ...(made === undefined ? {} : { pictureSize: { width: made.widthPx, height: made.heightPx } }),
      words: { ...words, ...given({ pictureUnavailable }) },
      help: services.help(),
      answers: answerEntries(this.known ?? [], current, env.language, l10n.t),
      focus: this.wasSteppedTo ? 'picture' : 'prompt',
      ...(answer === undefined
        ? {}
        : { answer: shownAnswer(current, answer, this.drawings.get(answer.shown), l10n.t) }),
      ...given({ banner, series, preferences: services.preferences() }),
    });
    if (this.progress !== undefined) page.post({ type: 'progress', ...this.progress });
  }

  private tell(page: ImagePage, text: string | undefined): void {
    if (text !== undefined) page.post({ type: 'notice', text });
  }

  private post(message: ToViewer): void {
    for (const page of this.pages) page.post(message);
  }
}
