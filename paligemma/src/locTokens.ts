import { LOC_BINS, type Box, type LocDivisor } from './facts';

/** Bins 0…1023 in the order of emission: y before x. */
export type LocBins = readonly [yMin: number, xMin: number, yMax: number, xMax: number];

/**
 * Converts one location quadruple to a box on the upright source picture.
 * @param widthPx,heightPx Size of the picture before it was squeezed to a square.
 * @param divisor What a bin is divided by: 1023 reaches the picture's edge, 1024 ends just before it.
 * @returns Box in pixels, origin top-left, not rounded, always inside the picture; undefined if it has no area (model
 *   output is data, not a fault).
 * @throws RangeError for a bin outside 0…1023: no token can produce it.
 * Source: see `LocDivisor`.
 */
export function boxFromLocBins(bins: LocBins, widthPx: number, heightPx: number, divisor: LocDivisor): Box | undefined {
  if (bins.some(bin => !Number.isInteger(bin) || bin < 0 || bin >= LOC_BINS)) {
    throw new RangeError(`Bad bin in ${bins.join(', ')}`);
  }
  const [yMin, xMin, yMax, xMax] = bins;
  if (yMax <= yMin || xMax <= xMin) return undefined;
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

/** Rounds halves to the even neighbour, as Python and numpy do. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
