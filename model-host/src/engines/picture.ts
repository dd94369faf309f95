/** A picture on its way from its file to the vision tower. */
import { loadImage, type RgbImage } from '../image/load';
import { pixelValues } from '../image/preprocess';

/** What the end of a run still needs of a picture: its pixels may be many, so they are not kept until then. */
export type PictureFacts = Pick<RgbImage, 'widthPx' | 'heightPx' | 'sha256'>;

export interface Picture extends PictureFacts {
  /** [3, R, R] float32 for the tower's square. */
  pixelValues(resolutionPx: number, signal: AbortSignal): Promise<Float32Array>;
}

/**
 * Reads and decodes a picture.
 * @param resolutionPx Known already: then it is resized at once, and the decoded picture is let go.
 * @throws Failure of the picture kinds; AbortError.
 */
export async function openPicture(
  imagePath: string,
  resolutionPx: number | undefined,
  signal: AbortSignal,
): Promise<Picture> {
  const image = await loadImage(imagePath, signal);
  const { widthPx, heightPx, sha256 } = image;
  if (resolutionPx === undefined) {
    return {
      widthPx,
      heightPx,
      sha256,
      pixelValues: (side, hook) => pixelValues(image, side, hook),
    };
  }
  const values = await pixelValues(image, resolutionPx, signal);
  return { widthPx, heightPx, sha256, pixelValues: () => Promise.resolve(values) };
}
