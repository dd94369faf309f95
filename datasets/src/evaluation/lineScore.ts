/** What a metric says of one answer. */
import type { CountedCaption } from '../../../metrics/src/captions/ngrams';
import type { DetectionImage } from '../../../metrics/src/cocoMap';
import type { ScoreEdits } from '../../../metrics/src/music';
import type { ReferredScores } from '../../../metrics/src/refcoco';
import type { SpottingImage } from '../../../metrics/src/textSpotting';
import type { GreyPicture } from '../../../paligemma/src/answers/greyPng';
import type { Question } from './question';

export type Scores = Readonly<Record<string, number>>;

export interface LineScore {
  /** In the names of the set's figures; right or wrong is 1 or 0. */
  readonly scores: Scores;
  /** 0…1 by the score that the metric is led by; 1 is right. What lists of the worst and comparisons go by. */
  readonly rightness: number;
  /** What a figure of the whole set is made of, where it is no mean. */
  readonly evidence?: Evidence;
}

export type Evidence =
  | { readonly kind: 'caption'; readonly caption: CountedCaption }
  | { readonly kind: 'boxes'; readonly image: DetectionImage }
  | { readonly kind: 'words'; readonly image: SpottingImage }
  | { readonly kind: 'referred'; readonly scores: ReferredScores; readonly hasMask: boolean }
  | { readonly kind: 'music'; readonly edits: ScoreEdits };

/** A question with the answer to it. */
export interface AnsweredQuestion extends Question {
  readonly suffix: string;
  /** Whether generation ended without `<eos>`: what is open at the end is no region. */
  readonly isTruncated: boolean;
  /** Of the upright picture. */
  readonly widthPx: number;
  readonly heightPx: number;
  /**
   * Masks of the first region, of the picture's size: of the answer, and of the first reference. Absent where none was
   * written, or none can be decoded.
   */
  readonly masks?: { readonly found: GreyPicture | undefined; readonly wanted: GreyPicture };
}
