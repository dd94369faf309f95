/** A picture on its way from its file to the vision tower. */
import type { Box } from '../../../paligemma/src/facts';
import { changedPicture } from '../../../paligemma/src/pictureFiles';
import { loadImage, type RgbImage } from '../image/load';
import type { PartedPictures } from '../image/partedPictures';
import { cropped } from '../image/parts';
import { pixelValues } from '../image/preprocess';

/** What the end of a run still needs of a picture: its pixels may be many, so they are not kept until then. */
export type PictureFacts = Pick<RgbImage, 'widthPx' | 'heightPx' | 'sha256'>;

export interface Picture extends PictureFacts {
  /** Equal for equal pixels: of the file's content, and of the part that is looked at. */
  readonly contentKey: string;
  /** [3, R, R] float32 for the tower's square. */
  pixelValues(resolutionPx: number, signal: AbortSignal): Promise<Float32Array>;
}

/** Which picture, or which part of it: a part is taken from a picture that stays decoded for the others. */
export interface PictureWish {
  readonly imagePath: string;
  readonly crop?: Box;
}

/**
 * Reads and decodes a picture.
 * @param resolutionPx Known already: then it is resized at once, and the decoded picture is let go.
 * @throws Failure of the picture kinds; AbortError.
 */
export async function openPicture(
  wish: PictureWish,
  resolutionPx: number | undefined,
  parts: PartedPictures,
  signal: AbortSignal,
): Promise<Picture> {
  const { image, part, contentKey } = await loadPart(wish, parts, signal);
  const { widthPx, heightPx, sha256 } = image;
  if (resolutionPx === undefined) {
    return {
      widthPx,
      heightPx,
      sha256,
      contentKey,
      pixelValues: (side, hook) => pixelValues(part, side, hook),
    };
  }
  const values = await pixelValues(part, resolutionPx, signal);
  return { widthPx, heightPx, sha256, contentKey, pixelValues: () => Promise.resolve(values) };
}

/**
 * The decoded picture, and the part of it that is meant: without `crop` all of it.
 * @throws Failure of the picture kinds, `imageUnreadable` where the picture has become smaller than the part; AbortError.
 */
export async function loadPart(
  { imagePath, crop }: PictureWish,
  parts: PartedPictures,
  signal: AbortSignal,
): Promise<{ readonly image: RgbImage; readonly part: RgbImage; readonly contentKey: string }> {
  if (crop === undefined) {
    const image = await loadImage(imagePath, signal);
    return { image, part: image, contentKey: image.sha256 };
  }
  const image = await parts.load(imagePath, signal);
  if (crop.x2 > image.widthPx || crop.y2 > image.heightPx) throw changedPicture(imagePath);
  const { x1, y1, x2, y2 } = crop;
  return { image, part: cropped(image, crop), contentKey: `${image.sha256} ${x1},${y1},${x2},${y2}` };
}
