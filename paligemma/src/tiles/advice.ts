/** Where a picture had better be read in parts. */
import { tileCount } from '../tileChoice';
import { tileKindOf } from './kind';
import { autoGrid, type PictureSize } from './plan';

/**
 * How small a picture may become in one direction before its text is said to be too small. A page scanned at 150 dpi,
 * 1754 px high, is squeezed to 448 px a little more than that, and its print is then 3 to 5 px high.
 */
const UNREADABLE_SCALE = 0.27;

/**
 * Into how many parts `tiles auto` would cut a picture whose text is likely too small for the model; undefined where it
 * is not, or nothing is to be read.
 * @param resolutionPx Side of the model's square.
 */
export function advisedTiles(picture: PictureSize, resolutionPx: number, prompt: string): number | undefined {
  if (tileKindOf(prompt) !== 'text') return undefined;
  const scale = Math.min(resolutionPx / picture.widthPx, resolutionPx / picture.heightPx);
  return scale < UNREADABLE_SCALE ? tileCount(autoGrid(picture, resolutionPx, 'text')) : undefined;
}
