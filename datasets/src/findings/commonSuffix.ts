/** Whether most lines of a file have one and the same answer. */
import type { LineText, Span } from '../lines/lineText';
import type { SetText } from '../lines/setText';
import type { FileFinding } from './finding';
import { findingCodes } from './findingCodes';

/** Of fewer lines nothing is said. */
const LEAST_LINES = 10;
const MOST_SHARE = 0.9;
const MOST_SHOWN = 60;
/** Answers share counters by their hash: what 9 of 10 lines have is counted alone, or nearly so. */
const COUNTERS = 1 << 16;

export class CommonSuffix {
  private readonly counts = new Uint32Array(COUNTERS);
  private readonly firsts = new Uint32Array(COUNTERS);
  private lines = 0;
  private top = { counter: 0, count: 0, shown: '' };
  private span: Span = { start: 0, end: 0 };

  take(line: number, suffix: SetText, hash: number, text: LineText): void {
    const counter = hash % COUNTERS;
    const count = (this.counts[counter] ?? 0) + 1;
    this.counts[counter] = count;
    if (count === 1) this.firsts[counter] = line;
    this.lines++;
    if (count <= this.top.count) return;
    if (counter !== this.top.counter || this.top.count === 0) this.span = text.span(suffix) ?? this.span;
    this.top = { counter, count, shown: suffix.value.slice(0, MOST_SHOWN) };
  }

  findings(): readonly FileFinding[] {
    const share = this.top.count / this.lines;
    if (this.lines < LEAST_LINES || share <= MOST_SHARE) return [];
    const { severity, message } = findingCodes['one-suffix'];
    const text = message(String(Math.floor(100 * share)), this.top.shown);
    const finding = { ...this.span, code: 'one-suffix', severity, message: text } as const;
    return [{ line: this.firsts[this.top.counter] ?? 1, finding }];
  }
}
