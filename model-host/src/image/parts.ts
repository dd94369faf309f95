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
  const open = new BlankColumns(widthPx);
  const pause = rowsBetweenBreaths(rowBytes);
  for (let y = 0; y < heightPx; y++) {
    if (y % pause === 0) await breathe(signal);
    const row = data.subarray(y * rowBytes, (y + 1) * rowBytes);
    rows[y] = Number(isBlankRow(row));
    open.narrow(row);
  }
  return { rows, columns: open.blank };
}

/** The columns that are blank as far as they were looked at: most are not after a few rows, and cost nothing then. */
class BlankColumns {
  private readonly columns: Int32Array;
  private count: number;
  private readonly lowest: Uint8Array;
  private readonly highest: Uint8Array;

  constructor(private readonly widthPx: number) {
    this.columns = Int32Array.from({ length: widthPx }, (_, x) => x);
    this.count = widthPx;
    this.lowest = new Uint8Array(widthPx * 3).fill(255);
    this.highest = new Uint8Array(widthPx * 3);
  }

  /** 1 for each column that is still blank. */
  get blank(): Uint8Array {
    const blank = new Uint8Array(this.widthPx);
    for (const x of this.columns.subarray(0, this.count)) blank[x] = 1;
    return blank;
  }

  narrow(row: Uint8Array): void {
    const { columns, lowest, highest } = this;
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const x = columns[i]!;
      let isBlank = true;
      for (let at = x * 3; at < x * 3 + 3; at++) {
        const level = row[at]!;
        if (level < lowest[at]!) lowest[at] = level;
        if (level > highest[at]!) highest[at] = level;
        if (highest[at]! - lowest[at]! > BLANK_LINE_LEVELS) isBlank = false;
      }
      if (isBlank) columns[kept++] = x;
    }
    this.count = kept;
  }
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

function isBlankRow(row: Uint8Array): boolean {
  for (let channel = 0; channel < 3; channel++) {
    let [lowest, highest] = [255, 0];
    for (let at = channel; at < row.length; at += 3) {
      const level = row[at]!;
      if (level < lowest) lowest = level;
      if (level > highest) highest = level;
      if (highest - lowest > BLANK_LINE_LEVELS) return false;
    }
  }
  return true;
}
