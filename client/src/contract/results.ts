/**
 * Messages between the extension and the page of the results view. All sentences come from the extension, in the
 * editor's language.
 */
import type { RowOrder, RowPair, StateFilter } from '../../../paligemma/src/results/shownRows';

/** Extension → page. */
export type ToResults =
  | {
    readonly type: 'show';
    /** Of the run: it changes where another one is shown in the same page. */
    readonly id: string;
    /** Another number than before: the person asked anew for what `state` names. */
    readonly asked: number;
    readonly heading: string;
    readonly facts: string;
    /** Whether its pictures are being asked about now. */
    readonly isUnderWay: boolean;
    readonly pairs: readonly RowPair[];
    /** What the two runs that are compared are told apart by; absent where one is shown. */
    readonly sides?: readonly [one: string, other: string];
    /** What the page begins with. */
    readonly state: StateFilter;
    readonly words: ResultsWords;
  }
  /** Pictures whose answers are others than before. */
  | {
    readonly type: 'update';
    readonly pairs: readonly (readonly [index: number, pair: RowPair])[];
    readonly facts: string;
    readonly isUnderWay: boolean;
  }
  | { readonly type: 'picture'; readonly picture: TilePicture }
  /** One short sentence that is announced and soon fades. */
  | { readonly type: 'notice'; readonly text: string };

/** What is drawn of a picture that is in sight. */
export interface TilePicture {
  readonly index: number;
  /** A small copy as a `data:` URL; absent where `problem` says why there is none. */
  readonly src?: string;
  readonly problem?: string;
  readonly masks: readonly TileMask[];
  readonly otherMasks: readonly TileMask[];
}

export interface TileMask {
  /** Index of the region. */
  readonly region: number;
  /** Base64 of an 8-bit grey PNG of the picture's size. */
  readonly png: string;
}

/** Which of two answers: of the run itself, or of the one that it is compared with. */
export type Side = 'one' | 'other';

/** Page → extension. `ready` comes first, and again whenever the page is built anew. Indices count the `pairs`. */
export type FromResults =
  | { readonly type: 'ready' }
  /** The pictures in sight whose tiles lack them, the most wanted first: they take the place of those wanted before. */
  | { readonly type: 'wanted'; readonly indices: readonly number[] }
  /** `shown`: all that are shown, in their order. */
  | { readonly type: 'open'; readonly index: number; readonly side: Side; readonly shown: readonly number[] }
  | { readonly type: 'retry'; readonly indices: readonly number[] }
  | { readonly type: 'export'; readonly shown: readonly number[] }
  | { readonly type: 'saveDataSet'; readonly shown: readonly number[] }
  | { readonly type: 'compare' }
  /** Another run of this session. */
  | { readonly type: 'choose' };

/** `{0}`, `{1}` … are filled in by the page. */
export interface ResultsWords {
  /** With {0} of {1}. */
  readonly shownCount: string;
  /** With {0}. */
  readonly allCount: string;
  readonly oneCount: string;
  readonly states: Readonly<Record<StateFilter, string>>;
  /** What each tile says of its state. */
  readonly tileStates: Readonly<Record<'empty' | 'failed' | 'waiting' | 'alike' | 'different', string>>;
  readonly orders: Readonly<Record<RowOrder, string>>;
  readonly search: string;
  readonly state: string;
  readonly label: string;
  readonly anyLabel: string;
  readonly noLabel: string;
  /** With {0} the label and {1} the number of its pictures. */
  readonly labelCount: string;
  readonly confidence: string;
  readonly anyConfidence: string;
  /** With {0} hundredths. */
  readonly below: string;
  readonly order: string;
  readonly descending: string;
  readonly layout: string;
  readonly grid: string;
  readonly table: string;
  /** With {0}, a confidence. */
  readonly hundredths: string;
  readonly picture: string;
  readonly name: string;
  readonly answer: string;
  readonly difference: string;
  readonly nothingShown: string;
  readonly filters: string;
  readonly actions: string;
  readonly retry: string;
  readonly answerRest: string;
  readonly compare: string;
  readonly exportAs: string;
  readonly saveDataSet: string;
  readonly otherRun: string;
  readonly help: string;
  readonly close: string;
  readonly pictures: string;
  /** The keys with what they do. */
  readonly keys: readonly (readonly [key: string, does: string])[];
}
