/** How long the rest of many pictures takes, by those that were done last: the first one waits for the model. Pure. */
import type { Translate } from './translate';
import { durationText } from './words';

/** Pictures that are looked back at: more than are decoded together, so that their ends in one moment even out. */
const WINDOW = 24;
/** Fewer tell nothing. */
const LEAST = 3;

export class Pace {
  private readonly marks: { readonly atMs: number; readonly done: number }[] = [];

  /** @param now Milliseconds since whenever. */
  constructor(private readonly now: () => number) {}

  /**
   * Seconds until the rest is done; undefined until it can be told. To be asked whenever something has changed.
   * @param done Pictures that are done by now.
   */
  secondsLeft(done: number, total: number): number | undefined {
    const { marks } = this;
    if (done > (marks.at(-1)?.done ?? 0)) marks.push({ atMs: this.now(), done });
    if (marks.length > WINDOW) marks.shift();
    const [first, last] = [marks[0], marks.at(-1)];
    if (first === undefined || last === undefined || last.done - first.done < LEAST) return undefined;
    return ((last.atMs - first.atMs) / (last.done - first.done)) * (total - done) / 1000;
  }
}

/** For example "12 min left". */
export function timeLeftText(seconds: number, t: Translate): string {
  return seconds < 60 ? t('less than a minute left') : t('{0} left', durationText(seconds, t));
}
