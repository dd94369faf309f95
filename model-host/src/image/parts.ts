/** Parts of a decoded picture, and where there is nothing to see in it. */
import type { Box } from '../../../paligemma/src/facts';
import type { BlankLines } from '../../../paligemma/src/tiles/plan';
import { breathe, rowsBetweenBreaths } from '../util/breathe';
import type { RgbImage } from './load';

/**
 * Levels between the darkest and the lightest pixel of a line, in each channel, up to which it is blank: paper of a scan
 * and what JPEG leaves around letters differ by less, letters by more.
 */
const BLANK_LINE_LEVELS = 24;
/** The same for a part that the model need not see: less, since faint print is print. */
const BLANK_PART_LEVELS = 8;

/**
 * @param box Whole pixels inside the picture: `x1`, `y1` belong to the part, `x2`, `y2` do not.
 * @returns the part as a picture of its own, of the same file.
 */
export function cropped(image: RgbImage, { x1, y1, x2, y2 }: Box): RgbImage {
  const rowBytes = (x2 - x1) * 3;
  const data = new Uint8Array(rowBytes * (y2 - y1));
  for (let y = y1; y < y2; y++) {
    const start = (y * image.widthPx + x1) * 3;
    data.set(image.data.subarray(start, start + rowBytes), (y - y1) * rowBytes);
  }
  return { data, widthPx: x2 - x1, heightPx: y2 - y1, sha256: image.sha256 };
}

/** Rows and columns in which all pixels are about the same. Cancellable between rows. @throws DOMException `AbortError`. */
export async function blankLines({ data, widthPx, heightPx }: RgbImage, signal?: AbortSignal): Promise<BlankLines> {
  const rowBytes = widthPx * 3;
  const rows = new Uint8Array(heightPx);
  const [lowest, highest] = [new Uint8Array(rowBytes).fill(255), new Uint8Array(rowBytes)];
  const pause = rowsBetweenBreaths(rowBytes);
  for (let y = 0; y < heightPx; y++) {
    if (y % pause === 0) await breathe(signal);
    rows[y] = Number(rangeOfRow(data, y * rowBytes, rowBytes) <= BLANK_LINE_LEVELS);
    for (let i = 0, at = y * rowBytes; i < rowBytes; i++, at++) {
      const level = data[at]!;
      if (level < lowest[i]!) lowest[i] = level;
      if (level > highest[i]!) highest[i] = level;
    }
  }
  const columns = Uint8Array.from(
    { length: widthPx },
    (_, x) =>
      Number([0, 1, 2].every(channel => highest[x * 3 + channel]! - lowest[x * 3 + channel]! <= BLANK_LINE_LEVELS)),
  );
  return { rows, columns };
}

/** Whether a part has one colour throughout. Cancellable between rows. @throws DOMException `AbortError`. */
export async function isBlankPart(
  { data, widthPx }: RgbImage,
  { x1, y1, x2, y2 }: Box,
  signal?: AbortSignal,
): Promise<boolean> {
  const [lowest, highest] = [[255, 255, 255], [0, 0, 0]];
  const pause = rowsBetweenBreaths((x2 - x1) * 3);
  for (let y = y1; y < y2; y++) {
    if ((y - y1) % pause === 0) await breathe(signal);
    for (let at = (y * widthPx + x1) * 3, end = (y * widthPx + x2) * 3; at < end; at += 3) {
      for (let channel = 0; channel < 3; channel++) {
        const level = data[at + channel]!;
        if (level < lowest[channel]!) lowest[channel] = level;
        if (level > highest[channel]!) highest[channel] = level;
      }
    }
    if (highest.some((level, channel) => level - lowest[channel]! > BLANK_PART_LEVELS)) return false;
  }
  return true;
}

/** The widest range of levels among the three channels of a row. */
function rangeOfRow(data: Uint8Array, start: number, rowBytes: number): number {
  let [lowR, lowG, lowB, highR, highG, highB] = [255, 255, 255, 0, 0, 0];
  for (let at = start; at < start + rowBytes; at += 3) {
    const [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!];
    if (r < lowR) lowR = r;
    if (r > highR) highR = r;
    if (g < lowG) lowG = g;
    if (g > highG) highG = g;
    if (b < lowB) lowB = b;
    if (b > highB) highB = b;
  }
  return Math.max(highR - lowR, highG - lowG, highB - lowB);
}
