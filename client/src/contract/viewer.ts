/**
 * Messages between the extension and the image view's webview. All sentences come from the extension, in the editor's
 * language.
 */
import type { ConfidenceWord } from '../../../paligemma/src/confidence';
import type { Box, Region } from '../../../paligemma/src/facts';
import type { KindData, KindName } from '../../../paligemma/src/kinds/kinds';
import type { RunResult } from '../../../paligemma/src/runResult';

/** Extension → webview. */
export type ToViewer =
  | {
    readonly type: 'show';
    readonly view: ViewState;
    /** Where the webview loads the picture from; it changes whenever another content is to be shown. */
    readonly imageSrc: string;
    /** Size of the picture where what the webview loads is a smaller copy. */
    readonly pictureSize?: { readonly width: number; readonly height: number };
    readonly words: ViewWords;
    /** The answer as what it is; absent where there is none yet. */
    readonly answer?: ShownAnswer;
    readonly help: PromptHelp;
    readonly banner?: ViewBanner;
    /** What is known of the picture, newest first; absent: nothing, or not yet. */
    readonly answers?: readonly AnswerEntry[];
    /** Where the picture stands among those of its run or folder; absent where it is the only one. */
    readonly series?: SeriesPlace;
    /** How the person left the last view. */
    readonly preferences?: ViewPreferences;
    /** What the keys go to first; absent: wherever the editor has put them. */
    readonly focus?: 'picture' | 'prompt';
  }
  /** While a run is in progress: what it does, and the answer so far in whole characters. */
  | { readonly type: 'progress'; readonly statusText: string; readonly text: string }
  /** One short sentence that is announced and soon fades, for example "Copied". */
  | { readonly type: 'notice'; readonly text: string }
  /** The person chose from the menu of a region; `index` is absent where the menu was that of the picture. */
  | { readonly type: 'regionAction'; readonly action: RegionAction; readonly index?: number };

/**
 * Webview → extension. `ready` comes first, and again whenever the page is built anew; nothing is posted to the view
 * before it.
 */
export type FromViewer =
  /**
   * `kept`: the state that the page kept over a reload of the window; of any shape, since an older version may have
   * written it.
   */
  | { readonly type: 'ready'; readonly kept?: unknown }
  | { readonly type: 'copy'; readonly what: CopiedForm }
  /** What the answer is to be shown as; without `kind`: as what it looks like. */
  | { readonly type: 'showAs'; readonly kind?: KindName }
  /** `shown`: indices of the regions that are not switched off, which are the ones to export. */
  | { readonly type: 'export'; readonly shown: readonly number[] }
  /** The clipboard did not take the crop: base64 of a PNG to be saved instead. */
  | { readonly type: 'saveCrop'; readonly index: number; readonly png: string }
  /** The page cannot show what it was given under this address, or should not: it has too many pixels. */
  | { readonly type: 'previewWanted'; readonly imageSrc: string }
  /** `region`: the only part that is looked at, pixels of the picture. */
  | { readonly type: 'run'; readonly prompt: string; readonly region?: Box }
  | { readonly type: 'stop' }
  /** What the model of the answer can and cannot do. */
  | { readonly type: 'showModelCard' }
  | { readonly type: 'bannerAction'; readonly action: BannerAction }
  /** What cures a failure, or a model that is not fit. */
  | { readonly type: 'cure'; readonly cure: ViewCure }
  /** Another of the answers that are known. */
  | { readonly type: 'showAnswer'; readonly key: string }
  /** To the next or the previous picture. */
  | { readonly type: 'step'; readonly by: 1 | -1 }
  | { readonly type: 'preferences'; readonly preferences: ViewPreferences };

/** `form`: one of those that its kind has, for which the person is asked. */
export const copiedForms = ['text', 'json', 'form'] as const;
export type CopiedForm = (typeof copiedForms)[number];

export const bannerActions = ['reload', 'runAgain', 'readInParts'] as const;
export type BannerAction = (typeof bannerActions)[number];

export const viewCures = ['chooseModel', 'openLog'] as const;
export type ViewCure = (typeof viewCures)[number];

