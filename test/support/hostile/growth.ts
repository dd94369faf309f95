/**
 * How the time of a function grows with the length of what it is given, measured in processor time, which other
 * programs do not disturb much.
 */

/** Milliseconds of the quickest of a few calls. */
export function quickest(work: () => unknown, tries = 3): number {
  let best = Infinity;
  for (let count = 0; count < tries; count++) {
    const started = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(started);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

/**
 * Undefined where `work` is as good as linear: where a text of `length` characters is done in `fairMs`, or where a
 * quarter of it takes no less than an eighth of the time. Else a sentence.
 */
export function growthFault(
  work: (text: string) => unknown,
  make: (length: number) => string,
  length: number,
  fairMs: number,
): string | undefined {
  const long = make(length);
  const longMs = quickest(() => work(long), 1);
  if (longMs <= fairMs) return undefined;
  const short = make(length >> 2);
  // Compiling and collecting garbage count too: what looks bad once is looked at again, until they no longer do.
  const shortMs = quickest(() => work(short), 5);
  const again = quickest(() => work(long), 5);
  return again <= fairMs || again < 8 * Math.max(shortMs, 1)
    ? undefined
    : `${long.length} characters took ${Math.round(again)} ms, a quarter of them ${Math.round(shortMs)} ms`;
}
