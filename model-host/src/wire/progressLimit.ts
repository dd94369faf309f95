/** Thins out progress: nobody can read a thousand messages a second, and each of them is one for three processes. */
import type { RunProgress } from '../contract/protocol';

/** Milliseconds between two messages of one phase. */
const INTERVAL_MS = 100;

/** Passes text, the begin and the end of each phase always, what lies between them only now and then. */
export function limitProgress(
  send: (progress: RunProgress) => void,
  now: () => number = () => performance.now(),
): (progress: RunProgress) => void {
  let phase: string | undefined;
  let sentAt = 0;
  return progress => {
    if (progress.kind === 'phase') {
      const isBetween = progress.phase === phase && progress.done < progress.total;
      if (isBetween && now() - sentAt < INTERVAL_MS) return;
      phase = progress.phase;
      sentAt = now();
    }
    send(progress);
  };
}
