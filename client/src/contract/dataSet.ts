/**
 * Messages between the extension and the page of a data set. Lines are told apart by the `id` of their row. All sentences
 * come from the extension, in the editor's language.
 */
import type { LineChange } from '../../../datasets/src/edits/lineEdits';
import type { LineJudgement } from '../../../datasets/src/edits/lineJudgement';
import type { RowFinding, SetRow } from '../../../datasets/src/edits/setRow';
import type { TileMask } from './results';
import type { SetCounts, SetFilter, SetOrder, SetSort, SetState } from '../../../datasets/src/edits/shownSetRows';

/** Extension → page. */
export type ToDataSet =
  | {
    readonly type: 'begin';
    readonly heading: string;
    readonly words: DataSetWords;
    /** What the page begins with where it kept nothing. */
    readonly state: SetState;
    /** Why nothing can be changed; absent where it can. */
    readonly readOnly?: string;
  }
  /** The list became another one: what the page holds of rows is of before. */
  | {
    readonly type: 'shown';
    readonly version: number;
    readonly total: number;
    readonly shown: number;
    /** Where the line that the page named last stands in the list; absent where it is not shown. */
    readonly at?: number;
    readonly counts: SetCounts;
    /** Whether findings are still being looked for. */
    readonly isLooking: boolean;
  }
  | { readonly type: 'rows'; readonly version: number; readonly from: number; readonly rows: readonly ShownRow[] }
  | { readonly type: 'picture'; readonly picture: LinePicture }
  /** The line that is open, as it is now. */
  | { readonly type: 'line'; readonly line: OpenLine }
  /** The line that was open is gone, and so is every other one. */
  | { readonly type: 'closed' }
  | { readonly type: 'large'; readonly picture: LargePicture }
  /** Of the line that is open. */
  | { readonly type: 'masks'; readonly id: number; readonly masks: LineMasks }
  /** A change was made, or was not: then `notice` says why. The line as it is comes before it. */
  | { readonly type: 'answered'; readonly change: number; readonly notice?: string }
  /** One short sentence that is announced. */
  | { readonly type: 'notice'; readonly text: string };

export interface ShownRow extends Pick<SetRow, 'id' | 'revision' | 'prefix' | 'suffix' | 'isDraft' | 'isLine'> {
  /** In the file, from 1. */
  readonly number: number;
  /** The first picture's, as it is written. */
  readonly name: string;
  readonly findings: readonly RowFinding[];
  /** Of a model's answer; absent where none was judged. */
  readonly judgement?: LineJudgement;
}

export interface OpenLine extends ShownRow {
  readonly images: readonly string[];
  /** Place in the list that is shown, from 1; absent where the line is not in it. */
  readonly place?: number;
  /** What stands in the file, where that is no line. */
  readonly text?: string;
}

/** A small copy of a line's first picture. */
export interface LinePicture {
  /** Of the row. */
  readonly index: number;
  /** The picture's, as it is written in the line. */
  readonly name: string;
  /** A `data:` URL; absent where `problem` says why there is none. */
  readonly src?: string;
  readonly problem?: string;
  /** The upright picture itself, pixels; 0 where there is none. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Absent where there is no picture. */
  readonly masks?: LineMasks;
}

/** The shapes that the codes of an answer say. */
export interface LineMasks {
  /** What the line said: see `SetRow.revision`. */
  readonly revision: number;
  /** Of each mask: the picture's size, scaled down. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly shapes: readonly TileMask[];
  /** Why masks have no shape. */
  readonly problem?: string;
}

/** A picture of the line that is open. */
export interface LargePicture extends LinePicture {
  /** Which of the line's pictures. */
  readonly image: number;
}

