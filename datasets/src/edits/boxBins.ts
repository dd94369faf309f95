/** A box in bins, moved and resized within the picture. Pure. */
import { LOC_BINS } from '../../../paligemma/src/facts';
import type { LocBins } from '../../../paligemma/src/locTokens';

const LAST = LOC_BINS - 1;
/** Of a new box that is drawn by a key: the middle quarter of the picture. */
export const centreBins: LocBins = [384, 384, 639, 639];

/** By its edges: `n` is the upper one, `w` the left one. */
export const handles = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const;
export type Handle = (typeof handles)[number];

/** Bins; fractions are rounded. */
export interface BinShift {
  readonly x: number;
  readonly y: number;
}

/** Keeps its size: at the picture's edge it stops. */
export function movedBins([y1, x1, y2, x2]: LocBins, by: BinShift): LocBins {
  const y = within(Math.round(by.y), -y1, LAST - y2);
  const x = within(Math.round(by.x), -x1, LAST - x2);
  return [y1 + y, x1 + x, y2 + y, x2 + x];
}

/** Moves the edges that a handle has. An edge stops one bin from the one across: a box has an area. */
export function resizedBins([y1, x1, y2, x2]: LocBins, handle: Handle, by: BinShift): LocBins {
  const [x, y] = [Math.round(by.x), Math.round(by.y)];
  return [
    handle.includes('n') ? within(y1 + y, 0, y2 - 1) : y1,
    handle.includes('w') ? within(x1 + x, 0, x2 - 1) : x1,
    handle.includes('s') ? within(y2 + y, y1 + 1, LAST) : y2,
    handle.includes('e') ? within(x2 + x, x1 + 1, LAST) : x2,
  ];
}

/** Between two opposite corners, as fractions of the picture's sides. Undefined where it would have no area. */
export function binsBetween(
  one: { readonly x: number; readonly y: number },
  other: { readonly x: number; readonly y: number },
): LocBins | undefined {
  const [x1, x2] = [binOf(Math.min(one.x, other.x)), binOf(Math.max(one.x, other.x))];
  const [y1, y2] = [binOf(Math.min(one.y, other.y)), binOf(Math.max(one.y, other.y))];
  return y2 > y1 && x2 > x1 ? [y1, x1, y2, x2] : undefined;
}

function binOf(fraction: number): number {
  return within(Math.round(fraction * LAST), 0, LAST);
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
