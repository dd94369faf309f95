/** A mask as the encoder of `<seg>` codes takes it: what lies in its box, squeezed to a square. */
import { bilinearRows } from '../../../paligemma/src/bilinearRows';
import { roundHalfEven } from '../../../paligemma/src/locTokens';
import type { FractionBox, Shape } from './setObject';

export const SQUARE_SIDE = 64;
/** Of what is drawn before it is squeezed: finer is lost in 64 anyway. */
const MOST_DRAWN_PX = 1024;

interface Crop {
  /** Of the grid that the mask is drawn on. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/**
 * @param box Inside the picture. @param size Of the picture, in pixels; default: a grid of its own.
 * @returns `[64, 64]` levels, 255 inside, 0 outside.
 * Source: big_vision 0127fb6, `pp/proj/paligemma/segmentation.py`: the mask's rows and columns from the rounded sides of the box,
 * resized bilinearly with antialiasing.
 */
export function maskSquare(
  shape: Shape,
  box: FractionBox,
  size?: { readonly widthPx: number; readonly heightPx: number },
): Uint8Array {
  const crop = cropOf(shape, box, size);
  const [width, height] = [crop.x2 - crop.x1, crop.y2 - crop.y1];
  const data = new Float32Array(width * height);
  if (shape.kind === 'runs') drawRuns(shape, crop, data);
  else for (const ring of shape.rings) drawRing(ring, crop, data);
  const square = new Uint8Array(SQUARE_SIDE * SQUARE_SIDE);
  let at = 0;
  for (const row of bilinearRows({ data, widthPx: width, heightPx: height }, SQUARE_SIDE, SQUARE_SIDE)) {
    for (const value of row) square[at++] = Math.round(Math.min(Math.max(value, 0), 1) * 255);
  }
  return square;
}

function cropOf(
  shape: Shape,
  box: FractionBox,
  size: { readonly widthPx: number; readonly heightPx: number } | undefined,
): Crop {
  const grid = shape.kind === 'runs' ? shape : fineGrid(box, size);
  const { widthPx, heightPx } = grid;
  const [x1, x2] = span(box.x1, box.x2, widthPx);
  const [y1, y2] = span(box.y1, box.y2, heightPx);
  return { widthPx, heightPx, x1, x2, y1, y2 };
}

/** The picture's own pixels, or fewer where the box would have more of them than are drawn. */
function fineGrid(
  { x1, y1, x2, y2 }: FractionBox,
  size: { readonly widthPx: number; readonly heightPx: number } | undefined,
): { readonly widthPx: number; readonly heightPx: number } {
  const grid = (side: number | undefined, part: number) => {
    const most = MOST_DRAWN_PX / Math.max(part, 1e-6);
    return Math.max(1, Math.round(Math.min(side ?? most, most)));
  };
  return { widthPx: grid(size?.widthPx, x2 - x1), heightPx: grid(size?.heightPx, y2 - y1) };
}

/** At least one pixel, inside the grid. */
function span(from: number, to: number, side: number): readonly [first: number, end: number] {
  const first = Math.min(Math.max(roundHalfEven(from * side), 0), side - 1);
  return [first, Math.min(Math.max(roundHalfEven(to * side), first + 1), side)];
}

function drawRuns({ counts, heightPx }: Shape & { readonly kind: 'runs' }, crop: Crop, data: Float32Array): void {
  const width = crop.x2 - crop.x1;
  let pixel = 0;
  counts.forEach((count, index) => {
    if (index % 2 === 1) {
      const begin = Math.max(pixel, crop.x1 * heightPx);
      const end = Math.min(pixel + count, crop.x2 * heightPx);
      for (let at = begin; at < end; at++) {
        const [x, y] = [Math.floor(at / heightPx), at % heightPx];
        if (y >= crop.y1 && y < crop.y2) data[(y - crop.y1) * width + x - crop.x1] = 1;
      }
    }
    pixel += count;
  });
}

/** Pixels whose middle lies inside. */
function drawRing(ring: readonly number[], crop: Crop, data: Float32Array): void {
  const [width, points] = [crop.x2 - crop.x1, ring.length / 2];
  const x = (point: number) => (ring[(point % points) * 2] ?? 0) * crop.widthPx;
  const y = (point: number) => (ring[(point % points) * 2 + 1] ?? 0) * crop.heightPx;
  for (let row = crop.y1; row < crop.y2; row++) {
    const middle = row + 0.5;
    const crossings: number[] = [];
    for (let point = 0; point < points; point++) {
      const [from, to] = [y(point), y(point + 1)];
      if ((from <= middle) === (to <= middle)) continue;
      crossings.push(x(point) + (middle - from) / (to - from) * (x(point + 1) - x(point)));
    }
    crossings.sort((a, b) => a - b);
    for (let at = 0; at + 1 < crossings.length; at += 2) {
      const first = Math.max(Math.ceil((crossings[at] ?? 0) - 0.5), crop.x1);
      const end = Math.min(Math.ceil((crossings[at + 1] ?? 0) - 0.5), crop.x2);
      if (end > first) data.fill(1, (row - crop.y1) * width + first - crop.x1, (row - crop.y1) * width + end - crop.x1);
    }
  }
}
