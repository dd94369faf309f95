/**
 * How the time of a function grows with the size of what it is given. Nothing is compared with a clock: only the times
 * of a quarter and of the whole with each other, so that slow and busy machines judge as quick ones do.
 */

/** A quarter of the input must take at least this part of the whole's time: a line has 4, a square 16. */
const mostGrowth = 8;
/** What is this quick is not measured well, and good. */
const leastMs = 1;
/** Compiling, collecting garbage and other programs count too: what looks bad once is looked at again. */
const attempts = 6;
/** Work that looks ahead up to a bound grows like a square as long as its input is shorter than that. */
const sizes = [1, 4, 16];

/**
 * Undefined where `work` is as good as linear in the size of its input, from some size on; else a sentence. It is
 * measured in processor time.
 * @param make Input of about that size, in whatever unit.
 * @param measure Milliseconds of a call.
 */
export function growthFault<T>(
  work: (input: T) => unknown,
  make: (size: number) => T,
  size: number,
  measure: (work: () => unknown) => number = processorMs,
): string | undefined {
  let fault = '';
  for (const factor of sizes) {
    const pair = new Pair(size * factor);
    const [short, long] = [make(pair.quarter), make(pair.whole)];
    work(short);
    for (let attempt = 0; attempt < attempts; attempt++) {
      pair.add(measure(() => work(short)), measure(() => work(long)));
      if (pair.isFair()) return undefined;
    }
    fault = pair.sentence();
  }
  return fault;
}

/** The same for work that waits in between; what else this process does meanwhile counts too. */
export async function growthFaultOfWaiting(
  work: (size: number) => Promise<unknown>,
  size: number,
): Promise<string | undefined> {
  let fault = '';
  for (const factor of sizes) {
    const pair = new Pair(size * factor);
    await work(pair.quarter);
    for (let attempt = 0; attempt < attempts; attempt++) {
      pair.add(await waitingMs(() => work(pair.quarter)), await waitingMs(() => work(pair.whole)));
      if (pair.isFair()) return undefined;
    }
    fault = pair.sentence();
  }
  return fault;
}

async function waitingMs(work: () => Promise<unknown>): Promise<number> {
  const started = process.cpuUsage();
  await work();
  return spentSince(started);
}

/** The quickest times of two sizes. */
class Pair {
  readonly quarter: number;
  private quarterMs = Infinity;
  private wholeMs = Infinity;

  constructor(readonly whole: number) {
    this.quarter = whole >> 2;
  }

  add(quarterMs: number, wholeMs: number): void {
    this.quarterMs = Math.min(this.quarterMs, quarterMs);
    this.wholeMs = Math.min(this.wholeMs, wholeMs);
  }

  isFair(): boolean {
    return this.wholeMs < mostGrowth * Math.max(this.quarterMs, leastMs);
  }

  sentence(): string {
    return `a size of ${this.whole} took ${this.wholeMs.toFixed(1)} ms, a quarter of it ${
      this.quarterMs.toFixed(1)
    } ms`;
  }
}

function processorMs(work: () => unknown): number {
  const started = process.cpuUsage();
  work();
  return spentSince(started);
}

function spentSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}
