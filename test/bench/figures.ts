/** What one measured process reports, and how several reports become one. */

export interface Figures {
  /** From the start of the process to a model that can answer. */
  readonly loadMs: number;
  /** One entry per picture, run one after the other. */
  readonly pictures: readonly PictureFigures[];
  /** All pictures of a folder with one prompt, the first file to the last token. */
  readonly folderMs: number;
  /** First token of a second prompt on the last picture. */
  readonly secondPromptMs: number;
  readonly rssMb: number;
  readonly peakMb: number;
}

export interface PictureFigures {
  /** From the file to the first token. */
  readonly firstTokenMs: number;
  readonly visionMs: number;
  readonly prefillMs: number;
  /** Mean over the steps after the first token. */
  readonly tokenMs: number;
}

/** What a measured process is told, as JSON in its first argument. */
export interface BenchTask {
  readonly model: string;
  readonly pictures: readonly string[];
  /** Other pictures, of which a folder is made. */
  readonly folder: readonly string[];
  readonly prompt: string;
  readonly secondPrompt: string;
  readonly tokens: number;
  /** Of ours: where results of conversions lie. Of the peer: where the package is installed. */
  readonly home: string;
}

export function taskOfProcess(): BenchTask {
  return JSON.parse(process.argv[2] ?? '{}') as BenchTask;
}

export function memoryFigures(): Pick<Figures, 'rssMb' | 'peakMb'> {
  return { rssMb: process.memoryUsage().rss / 1e6, peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6 };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] ?? NaN : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Time between laps, milliseconds. */
export class Laps {
  private since = performance.now();

  lap(): number {
    const now = performance.now();
    const elapsed = now - this.since;
    this.since = now;
    return elapsed;
  }
}
