/** Matching and near misses. */

/**
 * How well `query` matches `text` as a subsequence, both in small letters; undefined where it does not. More is better:
 * neighbours, starts of words and the last path segment count more.
 */
export function fuzzyScore(query: string, text: string): number | undefined {
  if (query === '') return 0;
  const nameStart = text.lastIndexOf('/') + 1;
  const whole = text.indexOf(query, nameStart);
  if (whole >= 0) return 1000 - (whole - nameStart) - text.length / 100;
  let score = 0;
  let last = -2;
  let from = 0;
  for (const char of query) {
    const at = text.indexOf(char, from);
    if (at < 0) return undefined;
    const before = text[at - 1];
    score += at === last + 1
      ? 4
      : before === undefined || before === '/' || before === '-' || before === '_' || before === ' ' || before === '.'
      ? 3
      : 1;
    if (at >= nameStart) score += 1;
    last = at;
    from = at + char.length;
  }
  return score - text.length / 100;
}

/**
 * The candidate that `word` is most probably a slip of; undefined where none is near. Swapped neighbours count once.
 */
export function nearest(word: string, candidates: readonly string[], maxDistance = 2): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.min(maxDistance, Math.floor(lower.length / 2)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - lower.length) >= bestDistance) continue;
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Damerau–Levenshtein distance (optimal string alignment) of two short words. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, beforeLast[j - 2]! + 1);
      }
      row.push(value);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
