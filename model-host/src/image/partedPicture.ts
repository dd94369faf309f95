/** The picture whose parts are asked for one after the other stays decoded between them. */
import { loadImage, type RgbImage } from './load';

/** It waits so long for the next of its parts: the memory of a large picture is wanted elsewhere. */
const KEPT_MS = 60_000;
/** A larger one is decoded for each part anew: memory is worth more than the second that this takes. */
const MOST_BYTES = 400_000_000;

export class PartedPicture {
  private kept: RgbImage | undefined;
  private release: NodeJS.Timeout | undefined;

  /**
   * The decoded picture. Its file is read each time, so that one that has been written meanwhile is seen as it is.
   * @throws Failure of the picture kinds; DOMException `AbortError`.
   */
  async load(imagePath: string, signal: AbortSignal): Promise<RgbImage> {
    const image = await loadImage(imagePath, signal, this.kept === undefined ? {} : { known: this.kept });
    clearTimeout(this.release);
    this.kept = image.data.length > MOST_BYTES ? undefined : image;
    // Never a reason for the process to stay.
    this.release = setTimeout(() => (this.kept = undefined), KEPT_MS).unref();
    return image;
  }
}
