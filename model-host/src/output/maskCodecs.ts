/** Mask codecs by their files, loaded when they are first asked for. */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';
import type { Region } from '../../../paligemma/src/facts';
import type { EncodeMasksParams, ReadRegionsParams } from '../contract/protocol';
import { breathe } from '../util/breathe';
import { MASK_SIDE, loadMaskDecoder, type MaskDecoder } from './maskDecoder';
import { loadMaskEncoder, type MaskEncoder } from './maskEncoder';
import { buildRegions } from './regions';

/** Of the mask, which is as large as the picture. */
const MOST_PIXELS = 1 << 26;

export class MaskCodecs {
  private encoder: { readonly file: string; readonly loaded: MaskEncoder } | undefined;
  private decoder: { readonly file: string; readonly loaded: MaskDecoder } | undefined;

  /** @throws Failure as `loadMaskEncoder`, and `badArgument` for what is no mask; DOMException `AbortError`. */
  async encode({ codecPath, masks }: EncodeMasksParams, signal: AbortSignal): Promise<readonly (readonly number[])[]> {
    const encoder = this.encoder?.file === codecPath ? this.encoder.loaded : await loadMaskEncoder(codecPath, signal);
    this.encoder = { file: codecPath, loaded: encoder };
    const codes: number[][] = [];
    for (const mask of masks) {
      await breathe(signal);
      const levels = Buffer.from(mask, 'base64');
      if (levels.length !== MASK_SIDE * MASK_SIDE) {
        throw new Failure(
          'badArgument',
          l10n.t('A mask has {0} levels instead of {1}.', levels.length, MASK_SIDE ** 2),
        );
      }
      codes.push(encoder.encode(levels));
    }
    return codes;
  }

  /** @throws Failure as `loadMaskDecoder`, and `badArgument` for a picture too large for masks; DOMException `AbortError`. */
  async regions(
    { codecPath, suffix, widthPx, heightPx, locDivisor }: ReadRegionsParams,
    signal: AbortSignal,
  ): Promise<readonly Region[]> {
    if (widthPx * heightPx > MOST_PIXELS) {
      throw new Failure('badArgument', l10n.t('The picture has too many pixels for masks.'));
    }
    const maskDecoder = codecPath === undefined ? undefined : await this.decoderOf(codecPath, signal);
    const { regions } = await buildRegions({
      suffix,
      image: { widthPx, heightPx },
      locDivisor,
      isTruncated: false,
      signal,
      ...(maskDecoder === undefined ? {} : { maskDecoder }),
    });
    return regions;
  }

  private async decoderOf(file: string, signal: AbortSignal): Promise<MaskDecoder> {
    if (this.decoder?.file !== file) this.decoder = { file, loaded: await loadMaskDecoder(file, signal) };
    return this.decoder.loaded;
  }
}
