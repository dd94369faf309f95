import type { Box, LocDivisor, Mask, Region } from '../../../paligemma/src/facts';
import { breathe } from '../util/breathe';
import { greyPng } from '../image/png';
import { boxFromLocBins } from '../../../paligemma/src/locTokens';
import type { MaskDecoder } from './maskDecoder';
import { parseSuffix, trimSeparators, type SuffixEntry } from '../../../paligemma/src/suffix';
import { pasteMask, pixelBox } from './pasteMask';

export interface BuildRegionsOptions {
  readonly suffix: string;
  /** Size of the upright source picture. */
  readonly image: { readonly widthPx: number; readonly heightPx: number };
  readonly locDivisor: LocDivisor;
  /**
   * Whether generation ended without `<eos>`: an entry that runs to the end of the suffix may then be half an entry.
   */
  readonly isTruncated: boolean;
  /** Without one, regions have boxes only. */
  readonly maskDecoder?: MaskDecoder;
  readonly signal?: AbortSignal;
}

/**
 * Turns a suffix into regions in pixels of the source picture, in the order of the suffix. Boxes without an area and an
 * entry that was cut off are no regions: they stay in the text as the model wrote them. Cancellable between regions and
 * inside a mask.
 * @returns `text`: what of the suffix is not part of a region, separators and outer white space removed, joined by
 *   spaces.
 * @throws DOMException `AbortError`.
 */
export async function buildRegions(options: BuildRegionsOptions): Promise<{ regions: Region[]; text: string }> {
  const { suffix, image, signal } = options;
  signal?.throwIfAborted();
  const regions: Region[] = [];
  const rest: string[] = [];
  let position = 0;
  for (const entry of parseSuffix(suffix).entries) {
    const box = boxFromLocBins(entry.bins, image.widthPx, image.heightPx, options.locDivisor);
    if (box === undefined || (options.isTruncated && entry.end === suffix.length)) continue;
    const mask = await maskOf(entry, box, options);
    regions.push({ label: entry.label, box, ...(mask && { mask }) });
    rest.push(suffix.slice(position, entry.start));
    position = entry.end;
  }
  rest.push(suffix.slice(position));
  return { regions, text: rest.map(trimSeparators).filter(part => part !== '').join(' ') };
}

/**
 * Undefined without codes or decoder, for codes that the decoder's codebook does not have, and where the box holds no
 * whole pixel.
 */
async function maskOf(entry: SuffixEntry, box: Box, options: BuildRegionsOptions): Promise<Mask | undefined> {
  const { codes } = entry;
  const { maskDecoder, locDivisor, signal, image: { widthPx, heightPx } } = options;
  if (codes === undefined || maskDecoder === undefined || codes.some(code => code >= maskDecoder.codes)) {
    return undefined;
  }
  const pixels = pixelBox(box, locDivisor);
  if (pixels === undefined) return undefined;
  await breathe(signal);
  const mask = await pasteMask(maskDecoder.decode(codes), pixels, widthPx, heightPx, signal);
  const png = await greyPng(mask, widthPx, heightPx);
  signal?.throwIfAborted();
  return { width: widthPx, height: heightPx, png: png.toString('base64') };
}
