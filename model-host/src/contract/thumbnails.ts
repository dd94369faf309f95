/** Where small pictures lie below the cache folder: the host writes them, the server finds them again without it. */
import type { Region } from '../../../paligemma/src/facts';

export const THUMBNAIL_FOLDER = 'thumbnails';

/** Raised whenever the same picture would be drawn differently. */
const FORMAT_VERSION = 2;

/** What is drawn, see `ThumbnailParams`. */
export interface ThumbnailForm {
  readonly maxSidePx: number;
  readonly regions?: readonly Region[] | undefined;
  readonly labelPx?: number | undefined;
}

/**
 * @param sha256 Of the picture's bytes, hexadecimal.
 * @param sha256Of The same of a text.
 * @returns A path below the cache folder, with slashes and without an ending: `.png` is the picture, `.json` what the
 *   server keeps of the host's answer.
 */
export function thumbnailStem(
  sha256: string,
  { maxSidePx, regions = [], labelPx }: ThumbnailForm,
  sha256Of: (text: string) => string,
): string {
  const plain = `${THUMBNAIL_FOLDER}/${sha256.slice(0, 2)}/${sha256}-${maxSidePx}-${FORMAT_VERSION}`;
  return regions.length === 0 ? plain : `${plain}-${sha256Of(JSON.stringify([regions, labelPx])).slice(0, 16)}`;
}
