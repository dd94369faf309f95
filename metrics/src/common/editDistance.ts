/** Levenshtein distance of cases, as long as it takes no minutes. */
import * as l10n from '@vscode/l10n';
import { EditDistances } from '../../../paligemma/src/editDistance';
import { CaseFault } from './caseFault';

/** Symbols of one text times those of the other: some seconds on a slow core. */
const MOST_PAIRS = 1e10;

/**
 * How many insertions, deletions and substitutions make `b` of `a`. Memory grows with the lengths only.
 * @throws CaseFault where both are so long that it would take minutes.
 */
export function editDistance(a: readonly string[], b: readonly string[]): number {
  const distances = new EditDistances(checkPairs);
  return distances.distance(distances.idsOf(a), distances.idsOf(b));
}

/** @throws CaseFault */
export function checkPairs(left: number, right: number, most = MOST_PAIRS): void {
  if (left * right <= most) return;
  throw new CaseFault(
    l10n.t(
      'Its texts are too long to compare: {0} and {1} symbols of which none are equal at the ends. Shorten them, or split the case.',
      left,
      right,
    ),
  );
}
