/**
 * Messages between the extension and the image view's webview. All sentences come from the extension, in the editor's
 * language.
 */
import type { Timings } from '../../../paligemma/src/runResult';
import type { Region, StopReason } from '../../../paligemma/src/facts';

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
    readonly help: PromptHelp;
    readonly banner?: ViewBanner;
  }
  /** While a run is in progress: what it does, and the answer so far in whole characters. */
  | { readonly type: 'progress'; readonly statusText: string; readonly text: string }
  /** One short sentence that is announced and soon fades, for example "Copied". */
  | { readonly type: 'notice'; readonly text: string };

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
  | { readonly type: 'copy'; readonly what: 'text' | 'json' }
  /** `shown`: indices of the regions that are not switched off, which are the ones to export. */
  | { readonly type: 'export'; readonly shown: readonly number[] }
  /** The clipboard did not take the crop: base64 of a PNG to be saved instead. */
  | { readonly type: 'saveCrop'; readonly index: number; readonly png: string }
  /** The page cannot show what it was given under this address, or should not: it has too many pixels. */
  | { readonly type: 'previewWanted'; readonly imageSrc: string }
  | { readonly type: 'run'; readonly prompt: string }
  | { readonly type: 'stop' }
  /** What the model of the answer can and cannot do. */
  | { readonly type: 'showModelCard' }
  | { readonly type: 'bannerAction'; readonly action: BannerAction };

export type BannerAction = 'reload' | 'runAgain';

/** What is wrong between the picture that is shown and the file, or between the picture and the answer. */
export interface ViewBanner {
  readonly kind: 'changed' | 'missing' | 'otherContent';
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
  /** Of the file's bytes at the time of the run, hexadecimal; absent until a run has told it. */
  readonly sha256?: string;
  /** Empty until a run has told it. */
  readonly model: string;
  /** What the model can do, where that matters: the demo model, one that is unfit for the prompt. */
  readonly modelNote?: string;
  /** Where the model ran; absent until a run has told it. */
  readonly device?: string;
  readonly prompt: string;
  /** The raw answer; never lost, even where regions were parsed from it. */
  readonly suffix: string;
  readonly tokenIds: readonly number[];
  /** What of the suffix is not part of a region. */
  readonly text: string;
  readonly regions: readonly Region[];
  /** `idle`: nothing was asked yet. */
  readonly status: 'idle' | 'running' | 'done' | 'failed';
  readonly stopReason?: StopReason;
  readonly timings?: Timings;
  /** True where the answer was known from an earlier run. */
  readonly isFromStore?: boolean;
  /** The sentence of a failed run. */
  readonly error?: string;
}

/** The sentences of one state. `{0}`, `{1}` … are filled in by the page. */
export interface ViewWords {
  readonly statusText: string;
  /** Stands in the place of an answer that is empty. */
  readonly emptyText?: string;
  readonly regionsHeading: string;
  /** One for each region: number and label. */
  readonly regionLabels: readonly string[];
  /** One for each region: where it lies, in words. */
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
  readonly copyText: string;
  readonly copyJson: string;
  readonly copyCrop: string;
  readonly copied: string;
  /** Why "Copy Crop" can do nothing now. */
  readonly cropUnavailable: string;
  readonly exportAs: string;
  readonly modelCard: string;
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
  readonly filter: string;
  readonly noMatch: string;
  /** With {0} of {1}. */
  readonly shownCount: string;
  readonly showOrHide: string;
  readonly labelGroups: string;
  /** With {0} the label and {1} the number of its regions. */
  readonly labelCount: string;
  readonly emptyLabel: string;
  readonly regionsHelp: string;
}

/** One row of the facts about a run; `id` is the element's id. */
export interface ViewDetail {
  readonly id: 'model' | 'prompt' | 'size' | 'device' | 'time';
  readonly label: string;
  readonly value: string;
}