/** What the menu of a region offers beside its own label. */
export const regionActions = [
  'zoom',
  'copyCrop',
  'copyLabel',
  'read',
  'hide',
  'onlyLabel',
  'showAll',
  'export',
] as const;
export type RegionAction = (typeof regionActions)[number];

/**
 * What an element of the page says of itself to the editor's menus, as JSON in `data-vscode-context`; a menu's command
 * gets it as its argument.
 */
export interface MenuContext {
  readonly webviewSection: 'region' | 'picture';
  readonly imageUri: string;
  /** Of the region. */
  readonly index?: number;
  readonly preventDefaultContextMenuItems: true;
}

/** An answer as what it is. */
export interface ShownAnswer {
  readonly shown: KindData;
  /** In the place of those of the result, where the kind has its own. */
  readonly regions?: readonly Region[];
  /** As it would be copied, where that is not the text of the result. */
  readonly text?: string;
  /** One line of what is drawn, to be announced. */
  readonly line?: string;
  readonly choices: readonly KindChoice[];
  /** What is wrong with it, in sentences. */
  readonly faults: readonly string[];
  /** Sentences about its drawing: why there is none, or what it does not show. */
  readonly notes: readonly string[];
  /** Whether it can be copied in other forms than text and JSON. */
  readonly hasForms: boolean;
  /** What had to be drawn outside of the page; absent: nothing, or not yet. */
  readonly drawing?: AnswerDrawing;
}

/** A kind that the person can choose; the first, without a name, leaves it to the answer. */
export interface KindChoice {
  readonly kind?: KindName;
  readonly title: string;
  readonly isChosen: boolean;
}

/** What the page shows of an answer that it cannot draw by itself. */
export interface AnswerDrawing {
  /** Of MathML elements only. */
  readonly markup?: MarkupNode;
  /** A `data:` address, and what is to be seen for who does not see it. */
  readonly picture?: { readonly src: string; readonly alt: string };
}

export interface MarkupNode {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (MarkupNode | string)[];
}

/** One of the answers that are known of a picture. */
export interface AnswerEntry {
  readonly key: string;
  /** As it is shown: never empty. */
  readonly prompt: string;
  /** The beginning of what was answered. */
  readonly answer: string;
  /** Who answered, and when. */
  readonly details: string;
  readonly isShown: boolean;
}

