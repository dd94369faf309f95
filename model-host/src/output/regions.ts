import type { Box, LocDivisor, Mask, Region } from '../../../paligemma/src/facts';
import { regionConfidence, type SuffixTokens } from '../../../paligemma/src/confidence';
import { given } from '../../../paligemma/src/given';
import { breathe } from '../util/breathe';
import { greyPng } from '../image/png';
import { boxFromLocBins } from '../../../paligemma/src/locTokens';
import type { MaskDecoder } from './maskDecoder';
import { parseSuffix, type SuffixBox } from '../../../paligemma/src/suffix';
import { pasteMask, pixelBox } from './pasteMask';

export interface BuildRegionsOptions {
  readonly suffix: string;
  /** Size of the upright source picture. */
  readonly image: { readonly widthPx: number; readonly heightPx: number };
  /** The part of the picture that the suffix is about; without it all of it. */
  readonly crop?: Box;
  readonly locDivisor: LocDivisor;
  /** Whether generation ended without `<eos>`. */
  readonly isTruncated: boolean;
  /** Without them, regions have no confidence. */
  readonly tokens?: SuffixTokens;
  /** Without one, regions have boxes only. */
  readonly maskDecoder?: MaskDecoder;
  readonly signal?: AbortSignal;
}

/**
 * Turns a suffix into regions in pixels of the source picture, in the order of the suffix; what is one and what is text
 * decides `parseSuffix`. Cancellable between regions and inside a mask.
 * @throws DOMException `AbortError`.
 */
export async function buildRegions(options: BuildRegionsOptions): Promise<{ regions: Region[]; text: string }> {
  const { suffix, tokens, signal } = options;
  signal?.throwIfAborted();
  const { boxes, text } = parseSuffix(suffix, options.isTruncated);
  const regions: Region[] = [];
  for (const suffixBox of boxes) {
    const { label, bins, codes } = suffixBox;
    const box = boxInPicture(bins, options);
    const confidence = tokens && regionConfidence(suffix, suffixBox, tokens);
    const mask = await maskOf(codes, box, options);
    regions.push({ label, box, ...given({ confidence, mask }) });
  }
  return { regions, text };
}

function boxInPicture(bins: SuffixBox['bins'], { image, crop, locDivisor }: BuildRegionsOptions): Box {
  if (crop === undefined) return boxFromLocBins(bins, image.widthPx, image.heightPx, locDivisor);
  const { x1, y1, x2, y2 } = boxFromLocBins(bins, crop.x2 - crop.x1, crop.y2 - crop.y1, locDivisor);
  return { x1: crop.x1 + x1, y1: crop.y1 + y1, x2: crop.x1 + x2, y2: crop.y1 + y2 };
}

/**
 * Undefined without codes or decoder, for codes that the decoder's codebook does not have, and where the box holds no
 * whole pixel.
 */
async function maskOf(
  codes: SuffixBox['codes'],
  box: Box,
  options: BuildRegionsOptions,
): Promise<Mask | undefined> {
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
