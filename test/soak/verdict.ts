/**
 * Says of each figure whether it grows: the last third of the samples against the second third; the first is for
 * warming up.
 */
import { figures, type Figure, type Sample } from './soak';

export interface Verdict {
  readonly part: Sample['part'];
  readonly figure: Figure;
  /** Means of the thirds. */
  readonly thirds: readonly [number, number, number];
  readonly isGrowing: boolean;
}

/** Memory that is freed when the collector likes moves by as much without a leak. */
const MEMORY_SHARE = 0.05;
const MEMORY_MB = 3;
/** Files and timers come and go while a sample is taken. */
const COUNT = 1;

export function verdicts(samples: readonly Sample[]): readonly Verdict[] {
  return (['runs', 'restarts'] as const).flatMap(part =>
    figures.map(figure => {
      const values = samples.filter(sample => sample.part === part).map(sample => sample.figures[figure]);
      const third = Math.floor(values.length / 3);
      const thirds = [
        mean(values.slice(0, values.length - 2 * third)),
        mean(values.slice(values.length - 2 * third, values.length - third)),
        mean(values.slice(values.length - third)),
      ] as const;
      return { part, figure, thirds, isGrowing: thirds[2] - thirds[1] > allowance(figure, thirds[1]) };
    })
  );
}

function allowance(figure: Figure, value: number): number {
  if (figure.endsWith('MB')) return Math.max(MEMORY_MB, value * MEMORY_SHARE);
  // Another program on the machine delays this one.
  return figure.endsWith('ms') ? Math.max(20, value) : COUNT;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
