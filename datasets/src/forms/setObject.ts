/** What an annotation of a picture says, whichever form it was written in. */

/** Parts of the picture's sides, 0…1 where it lies in the picture. */
export interface FractionBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/**
 * `rings`: x and y in turn, in parts of the sides; inside is what is inside any of them. `runs`: column by column from the
 * upper left, the first run is outside.
 */
export type Shape =
  | { readonly kind: 'rings'; readonly rings: readonly (readonly number[])[] }
  | { readonly kind: 'runs'; readonly widthPx: number; readonly heightPx: number; readonly counts: readonly number[] };

export interface SetObject {
  readonly label: string;
  /** As it was written: it may leave the picture. */
  readonly box: FractionBox;
  readonly shape?: Shape;
  /** Which annotation it was, such as `annotation 17`; empty where its line says it. */
  readonly place: string;
}

/** Why something of a data set was not taken: a sentence, and where it stands. */
export interface Refusal {
  /** Such as `line 3` or `annotation 17`. */
  readonly place: string;
  readonly message: string;
}

/** What was changed on the way, or left out without a loss: told as counts. */
export type Remark =
  | 'clipped'
  | 'widened'
  | 'crowd'
  | 'partial'
  | 'otherSize'
  | 'maskLeftOut'
  | 'maskAsBox'
  | 'someMasks'
  | 'keypoints'
  | 'noPicture'
  | 'fieldLeftOut';
