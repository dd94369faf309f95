/** The message loop of the image view. Data comes by message only, after `ready`. */
import type { KindName } from '../../paligemma/src/kinds/kinds';
import type { Box } from '../../paligemma/src/facts';
import { withoutMasks } from '../../paligemma/src/runResult';
import { tileKindOf } from '../../paligemma/src/tiles/kind';
import type {
  FromViewer,
  RegionAction,
  ShownAnswer,
  ToViewer,
  ViewPreferences,
  ViewState,
  ViewWords,
} from '../../client/src/contract/viewer';
import { AnswerPanel } from './answerPanel';
import { base64Of, copyPicture, cropped } from './crop';
import { displayed } from './displayed';
import { element } from '../dom/dom';
import { KeyList } from './keyList';
import { KindPanel } from './kindPanel';
import { KnownAnswers } from './knownAnswers';
import { PanelSeparator } from './panelSeparator';
import { PictureSteps } from './pictureSteps';
import { onShortcut } from './shortcuts';
import { PromptBar } from './promptBar';
import { RegionList } from './regionList';
import type { RegionListState } from './regionList';
import { Stage } from './stage';
import type { StageState } from './stage';
import { Toolbar } from './toolbar';

/** What the page keeps over a reload of the window. */
interface Kept {
  readonly view: ViewState;
  readonly ui: UiState;
}

interface UiState {
  readonly list: RegionListState;
  readonly stage: StageState;
  readonly selected?: number;
  readonly areLabelsShown: boolean;
  readonly areTilesShown: boolean;
  readonly maskOpacity: number;
  readonly draft: string;
}

/**
 * Masks beyond this many characters are not kept over a reload: the editor writes the state into one small data base.
 */
const MOST_KEPT_CHARACTERS = 4_000_000;
/** The state is kept once the person pauses, milliseconds. */
const KEEP_AFTER_MS = 250;
const nothingHidden: RegionListState = { hidden: [], filter: '' };

/** What the editor gives to the pages of extensions. */
declare function acquireVsCodeApi(): {
  postMessage(message: FromViewer): void;
  setState(state: Kept): void;
  getState(): Partial<Kept> | undefined;
};

class Viewer {
  private readonly vscode = acquireVsCodeApi();
  private readonly post = (message: FromViewer) => this.vscode.postMessage(message);
  private readonly regions = new RegionList(index => this.select(index), shown => this.showRegions(shown));
  private readonly stage = new Stage(
    index => this.select(index),
    (scale, isFitted) => {
      this.toolbar.showScale(scale, isFitted);
      this.keepSoon();
    },
    imageSrc => this.post({ type: 'previewWanted', imageSrc }),
    index => this.kind.point(index),
    box => this.readRegion(box),
  );
  private readonly toolbar = new Toolbar({
    zoomIn: () => this.stage.zoomBy(1),
    zoomOut: () => this.stage.zoomBy(-1),
    fit: () => this.stage.fit(),
    actualSize: () => this.stage.showActualSize(),
    setLabels: areShown => {
      this.stage.overlay.labels.hidden = !areShown;
      if (areShown) this.stage.overlay.measure();
      this.stage.invalidate();
      this.keepSoon();
    },
    setTiles: areShown => {
      this.stage.overlay.setTilesShown(areShown);
      this.keepSoon();
    },
    setDrawing: isOn => {
      this.stage.setDrawing(isOn);
      if (isOn) this.stage.element.focus();
    },
    setMaskOpacity: opacity => {
      this.stage.element.style.setProperty('--mask-opacity', String(opacity));
      this.keepSoon();
    },
  });
  private readonly prompt = new PromptBar(this.post);
  private readonly known = new KnownAnswers(this.post);
  private readonly steps = new PictureSteps(this.post);
  private readonly keys = new KeyList();
  private readonly kind = new KindPanel(this.post, {
    select: index => this.select(index),
    point: index => this.stage.point(index),
  });
  private readonly answer = new AnswerPanel(
    {
      prompt: this.prompt.element,
      regions: this.regions.element,
      known: this.known.element,
      kindChoice: this.kind.choiceElement,
      kind: this.kind.element,
    },
    this.post,
    { copyCrop: () => void this.copyCrop(), export: () => this.export() },
  );
  private shown: {
    readonly view: ViewState;
    readonly words: ViewWords;
    readonly imageSrc: string;
    readonly isSameContent: boolean;
    readonly kind: KindName | undefined;
  } | undefined;
  private selected: number | undefined;
  private keepTimer: number | undefined;
  /** As the extension has them, JSON. */
  private keptPreferences = '';
  /** `data-kept`: whether the editor has the state as it is shown. */
  private readonly main = element('main');
  private readonly separator = new PanelSeparator(this.main, this.answer.element, () => this.keepSoon());

