/** Random numbers that are the same in every run. */
export interface SeededRandom {
  /** Integer 0…limit − 1. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Mulberry32, a generator in the public domain. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed;
  const next = () => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return (mixed ^ mixed >>> 14) >>> 0;
  };
  const below = (limit: number) => next() % limit;
  return { below, pick: items => items[below(items.length)]! };
}
