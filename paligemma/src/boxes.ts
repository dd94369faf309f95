/** What boxes have in common. */
import type { Box } from './facts';

/** In square pixels; 0 of none. */
export function areaOf(box: Box | undefined): number {
  return box === undefined ? 0 : (box.x2 - box.x1) * (box.y2 - box.y1);
}

/** The part that is in both; undefined where that has no area, or one of them is none. */
export function commonBox(a: Box | undefined, b: Box | undefined): Box | undefined {
  if (a === undefined || b === undefined) return undefined;
  const box = {
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
    x2: Math.min(a.x2, b.x2),
    y2: Math.min(a.y2, b.y2),
  };
  return box.x2 > box.x1 && box.y2 > box.y1 ? box : undefined;
}

/** Intersection over union, 0…1; 0 where one of them is none. */
export function overlap(a: Box | undefined, b: Box | undefined): number {
  const common = areaOf(commonBox(a, b));
  return common === 0 ? 0 : common / (areaOf(a) + areaOf(b) - common);
}