  start(): void {
    // Nothing is seen before it has its words.
    this.main.hidden = true;
    document.body.append(this.main, this.keys.element);
    this.main.append(
      element('section', { class: 'picture' }, [
        this.stage.element,
        element('div', { class: 'tools' }, [this.steps.element, this.toolbar.element, this.keys.button]),
      ]),
      this.separator.element,
      this.answer.element,
    );
    window.addEventListener('message', (event: MessageEvent<ToViewer>) => this.receive(event.data));
    window.addEventListener('pagehide', () => this.keep());
    onShortcut({
      next: () => this.regions.step(1),
      previous: () => this.regions.step(-1),
      deselect: () => this.toolbar.isDrawing ? this.toolbar.setDrawing(false) : this.select(undefined),
      zoomIn: () => this.stage.zoomBy(1),
      zoomOut: () => this.stage.zoomBy(-1),
      fit: () => this.stage.fit(),
      actualSize: () => this.stage.showActualSize(),
      toggleLabels: () => this.toolbar.setLabels(!this.toolbar.areLabelsShown),
      readRegion: () => this.toolbar.setDrawing(!this.toolbar.isDrawing),
      prompt: () => this.prompt.focus(),
      nextPicture: () => this.steps.step(1),
      previousPicture: () => this.steps.step(-1),
      keys: () => this.keys.open(),
    });
    const kept = this.vscode.getState()?.view;
    this.post({ type: 'ready', ...(kept === undefined ? {} : { kept }) });
  }

  private receive(sent: ToViewer): void {
    const message = displayed(sent);
    switch (message.type) {
      case 'show':
        return this.show(message, sent.type === 'show' ? sent.view : message.view);
      case 'progress':
        return this.answer.showText(message.statusText, message.text, message.text);
      case 'notice':
        return this.answer.showNotice(message.text);
      case 'regionAction':
        return this.act(message.action, message.index);
      default:
        message satisfies never;
    }
  }

  /** @param sent The view as it came: what is kept. */
  private show(message: Extract<ToViewer, { readonly type: 'show' }>, sent: ViewState): void {
    const { imageSrc, pictureSize, words, help, banner, answers = [], series, answer } = message;
    const view = asRead(message.view, answer);
    const before = this.shown;
    const isSameContent = banner?.kind !== 'otherContent';
    this.shown = { view: sent, words, imageSrc, isSameContent, kind: answer?.shown.kind };
    // Before anything is measured.
    this.main.hidden = false;
    const ui = before === undefined ? this.keptUi(sent) : undefined;
    this.prompt.show(view, words, help, ui?.draft);
    this.stage.show(view, imageSrc, words, isSameContent, pictureSize);
    this.kind.show(answer, words);
    this.answer.show(view, words, banner, this.kind);
    this.known.show(answers, words.page);
    this.steps.show(series, words.page);
    this.keys.show(words.page);
    this.separator.show(words.page);
    this.showTools({ ...message, view });
    const isSame = before !== undefined && before.kind === this.kind.name && isSameAnswer(before.view, sent);
    this.showRegionsOf(view, words, isSame, ui);
    if (before === undefined) this.begin(message, ui);
    this.updateCrop();
    this.stage.invalidate();
    this.keepSoon();
  }

