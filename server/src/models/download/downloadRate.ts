/** How fast a download goes and how long it takes, over the last seconds rather than since its beginning. */
import * as l10n from '@vscode/l10n';
import { decimal, durationText } from '../../../../paligemma/src/words';

export interface DownloadProgress {
  /** `check`: all is here, and the hashes are being taken. */
  readonly phase: 'list' | 'download' | 'check';
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** undefined until it can be told. */
  readonly bytesPerSecond?: number | undefined;
  readonly secondsLeft?: number | undefined;
  /** Set while it waits: why, and for how long. */
  readonly waiting?: string | undefined;
}

const WINDOW_MS = 10_000;
const SAMPLE_MS = 250;

export class DownloadRate {
  private samples: { readonly at: number; readonly bytes: number }[] = [];

  constructor(private readonly now: () => number) {}

  /** @param done Bytes so far; falls where a file begins anew. */
  measure(
    done: number,
    total: number,
  ): { readonly bytesPerSecond: number | undefined; readonly secondsLeft: number | undefined } {
    const at = this.now();
    const last = this.samples.at(-1);
    if (last !== undefined && done < last.bytes) this.samples = [];
    if (last === undefined || at - last.at >= SAMPLE_MS || this.samples.length === 0) {
      this.samples.push({ at, bytes: done });
    }
    while (this.samples.length > 2 && at - (this.samples[0]?.at ?? at) > WINDOW_MS) this.samples.shift();
    const first = this.samples[0];
    if (first === undefined || at - first.at < SAMPLE_MS) return { bytesPerSecond: undefined, secondsLeft: undefined };
    const bytesPerSecond = ((done - first.bytes) * 1000) / (at - first.at);
    return { bytesPerSecond, secondsLeft: bytesPerSecond > 0 ? (total - done) / bytesPerSecond : undefined };
  }
}

/** For example "1.2 of 6.1 GB, 45 MB/s, 2 min left". */
export function describeDownload(
  { phase, doneBytes, totalBytes, bytesPerSecond, secondsLeft, waiting }: DownloadProgress,
): string {
  if (phase === 'list') return waiting ?? l10n.t('asking for the list of files');
  if (phase === 'check') return l10n.t('checking, {0}', amount(totalBytes, totalBytes));
  const rate = bytesPerSecond === undefined
    ? ''
    : `, ${decimal((bytesPerSecond / 1e6).toFixed(bytesPerSecond < 1e7 ? 1 : 0))} MB/s`;
  const left = secondsLeft === undefined ? '' : `, ${l10n.t('{0} left', durationText(secondsLeft))}`;
  const text = l10n.t('downloading, {0}', amount(doneBytes, totalBytes));
  return waiting === undefined ? `${text}${rate}${left}` : `${text}, ${waiting}`;
}

function amount(done: number, total: number): string {
  const written = (bytes: number) => decimal((bytes / (total >= 1e9 ? 1e9 : 1e6)).toFixed(1));
  return total >= 1e9
    ? l10n.t('{0} of {1} GB', written(done), written(total))
    : l10n.t('{0} of {1} MB', written(done), written(total));
}
