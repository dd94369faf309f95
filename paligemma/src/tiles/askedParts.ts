import type { Box } from '../facts';
import type { RunChoices } from '../runChoices';
import type { RunResult } from '../runResult';

/**
 * The parts in which the picture of an answer was read, as they are chosen for another run: the region that was looked
 * at alone, or columns and rows. Empty where the picture was looked at as a whole.
 */
export function askedParts({ tiles = [] }: Pick<RunResult, 'tiles'>): Pick<RunChoices, 'tiles' | 'region'> {
  const [only] = tiles;
  if (only === undefined) return {};
  if (tiles.length === 1) {
    const { x1, y1, x2, y2 } = only;
    return { region: { x1, y1, x2, y2 } };
  }
  // The whole picture, looked at beside its parts, begins where the first of them does.
  const different = (side: (tile: Box) => number) => new Set(tiles.map(side)).size;
  return { tiles: `${different(({ x1 }) => x1)}x${different(({ y1 }) => y1)}` };
}
