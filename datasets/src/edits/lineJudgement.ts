/** What a model answered to a line's prompt, and how right that was judged to be. */

export interface LineJudgement {
  /** The suffix that the model wrote. */
  readonly answer: string;
  /** 0…1; 1 is right. */
  readonly rightness: number;
}

/** What a judgement holds for: a line that says something else by now was never judged. */
export interface JudgedText {
  /** The first picture, as the line names it. */
  readonly image: string;
  readonly prefix: string;
  readonly suffix: string;
}

export type Judgements = ReadonlyMap<string, LineJudgement>;

/** Scores are sums of fractions: what is nearer to right than this is right. */
const RIGHT = 0.999_999;

export function isWrong({ rightness }: Pick<LineJudgement, 'rightness'>): boolean {
  return rightness < RIGHT;
}

/** Key of {@link Judgements}. */
export function judgedKey({ image, prefix, suffix }: JudgedText): string {
  return JSON.stringify([image, prefix, suffix]);
}