  private showRegionsOf(view: ViewState, words: ViewWords, isSameAnswer: boolean, ui: UiState | undefined): void {
    const regions = view.result?.regions ?? [];
    if (isSameAnswer) return;
    this.stage.overlay.draw(regions, words.regionLabels, { width: view.widthPx, height: view.heightPx });
    this.regions.show(view, words, ui?.list ?? nothingHidden);
    this.select(ui?.selected, false);
  }

  /** What belongs to the picture, and the buttons for it. */
  private showTools({ view, words, banner }: Extract<ToViewer, { readonly type: 'show' }>): void {
    const { regions = [], tiles = [] } = view.result ?? {};
    this.toolbar.show(words.page, {
      hasRegions: regions.length > 0,
      hasMasks: regions.some(({ mask }) => mask !== undefined),
      hasTiles: tiles.length > 0,
      canRead: view.status !== 'running' && banner?.kind !== 'missing',
    });
    this.stage.overlay.drawTiles(tiles);
  }

  /** After a reload the page goes on where it was, as long as it is about the same answer. */
  private keptUi(view: ViewState): UiState | undefined {
    const kept = this.vscode.getState();
    return kept?.view !== undefined && isSameAnswer(kept.view, view) ? kept.ui : undefined;
  }

  private begin(
    { view, preferences, focus }: Extract<ToViewer, { readonly type: 'show' }>,
    ui: UiState | undefined,
  ): void {
    const { panelWidthPx, ...set } = preferences
      ?? { areLabelsShown: true, maskOpacity: this.toolbar.maskOpacity };
    this.separator.restore(panelWidthPx);
    this.toolbar.setMaskOpacity(ui?.maskOpacity ?? set.maskOpacity);
    this.toolbar.setLabels(ui?.areLabelsShown ?? set.areLabelsShown);
    if (ui?.areTilesShown === false) this.toolbar.setTiles(false);
    this.keptPreferences = JSON.stringify(this.preferences);
    if (ui !== undefined) this.stage.restore(ui.stage);
    if (focus === 'picture') this.stage.element.focus();
    else if (view.status === 'idle' && document.hasFocus()) this.prompt.focus();
  }

  private get preferences(): ViewPreferences {
    const { widthPx } = this.separator;
    return {
      ...(widthPx === undefined ? {} : { panelWidthPx: widthPx }),
      areLabelsShown: this.toolbar.areLabelsShown,
      maskOpacity: this.toolbar.maskOpacity,
    };
  }

  /** What the person chose from the menu of a region. */
  private act(action: RegionAction, index: number | undefined): void {
    if (action === 'showAll') return this.regions.showAll();
    if (action === 'export') return this.export();
    if (index === undefined) return;
    switch (action) {
      case 'zoom':
        this.select(index, false);
        return this.stage.zoomTo(index);
      case 'copyCrop':
        this.select(index);
        return void this.copyCrop();
      case 'hide':
        return this.regions.hide(index);
      case 'onlyLabel':
        return this.regions.showOnlyLabelOf(index);
      case 'read':
        return this.readRegionOf(index);
      // The extension does it by itself.
      case 'copyLabel':
        return;
      default:
        action satisfies never;
    }
  }

  private showRegions(shown: readonly boolean[]): void {
    this.stage.overlay.setShown(shown);
    if (this.selected !== undefined && shown[this.selected] !== true) this.select(undefined);
    this.stage.invalidate();
    this.keepSoon();
  }

  private select(index: number | undefined, isRevealed = true): void {
    this.selected = index;
    this.stage.overlay.select(index);
    this.regions.select(index);
    this.kind.select(index);
    this.updateCrop();
    if (index !== undefined && isRevealed) this.stage.reveal(index);
    this.stage.invalidate();
    this.keepSoon();
  }

