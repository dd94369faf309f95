import sharp from 'sharp';
import type { LikenessResult } from '../contract/protocol';
import { loadImage } from './load';

/** Twice the sides of a difference hash of 64 bits. */
const [WIDTH_PX, HEIGHT_PX] = [18, 16];

/**
 * A picture in grey, squeezed to a few levels: copies that were saved anew, in another size or with another compression, have
 * nearly the same ones.
 * @throws Failure as `loadImage`; DOMException `AbortError`.
 */
export async function likenessOf(imagePath: string, signal?: AbortSignal): Promise<LikenessResult> {
  const { data, widthPx, heightPx, sha256 } = await loadImage(imagePath, signal);
  const levels = await sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 }, limitInputPixels: false })
    .resize(WIDTH_PX, HEIGHT_PX, { fit: 'fill', kernel: 'linear' })
    .toColourspace('b-w')
    .extractChannel(0)
    .raw()
    .toBuffer();
  signal?.throwIfAborted();
  return { sha256, levels: levels.toString('base64') };
}
