/** Standard output and error: results here, everything else there. */
import { ProgressView, type ProgressStream } from './progressView';
import type { Timers } from '../../util/timers';

export interface OutputStream {
  write(text: string, done: (error?: Error | null) => void): unknown;
}

export class Terminal {
  readonly progress: ProgressView;

  constructor(private readonly stdout: OutputStream, private readonly stderr: ProgressStream, timers: Timers) {
    this.progress = new ProgressView(stderr, timers);
  }

  /** One line of results; resolves when it was handed to the system. A reader that went away is no failure. */
  async print(line: string): Promise<void> {
    this.progress.hide();
    await new Promise<void>(resolve => this.stdout.write(`${line}\n`, () => resolve()));
  }

  /** One line for the person. */
  note(line: string): void {
    this.progress.hide();
    this.stderr.write(`${line}\n`);
  }
}
