/** Run lengths of masks, as COCO writes them. Takes anything; never throws. */
import { isCount, isRecord } from '../../../paligemma/src/checks';
import type { Shape } from './setObject';

/** More than any picture of a data set: 16383 × 16383, what can be decoded at all, would be 268 million. */
const MOST_PIXELS = 1 << 26;
/** A run of no pixels has a length too. */
const MOST_RUNS = 1 << 22;

/**
 * `{size: [height, width], counts}`, with the counts as numbers or as the text that pycocotools makes of them.
 * @returns Undefined where it is none, or where the runs are not as many pixels as its size says.
 */
export function readRuns(value: unknown): Shape | undefined {
  if (!isRecord(value) || !Array.isArray(value['size'])) return undefined;
  const [heightPx, widthPx, ...others] = value['size'] as readonly unknown[];
  if (!isCount(heightPx) || !isCount(widthPx) || others.length > 0) return undefined;
  const pixels = heightPx * widthPx;
  if (pixels === 0 || pixels > MOST_PIXELS) return undefined;
  const written = value['counts'];
  const counts = typeof written === 'string' ? unpackedCounts(written) : written;
  if (!Array.isArray(counts) || counts.length > MOST_RUNS || !counts.every(isCount)) return undefined;
  if (counts.reduce((sum, count) => sum + count, 0) !== pixels) return undefined;
  return { kind: 'runs', widthPx, heightPx, counts };
}

/**
 * Five bits a character from `0` on, the lowest first; from the third count on what is written is the difference from the
 * one before the last. Source: pycocotools `maskApi.c`, `rleFrString`.
 */
function unpackedCounts(text: string): number[] | undefined {
  const counts: number[] = [];
  for (let at = 0; at < text.length;) {
    let [value, bits] = [0, 0];
    for (;;) {
      const digit = text.charCodeAt(at++) - 48;
      // More than six digits are more pixels than any mask has.
      if (!(digit >= 0 && digit < 64) || bits > 30) return undefined;
      value += (digit & 31) * 2 ** bits;
      bits += 5;
      if ((digit & 32) !== 0) continue;
      if ((digit & 16) !== 0) value -= 2 ** bits;
      break;
    }
    counts.push(counts.length > 2 ? value + (counts[counts.length - 2] ?? 0) : value);
    if (counts.length > MOST_RUNS) return undefined;
  }
  return counts;
}
