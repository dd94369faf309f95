/** The pages of a TIFF: its directories, each of which names the next. Source: TIFF Revision 6.0, section 2; BigTIFF. */
import { TiffChain } from './tiffDirectory';
import { damaged } from './pictureError';

/** Of a file; a chain that is longer is taken for one that never ends. */
const MOST_DIRECTORIES = 100_000;

/** @returns How many pages it has, at least 1; those before damage where there is some. Takes any bytes. */
export function countTiffPages(file: Buffer): number {
  let count = 0;
  try {
    for (const _ of directories(file)) count++;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return Math.max(1, count);
}

/**
 * Makes a page the first one of the file, which is all that readers look at.
 * @param page From 1.
 * @returns False where there is no such page. @throws PictureError where the way to it leads out of the file.
 */
export function makeFirstPage(file: Buffer, page: number): boolean {
  try {
    let number = 0;
    for (const at of directories(file)) {
      if (++number < page) continue;
      new TiffChain(file).start = at;
      return true;
    }
    return false;
  } catch (error) {
    if (error instanceof RangeError) throw damaged('the list of its pages leads out of the file');
    throw error;
  }
}

/** Where each directory begins. @throws RangeError where one lies outside of the file. */
function* directories(file: Buffer): Iterable<number> {
  const chain = new TiffChain(file);
  const seen = new Set<number>();
  for (let at = chain.start; at !== 0 && !seen.has(at) && seen.size < MOST_DIRECTORIES; at = chain.next(at)) {
    seen.add(at);
    // A smaller copy of a page is none itself.
    if (at === chain.start || !chain.isReduced(at)) yield at;
  }
}
