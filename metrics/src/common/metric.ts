/** What a metric is, for the terminal and for the evaluation of a model. */
import type { Fields } from './fields';

/** Values in the names and forms of the reference program; `null` where it has none. */
export type MetricValue = string | number | boolean | null | MetricValues | readonly MetricValue[];
export interface MetricValues {
  readonly [name: string]: MetricValue;
}

export interface Scored {
  readonly expected: MetricValue;
  /** What the reference does not compute and a reader should see with it. */
  readonly beside?: MetricValues;
}

export interface Metric {
  /** As it is written on the command line. */
  readonly name: string;
  /** What it is, in one sentence. */
  readonly about: () => string;
  /** Fields of a case, as help shows them. */
  readonly fields: string;
  /** @throws CaseFault for a case that lacks something, or is too large. */
  score(fields: Fields): Scored | Promise<Scored>;
  /** Of several cases, where they make a set: what papers print. Cases that the reference has no value for count as 0. */
  readonly summary?: (scores: readonly Scored[]) => MetricValues;
}

/** Means of the named values, 0…1 or what they are; `true` counts as 1, and what is no number as 0. */
export function means(scores: readonly Scored[], names: readonly string[]): MetricValues {
  const mean = (name: string) =>
    scores.reduce((sum, { expected }) => sum + numberIn(expected, name), 0) / Math.max(1, scores.length);
  return Object.fromEntries(names.map(name => [name, mean(name)]));
}

function numberIn(value: MetricValue, name: string): number {
  if (value === null || typeof value !== 'object' || !(name in value)) return 0;
  return Number((value as MetricValues)[name] ?? 0);
}
