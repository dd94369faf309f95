/** Messages between the extension and the image view's webview. All sentences come from the extension, in the editor's language. */
import type { Region, StopReason } from '../../../model-host/src/contract/paligemma';
import type { Timings } from '../../../model-host/src/contract/protocol';

/** Extension → webview. */
export type ToViewer =
  | {
    readonly type: 'show';
    readonly view: ViewState;
    /** Where the webview loads the picture from; it changes whenever the file does. */
    readonly imageSrc: string;
    readonly words: ViewWords;
  }
  /** While a run is in progress: what it does, and the answer so far in whole characters. */
  | { readonly type: 'progress'; readonly statusText: string; readonly text: string }
  /** One short sentence that is announced and soon fades, for example "Copied". */
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'select'; readonly index: number };

/** Webview → extension. `ready` comes first, and again whenever the page is built anew; nothing is posted to the view before it. */
export type FromViewer =
  | { readonly type: 'ready' }
  | { readonly type: 'copy'; readonly what: 'text' | 'json' }
  | { readonly type: 'didSelect'; readonly index: number };

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
  /** Empty until a run has told it. */
  readonly model: string;
  /** A sentence about what the model can do, where that matters (the demo model). */
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
  readonly status: 'running' | 'done' | 'failed';
  readonly stopReason?: StopReason;
  readonly timings?: Timings;
  /** True where the answer was known from an earlier run. */
  readonly isFromStore?: boolean;
  /** The sentence of a failed run. */
  readonly error?: string;
}

/** The sentences of one state. */
export interface ViewWords {
  readonly statusText: string;
  /** Stands in the place of an answer that is empty. */
  readonly emptyText?: string;
  readonly answerHeading: string;
  readonly regionsHeading: string;
  /** One for each region: number and label. */
  readonly regionLabels: readonly string[];
  /** One for each region: where it lies, in words. */
  readonly regionPlaces: readonly string[];
  readonly detailsHeading: string;
  readonly details: readonly ViewDetail[];
  readonly copyText: string;
  readonly copyJson: string;
  /** What stands in the place of a picture that the webview cannot show. */
  readonly pictureUnavailable: string;
  readonly pictureRegion: string;
  readonly answerRegion: string;
}

/** One row of the facts about a run; `id` is the element's id. */
export interface ViewDetail {
  readonly id: 'model' | 'prompt' | 'size' | 'device' | 'time';
  readonly label: string;
  readonly value: string;
}
