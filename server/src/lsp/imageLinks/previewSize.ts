/** How large the preview of a picture is: on the screen, and in the file that is made for it. Pure. */

/** What leaves room for the name, the links and a caption in a hover, which scrolls beyond 250 CSS pixels. */
const ROOM = { width: 400, height: 140 };
/** Longest side of the file: enough for screens with several pixels a CSS pixel. */
export const THUMBNAIL_SIDE_PX = 640;
/** Height of the letters of a label on the screen, CSS pixels. */
const LABEL_SIZE = 11;

/** @param widthPx,heightPx Of the picture. @returns CSS pixels, whole, at least 1; a small picture stays as it is. */
export function shownSize(widthPx: number, heightPx: number): { readonly width: number; readonly height: number } {
  const scale = shownScale(widthPx, heightPx);
  return { width: Math.max(1, Math.round(widthPx * scale)), height: Math.max(1, Math.round(heightPx * scale)) };
}

/** Height of letters in the file, so that they are readable where it is shown. */
export function labelHeight(widthPx: number, heightPx: number): number {
  const inFile = Math.min(1, THUMBNAIL_SIDE_PX / Math.max(widthPx, heightPx));
  return Math.max(8, Math.min(200, Math.round(LABEL_SIZE * inFile / shownScale(widthPx, heightPx))));
}

function shownScale(widthPx: number, heightPx: number): number {
  return Math.min(1, ROOM.width / widthPx, ROOM.height / heightPx);
}
