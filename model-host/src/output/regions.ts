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
  const { suffix, image, tokens, signal } = options;
  signal?.throwIfAborted();
  const { boxes, text } = parseSuffix(suffix, options.isTruncated);
  const regions: Region[] = [];
  for (const suffixBox of boxes) {
    const { label, bins, codes } = suffixBox;
    const box = boxFromLocBins(bins, image.widthPx, image.heightPx, options.locDivisor);
    const confidence = tokens && regionConfidence(suffix, suffixBox, tokens);
    const mask = await maskOf(codes, box, options);
    regions.push({ label, box, ...given({ confidence, mask }) });
  }
  return { regions, text };
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