/** A picture among others, in words. */
export interface SeriesPlace {
  /** For example "3 of 30". */
  readonly text: string;
  /** Which pictures these are. */
  readonly title: string;
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

/** What the person has set in one view and finds again in the next. */
export interface ViewPreferences {
  /** CSS pixels; absent: as wide as the page likes it. */
  readonly panelWidthPx?: number;
  readonly areLabelsShown: boolean;
  /** 0…1. */
  readonly maskOpacity: number;
}

/** What is wrong between the picture that is shown and the file, or between the picture and the answer or the model. */
export interface ViewBanner {
  readonly kind: 'changed' | 'missing' | 'otherContent' | 'smallText';
  readonly text: string;
  readonly action: BannerAction;
  readonly actionLabel: string;
}

/** What the prompt field offers. */
export interface PromptHelp {
  /** Prompts that were run before, newest first. */
  readonly history: readonly string[];
  readonly tasks: readonly PromptTask[];
  readonly languages: readonly { readonly code: string; readonly name: string }[];
  /** Labels of earlier answers and objects of earlier prompts, newest first. */
  readonly labels: readonly string[];
}

export interface PromptTask {
  readonly word: string;
  /** What stands behind the word. */
  readonly takes: 'nothing' | 'language' | 'objects';
  readonly does: string;
}

/**
 * Everything that one image view shows: plain JSON. The webview keeps the last one as its state, from which the view is
 * built again after the window was reloaded.
 */
export interface ViewState {
  /** The picture itself, never the address that the webview loads it from. */
  readonly imageUri: string;
  readonly imageName: string;
  /** Upright picture, pixels; 0 until a run has measured it. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly prompt: string;
  /** `idle`: nothing was asked yet. */
  readonly status: 'idle' | 'running' | 'done' | 'failed';
  /** Of a run that is done. */
  readonly result?: RunResult;
  /** What the person wants the answer to be shown as; absent: what it looks like. */
  readonly show?: KindName;
  /** What the model can do, where that matters: the demo model, one that is unfit for the prompt. */
  readonly modelNote?: string;
  /** The sentence of a failed run. */
  readonly error?: string;
  /** What may cure it. */
  readonly cures?: readonly ViewCure[];
}

/** The sentences of one state. `{0}`, `{1}` … are filled in by the page. */
export interface ViewWords {
  readonly statusText: string;
  /** Stands in the place of an answer that is empty. */
  readonly emptyText?: string;
  readonly regionsHeading: string;
  /** One for each region: number and label. */
  readonly regionLabels: readonly string[];
  /** One for each region: where it lies, in words, and how sure the model was, where it tells. */
  readonly regionPlaces: readonly string[];
  readonly details: readonly ViewDetail[];
  /** What stands in the place of a picture that the webview cannot show. */
  readonly pictureUnavailable: string;
  readonly page: PageWords;
}

/** Words that are the same in every state: headings, buttons, names for screen readers. */
export interface PageWords {
  readonly answer: string;
  readonly answerRegion: string;
  readonly rawAnswer: string;
  readonly details: string;
  /** Of the choice of kinds. */
  readonly showAs: string;
  /** Heading of the faults of an answer. */
  readonly faults: string;
  /** Name of a table's cells that have a place in the picture, for who does not see it. */
  readonly cellHelp: string;
  /** Of a molecule. */
  readonly formula: string;
  readonly molarMass: string;
  /** Until a drawing is there. */
  readonly drawing: string;
  /** Heading of a staff's column; `{0}`: its number. */
  readonly staff: string;
  /** Heading of the numbers of lines. */
  readonly line: string;
  /** `{0}`: the number of lines of a table that are not in the page. */
  readonly moreLines: string;
  readonly copyAs: string;
  readonly copyText: string;
  readonly copyJson: string;
  readonly copyCrop: string;
  readonly copied: string;
  /** Why "Copy Crop" can do nothing now. */
  readonly cropUnavailable: string;
  readonly exportAs: string;
  readonly modelCard: string;
  readonly cures: Readonly<Record<ViewCure, string>>;
  readonly knownAnswers: string;
  readonly knownAnswersHelp: string;
  readonly previousPicture: string;
  readonly nextPicture: string;
  readonly panelWidth: string;
  readonly panelWidthHelp: string;
  /** Heading of the list of keys, and the name of the button that shows it. */
  readonly keys: string;
  readonly keyList: readonly KeyWords[];
  readonly close: string;
  readonly decimalMark: string;
  readonly promptField: string;
  readonly promptPlaceholder: string;
  readonly suggestions: string;
  readonly history: string;
  readonly label: string;
  readonly run: string;
  readonly stop: string;
  readonly pictureRegion: string;
  readonly pictureHelp: string;
  readonly pictureTools: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fit: string;
  readonly fitHelp: string;
  readonly actualSize: string;
  readonly labels: string;
  readonly labelsHelp: string;
  readonly masks: string;
  readonly masksHelp: string;
  readonly tiles: string;
  readonly tilesHelp: string;
  readonly readRegion: string;
  readonly readRegionHelp: string;
  readonly filter: string;
  readonly noMatch: string;
  /** With {0} of {1}. */
  readonly shownCount: string;
  readonly confidence: string;
  readonly confidenceHelp: string;
  /** What the choice of the least confidence says. */
  readonly leastConfidence: Readonly<Record<ConfidenceWord | 'all', string>>;
  readonly showOrHide: string;
  readonly labelGroups: string;
  /** With {0} the label and {1} the number of its regions. */
  readonly labelCount: string;
  readonly emptyLabel: string;
  readonly regionsHelp: string;
}

/** One row of the list of keys. */
export interface KeyWords {
  /** As they stand on the keyboard. */
  readonly keys: readonly string[];
  readonly does: string;
}

/** One row of the facts about a run; `id` is the element's id. */
export interface ViewDetail {
  readonly id: 'model' | 'prompt' | 'size' | 'device' | 'time';
  readonly label: string;
  readonly value: string;
}
