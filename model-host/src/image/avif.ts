/** What libheif does not see to in an AVIF. Source: AV1 Image File Format 1.2; ISO/IEC 14496-12, 12.1.5 `colr`. */
import type { Samples } from './samples';

/** What describes the picture stands before its pixels. */
const HEAD_BYTES = 64 * 1024;
const BRAND_AT = 8;

/** An animation holds its first picture as a still one does, but libvips knows the brand of still ones only. */
export function asStillPicture(file: Buffer): void {
  if (file.toString('latin1', BRAND_AT, BRAND_AT + 4) === 'avis') file.write('avif', BRAND_AT, 'latin1');
}

/**
 * Whether it has greys alone, from 16 for black to 235 for white. What is told of the picture itself stands before what
 * is told of its alpha.
 */
export function hasNarrowGreys(file: Buffer): boolean {
  const head = file.subarray(0, HEAD_BYTES);
  const configuration = head.indexOf('av1C', 0, 'latin1') + 4;
  const colours = head.indexOf('colrnclx', 0, 'latin1') + 8;
  if (configuration < 4 || colours < 8) return false;
  const isMonochrome = (head[configuration + 2] ?? 0) & 0x10;
  const isFullRange = (head[colours + 6] ?? 0x80) & 0x80;
  return isMonochrome !== 0 && isFullRange === 0;
}

/** Source: libavif 1.4, `src/reformat.c`, avifImageYUVAnyToRGBAnySlow. */
export function rgbFromNarrowGrey({ data, channels }: Samples): Uint8Array {
  const levels = Uint8Array.from(
    { length: 256 },
    (_, code) => Math.floor(0.5 + 255 * Math.min(1, Math.max(0, (code - 16) / 219))),
  );
  const rgb = new Uint8Array(data.length / channels * 3);
  for (let from = 0, to = 0; to < rgb.length; from += channels, to += 3) {
    rgb[to] = rgb[to + 1] = rgb[to + 2] = levels[data[from]!]!;
  }
  return rgb;
}
