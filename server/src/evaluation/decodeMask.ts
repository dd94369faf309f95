/** Masks of expected answers, which no model wrote. */
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { MOST_MASK_PIXELS } from '../../../model-host/src/contract/protocol';
import type { Mask } from '../../../paligemma/src/facts';
import type { HostAccess } from '../host/hostAccess';
import type { MaskWish } from './evaluationWish';

/** As the papers' programs read bins. */
const DIVISOR = 1023;

/** Where decoders lie: the model's folder, the one above, and the folder of models. @param own Absolute, of the model. */
export function foldersOfDecoders(own: string | undefined, cachePath: string): readonly string[] {
  return [...own === undefined ? [] : [own, path.dirname(own)], path.join(cachePath, 'models')];
}

/** Of the first region that has one. */
export function maskDecoderOf(host: HostAccess, cachePath: string) {
  return async (
    { model, suffix, widthPx, heightPx }: MaskWish,
    token: CancellationToken,
  ): Promise<Mask | undefined> => {
    // Larger pictures are compared by their boxes.
    if (widthPx * heightPx > MOST_MASK_PIXELS) return undefined;
    const decoderFolders = foldersOfDecoders(model.server === undefined ? model.path : undefined, cachePath);
    const regions = await host.use(
      client => client.suffixRegions({ suffix, widthPx, heightPx, locDivisor: DIVISOR, decoderFolders }, token),
      token,
    );
    return regions[0]?.mask;
  };
}
