/** Mask codecs by their files, loaded when they are first asked for. */
import * as l10n from '@vscode/l10n';
import { Failure } from '../../../paligemma/src/failures';
import type { Region } from '../../../paligemma/src/facts';
import { given } from '../../../paligemma/src/given';
import type { EncodeMasksParams, SuffixRegionsParams } from '../contract/protocol';
import { breathe } from '../util/breathe';
import { MASK_SIDE, loadMaskDecoder, type MaskDecoder } from './maskDecoder';
import { findMaskDecoder } from './maskDecoderFile';
import { loadMaskEncoder, type MaskEncoder } from './maskEncoder';
import { buildRegions } from './regions';

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

  /**
   * The regions of a suffix that comes from elsewhere than a model of this process.
   * @throws Failure as `loadMaskDecoder`; DOMException `AbortError`.
   */
  async regions(params: SuffixRegionsParams, signal: AbortSignal): Promise<readonly Region[]> {
    const { suffix, widthPx, heightPx, locDivisor } = params;
    const maskDecoder = suffix.includes('<seg') ? await this.decoderFor(params, signal) : undefined;
    const image = { widthPx, heightPx };
    const options = { suffix, image, locDivisor, isTruncated: false, signal, ...given({ maskDecoder }) };
    return (await buildRegions(options)).regions;
  }

  /** The one that was used last is kept: many suffixes follow each other. */
  private async decoderFor(
    { codecPath, decoderFolders = [] }: SuffixRegionsParams,
    signal: AbortSignal,
  ): Promise<MaskDecoder | undefined> {
    const file = codecPath ?? await findMaskDecoder(decoderFolders);
    if (file === undefined) return undefined;
    if (this.decoder?.file !== file) this.decoder = { file, loaded: await loadMaskDecoder(file, signal) };
    return this.decoder.loaded;
  }
}