/** Page → extension. `ready` comes first, and again whenever the page is built anew. */
export type FromDataSet =
  | { readonly type: 'ready' }
  /** `active`: the line whose place in the list is wanted. */
  | { readonly type: 'view'; readonly filter: SetFilter; readonly sort: SetSort; readonly active?: number }
  /** Rows of the list of that version. */
  | { readonly type: 'rows'; readonly version: number; readonly from: number; readonly count: number }
  /** The rows in sight that lack their picture, the most wanted first: they take the place of those wanted before. */
  | { readonly type: 'wanted'; readonly ids: readonly number[] }
  | { readonly type: 'open'; readonly id: number }
  | { readonly type: 'close' }
  /** To another line of the list; `draft`: to the next one that nobody has reviewed. */
  | { readonly type: 'step'; readonly id: number; readonly to: 'next' | 'previous' | 'draft' }
  | { readonly type: 'large'; readonly id: number; readonly image: number }
  /** The shapes of the line's masks, for a picture of this size. */
  | { readonly type: 'masks'; readonly id: number; readonly widthPx: number; readonly heightPx: number }
  /** `change` counts the changes of the page; `revision`: what the page showed of the line. */
  | {
    readonly type: 'change';
    readonly id: number;
    readonly revision: number;
    readonly change: number;
    readonly what: LineChange;
  }
  /** The draft is of no use: its line goes. */
  | { readonly type: 'reject'; readonly id: number; readonly revision: number; readonly change: number }
  /** Shows the line in the text, beside. */
  | { readonly type: 'showText'; readonly id: number };

/** `{0}`, `{1}` … are filled in by the page. */
export interface DataSetWords {
  readonly grid: GridWords;
  readonly line: LineWords;
  readonly help: string;
  readonly close: string;
  readonly keys: readonly (readonly [key: string, does: string])[];
}

export interface GridWords {
  /** With {0} of {1}. */
  readonly shownCount: string;
  readonly allCount: string;
  readonly oneCount: string;
  readonly looking: string;
  readonly states: Readonly<Record<SetState, string>>;
  readonly orders: Readonly<Record<SetOrder, string>>;
  readonly search: string;
  readonly state: string;
  readonly label: string;
  readonly anyLabel: string;
  readonly noLabel: string;
  readonly folder: string;
  readonly anyFolder: string;
  readonly noFolder: string;
  readonly finding: string;
  readonly anyFinding: string;
  /** With {0} the choice and {1} the number of its lines. */
  readonly choiceCount: string;
  readonly order: string;
  readonly descending: string;
  readonly filters: string;
  readonly lines: string;
  /** With {0}. */
  readonly lineNumber: string;
  readonly draft: string;
  readonly noLine: string;
  readonly emptyAnswer: string;
  /** With {0}. */
  readonly findingCount: string;
  readonly oneFinding: string;
  /** With {0} percent, of an answer that is not right. */
  readonly wrong: string;
  /** Of a right answer. */
  readonly right: string;
  readonly modelAnswer: string;
  readonly nothingShown: string;
  readonly nextDraft: string;
}

export interface LineWords {
  readonly back: string;
  readonly previous: string;
  readonly next: string;
  readonly nextDraft: string;
  readonly showText: string;
  /** With {0} of {1}. */
  readonly place: string;
  readonly draft: string;
  readonly accept: string;
  readonly reject: string;
  readonly prompt: string;
  readonly answer: string;
  readonly modelAnswer: string;
  readonly boxes: string;
  readonly boxesHelp: string;
  readonly noBoxes: string;
  readonly noLabel: string;
  readonly mask: string;
  readonly findings: string;
  readonly picture: string;
  readonly pictureHelp: string;
  /** With {0} of {1}. */
  readonly pictureOf: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly fit: string;
  readonly draw: string;
  readonly duplicate: string;
  readonly remove: string;
  readonly labelField: string;
  readonly tools: string;
  /** What was done, announced: {0} is the box's label, {1} and {2} its upper left corner, {3} and {4} the lower right. */
  readonly boxAt: string;
  readonly boxDeleted: string;
  readonly boxAdded: string;
  readonly noLine: string;
  readonly keepMine: string;
  readonly takeFile: string;
}
