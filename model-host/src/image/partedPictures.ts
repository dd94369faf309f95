/** Pictures whose parts are asked for one after the other stay decoded between them. */
import { loadImage, type RgbImage } from './load';

/** They wait so long for the next of their parts: the memory of a large picture is wanted elsewhere. */
const KEPT_MS = 60_000;
/** Of all of them. A larger one is decoded for each part anew: memory is worth more than the second that this takes. */
const MOST_BYTES = 400_000_000;

export class PartedPictures {
  /** By path, the one that was asked for last at the end. */
  private readonly kept = new Map<string, RgbImage>();
  private release: NodeJS.Timeout | undefined;

  /**
   * The decoded picture. Its file is read each time, so that one that has been written meanwhile is seen as it is.
   * @throws Failure of the picture kinds; DOMException `AbortError`.
   */
  async load(imagePath: string, signal: AbortSignal): Promise<RgbImage> {
    const known = this.kept.get(imagePath);
    const image = await loadImage(imagePath, signal, known === undefined ? {} : { known });
    this.kept.delete(imagePath);
    this.kept.set(imagePath, image);
    this.makeRoom();
    clearTimeout(this.release);
    // Never a reason for the process to stay.
    this.release = setTimeout(() => this.kept.clear(), KEPT_MS).unref();
    return image;
  }

  private makeRoom(): void {
    let bytes = [...this.kept.values()].reduce((sum, { data }) => sum + data.length, 0);
    for (const [imagePath, { data }] of this.kept) {
      if (bytes <= MOST_BYTES) return;
      this.kept.delete(imagePath);
      bytes -= data.length;
    }
  }
}
