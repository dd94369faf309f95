import type { Box, LocDivisor } from '../../../paligemma/src/facts';
import { resizeBilinearRows } from '../image/resample';
import { roundHalfEven } from '../../../paligemma/src/locTokens';
import { MASK_SIDE } from './maskDecoder';

/** Whole pixels: `x1`, `y1` are inside the box, `x2`, `y2` are not. */
export type PixelBox = Box;

/** Level of the pixels inside an object; 0 outside. */
const INSIDE = 255;

/**
 * The box in whole pixels, as the code does that goes with the divisor: 1024 rounds (halves to even), 1023 cuts off.
 * @returns undefined where no pixel is left.
 * Source: demo space of PaliGemma (round); big_vision 0127fb6, `evaluators/proj/paligemma/transfers/segmentation.py`
 * (int).
 */
export function pixelBox(box: Box, divisor: LocDivisor): PixelBox | undefined {
  const whole = divisor === 1024 ? roundHalfEven : Math.trunc;
  const pixels = { x1: whole(box.x1), y1: whole(box.y1), x2: whole(box.x2), y2: whole(box.y2) };
  return pixels.x2 > pixels.x1 && pixels.y2 > pixels.y1 ? pixels : undefined;
}

/**
 * Fits a decoded mask into its box: bilinear on the float values (antialiased when shrinking), then above 0 is inside.
 * Cancellable between rows.
 * @param raw `[64, 64] float32` of the mask decoder.
 * @param box Inside a picture of `widthPx` × `heightPx`.
 * @returns `[heightPx, widthPx]`, 255 inside the object, 0 outside.
 * @throws RangeError for a box that sticks out; DOMException `AbortError`.
 * Source: big_vision 0127fb6, `evaluators/proj/paligemma/transfers/segmentation.py`.
 */
export async function pasteMask(
  raw: Float32Array,
  box: PixelBox,
  widthPx: number,
  heightPx: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (box.x1 < 0 || box.y1 < 0 || box.x2 > widthPx || box.y2 > heightPx) {
    throw new RangeError('The box sticks out of the picture.');
  }
  const mask = new Uint8Array(widthPx * heightPx);
  const source = { data: raw, widthPx: MASK_SIDE, heightPx: MASK_SIDE };
  await resizeBilinearRows(source, box.x2 - box.x1, box.y2 - box.y1, (y, row) => {
    const start = (box.y1 + y) * widthPx + box.x1;
    for (let x = 0; x < row.length; x++) if (row[x]! > 0) mask[start + x] = INSIDE;
  }, signal);
  return mask;
}
