/** Work-done progress of one request: a percentage that never falls, at a pace that a client can show. */
import path from 'node:path';
import type { WorkDoneProgressReporter } from 'vscode-languageserver/node';
import type { RunProgress } from '../../../model-host/src/contract/protocol';
import type { Timers } from '../util/timers';
import { describeProgress, runFraction } from '../runs/runProgress';

const INTERVAL_MS = 100;

export class RunProgressReporter {
  private percentage = 0;
  private lastAt = -Infinity;
  private lastImage = -1;

  constructor(
    private readonly reporter: WorkDoneProgressReporter,
    private readonly imageUris: readonly string[],
    /** Of the run of this index. */
    private readonly maxNewTokens: (index: number) => number,
    private readonly timers: Timers,
  ) {}

  begin(): void {
    this.reporter.begin('PaliGemma 2', 0, undefined, true);
  }

  /** `done`: runs that are over; needed where several are in progress at once. */
  report(index: number, progress: RunProgress, done = index): void {
    const now = this.timers.now();
    if (now - this.lastAt < INTERVAL_MS && index === this.lastImage) return;
    this.lastAt = now;
    this.lastImage = index;
    const { imageUris } = this;
    const fraction = (done + runFraction(progress, this.maxNewTokens(index))) / imageUris.length;
    this.percentage = Math.max(this.percentage, Math.floor(fraction * 100));
    const count = imageUris.length > 1 ? `${done + 1}/${imageUris.length} ` : '';
    this.reporter.report(this.percentage, `${count}${nameOf(imageUris[index] ?? '')}: ${describeProgress(progress)}`);
  }

  done(): void {
    this.reporter.done();
  }
}

function nameOf(uri: string): string {
  const name = path.posix.basename(uri);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
