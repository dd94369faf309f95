/**
 * Standard output and error: results here, everything else there. Whatever a line is made of, nothing in it controls the
 * terminal or ends the line.
 */
import { tameText } from '../../../../paligemma/src/plainText';
import { ProgressView, type ProgressStream } from './progressView';
import type { Timers } from '../../util/timers';

export interface OutputStream {
  readonly isTTY?: boolean;
  write(text: string, done: (error?: Error | null) => void): unknown;
}

export class Terminal {
  readonly progress: ProgressView;

  constructor(private readonly stdout: OutputStream, private readonly stderr: ProgressStream, timers: Timers) {
    this.progress = new ProgressView(stderr, timers);
  }

  /** Whether a person reads the results as they come, and no program does. */
  get isReadByPerson(): boolean {
    return this.stdout.isTTY === true;
  }

  /** One line of results, with tabs between its columns; resolves when it was handed to the system. A reader that went away is no failure. */
  async print(line: string): Promise<void> {
    this.progress.hide();
    const tame = line.split('\t').map(tameText).join('\t');
    await new Promise<void>(resolve => this.stdout.write(`${tame}\n`, () => resolve()));
  }

  /** One line for the person. */
  note(line: string): void {
    this.progress.hide();
    this.stderr.write(`${tameText(line)}\n`);
  }
}
