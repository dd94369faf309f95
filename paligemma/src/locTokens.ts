import { LOC_BINS, type Box, type LocDivisor } from './facts';

/** Bins 0…1023 in the order of emission: y before x. */
export type LocBins = readonly [yMin: number, xMin: number, yMax: number, xMax: number];

/**
 * Converts one location quadruple to a box on the upright source picture.
 * @param widthPx,heightPx Size of the picture before it was squeezed to a square.
 * @param divisor What a bin is divided by: 1023 reaches the picture's edge, 1024 ends just before it.
 * @returns Box in pixels, origin top-left, not rounded, always inside the picture; upside down where the bins are.
 * @throws RangeError for a bin outside 0…1023: no token can produce it.
 * Source: see `LocDivisor`.
 */
export function boxFromLocBins(bins: LocBins, widthPx: number, heightPx: number, divisor: LocDivisor): Box {
  if (bins.some(bin => !Number.isInteger(bin) || bin < 0 || bin >= LOC_BINS)) {
    throw new RangeError(`Bad bin in ${bins.join(', ')}`);
  }
  const [yMin, xMin, yMax, xMax] = bins;
  return {
    x1: (xMin / divisor) * widthPx,
    y1: (yMin / divisor) * heightPx,
    x2: (xMax / divisor) * widthPx,
    y2: (yMax / divisor) * heightPx,
  };
}

/**
 * Converts a box to bins, as training data were made: the fraction of the side × 1023, rounded half to even, clipped to
 * 0…1023. Source: big_vision 0127fb6, `pp/proj/paligemma/segmentation.py` (numpy rounding).
 */
export function locBinsFromBox(box: Box, widthPx: number, heightPx: number): LocBins {
  const bin = (fraction: number) => Math.min(Math.max(roundHalfEven(fraction * (LOC_BINS - 1)), 0), LOC_BINS - 1);
  return [bin(box.y1 / heightPx), bin(box.x1 / widthPx), bin(box.y2 / heightPx), bin(box.x2 / widthPx)];
}

/** `<loc0012><loc0872>…`, the way they stand in a prompt or in training data. */
export function locText(bins: LocBins): string {
  return bins.map(bin => `<loc${String(bin).padStart(4, '0')}>`).join('');
}

/** Whether a box spans anything. One that does not, or is upside down, is no region: `parseSuffix` leaves it out. */
export function hasArea([yMin, xMin, yMax, xMax]: LocBins): boolean {
  return yMax > yMin && xMax > xMin;
}

/** Intersection over union of two boxes that have an area, 0…1. */
export function binsOverlap(a: LocBins, b: LocBins): number {
  const height = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const width = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (height <= 0 || width <= 0) return 0;
  return height * width / (area(a) + area(b) - height * width);
}

function area([yMin, xMin, yMax, xMax]: LocBins): number {
  return (yMax - yMin) * (xMax - xMin);
}

/** Rounds halves to the even neighbour, as Python and numpy do. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
