import sharp from 'sharp';

/**
 * Writes a mask as the contract wants it: an 8-bit grey PNG.
 * @param data One byte a pixel, rows top to bottom: `[heightPx, widthPx]`.
 */
export function greyPng(data: Uint8Array, widthPx: number, heightPx: number): Promise<Buffer> {
  return sharp(data, { raw: { width: widthPx, height: heightPx, channels: 1 }, limitInputPixels: false }).toColourspace(
    'b-w',
  ).png().toBuffer();
}

/** Writes RGB bytes, `[heightPx, widthPx, 3]`, as an 8-bit RGB PNG. */
export function rgbPng(data: Uint8Array, widthPx: number, heightPx: number): Promise<Buffer> {
  return sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 }, limitInputPixels: false }).png()
    .toBuffer();
}