  /** A box of another content would cut out something else. */
  private get canCrop(): boolean {
    return this.selected !== undefined && this.shown?.view.status === 'done' && this.shown.isSameContent;
  }

  private updateCrop(): void {
    this.answer.setCropAvailable(this.canCrop);
  }

  /** As text, where its place is one in the picture that is shown. */
  private readRegionOf(index: number | undefined): void {
    const box = index === undefined ? undefined : this.stage.overlay.boxOf(index);
    if (box !== undefined && this.shown?.isSameContent === true) {
      this.post({ type: 'run', prompt: 'ocr', region: box });
    }
  }

  /** With the prompt that stands in the field where it is one for parts of a picture, else as text. */
  private readRegion(region: Box): void {
    this.toolbar.setDrawing(false);
    const { draft } = this.prompt;
    this.post({ type: 'run', prompt: tileKindOf(draft) === undefined ? 'ocr' : draft.trim(), region });
  }

  private export(): void {
    if (this.shown?.view.status === 'done') this.post({ type: 'export', shown: this.regions.switchedOn });
  }

  /** To the clipboard; where that takes no pictures, to a file. */
  private async copyCrop(): Promise<void> {
    const { selected, shown } = this;
    const box = selected === undefined ? undefined : this.stage.overlay.boxOf(selected);
    if (shown === undefined || selected === undefined || box === undefined) return;
    if (!this.canCrop) return this.answer.showNotice(shown.words.page.cropUnavailable);
    const png = cropped(shown.imageSrc, box, { width: shown.view.widthPx, height: shown.view.heightPx });
    try {
      if (await copyPicture(png)) this.answer.showNotice(shown.words.page.copied);
      else this.post({ type: 'saveCrop', index: selected, png: await base64Of(await png) });
    } catch {
      this.answer.showNotice(shown.words.pictureUnavailable);
    }
  }

  private keepSoon(): void {
    this.main.dataset['kept'] = 'false';
    window.clearTimeout(this.keepTimer);
    this.keepTimer = window.setTimeout(() => this.keep(), KEEP_AFTER_MS);
  }

  private keep(): void {
    if (this.shown === undefined) return;
    const { selected } = this;
    const ui: UiState = {
      list: this.regions.state,
      stage: this.stage.state,
      ...(selected === undefined ? {} : { selected }),
      areLabelsShown: this.toolbar.areLabelsShown,
      areTilesShown: this.toolbar.areTilesShown,
      maskOpacity: this.toolbar.maskOpacity,
      draft: this.prompt.draft,
    };
    this.vscode.setState({ view: withoutLargeMasks(this.shown.view), ui });
    const preferences = JSON.stringify(this.preferences);
    if (preferences !== this.keptPreferences) this.post({ type: 'preferences', preferences: this.preferences });
    this.keptPreferences = preferences;
    this.main.dataset['kept'] = 'true';
  }
}

/** The view with what the answer has as what it is. */
function asRead(view: ViewState, answer: ShownAnswer | undefined): ViewState {
  const { result } = view;
  if (result === undefined || answer === undefined) return view;
  const { regions = result.regions, text = result.text } = answer;
  return { ...view, result: { ...result, regions, text } };
}

function isSameAnswer(a: ViewState, b: ViewState): boolean {
  const [one, other] = [a.result, b.result];
  return a.status === b.status && a.prompt === b.prompt && one?.suffix === other?.suffix
    && one?.image.sha256 === other?.image.sha256 && one?.model === other?.model
    && one?.regions.length === other?.regions.length;
}

function withoutLargeMasks(view: ViewState): ViewState {
  const { result } = view;
  if (result === undefined) return view;
  const characters = result.regions.reduce((sum, { mask }) => sum + (mask?.png.length ?? 0), 0);
  return characters <= MOST_KEPT_CHARACTERS ? view : { ...view, result: withoutMasks(result) };
}

new Viewer().start();
