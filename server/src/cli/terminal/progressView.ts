/** Progress on standard error: a bar on a terminal, now and then a line elsewhere, nothing for what is quick. */
import { tameText } from '../../../../paligemma/src/plainText';
import type { Timers } from '../../util/timers';

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressState {
  /** 0…1 of everything that was asked for. */
  readonly fraction: number;
  /** What is being done, in a few words. */
  readonly text: string;
}

/** Nothing is shown before, so that a quick run stays silent; lines stay in a log, a bar goes away. */
const BAR_QUIET_MS = 1_000;
const LINE_QUIET_MS = 3_000;
const BAR_INTERVAL_MS = 80;
const LINE_INTERVAL_MS = 5_000;
const BAR_WIDTH = 20;

export class ProgressView {
  private startedAt: number | undefined;
  private lastShownAt = -Infinity;
  private isBarVisible = false;

  constructor(private readonly stream: ProgressStream, private readonly timers: Timers) {}

  update({ fraction, text }: ProgressState): void {
    const state = { fraction, text: tameText(text) };
    const now = this.timers.now();
    this.startedAt ??= now;
    const [quiet, interval] = this.stream.isTTY === true
      ? [BAR_QUIET_MS, BAR_INTERVAL_MS]
      : [LINE_QUIET_MS, LINE_INTERVAL_MS];
    if (now - this.startedAt < quiet || now - this.lastShownAt < interval) return;
    this.lastShownAt = now;
    if (this.stream.isTTY === true) this.drawBar(state);
    else this.stream.write(`${percent(state.fraction)} ${state.text}\n`);
  }

  /** Takes the bar away, for example before a result is printed; the next update draws it again. */
  hide(): void {
    if (!this.isBarVisible) return;
    this.stream.write('\r\u001b[K');
    this.isBarVisible = false;
    this.lastShownAt = -Infinity;
  }

  private drawBar({ fraction, text }: ProgressState): void {
    const filled = Math.round(clamp(fraction) * BAR_WIDTH);
    const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}] ${percent(fraction)} ${text}`;
    // A line that wraps could not be taken back.
    const width = Math.max(10, (this.stream.columns ?? 80) - 1);
    this.stream.write(`\r${bar.slice(0, width)}\u001b[K`);
    this.isBarVisible = true;
  }
}

function percent(fraction: number): string {
  return `${String(Math.floor(clamp(fraction) * 100)).padStart(3)} %`;
}

function clamp(fraction: number): number {
  return Math.min(1, Math.max(0, fraction));
}
