/** Masks of expected answers, which no model wrote. */
import path from 'node:path';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import { MOST_MASK_PIXELS } from '../../../model-host/src/contract/protocol';
import type { Mask } from '../../../paligemma/src/facts';
import type { HostAccess } from '../host/hostAccess';
import type { MaskWish } from './evaluationWish';

/** As the papers' programs read bins. */
const DIVISOR = 1023;

/**
 * Of the first region that has one. The decoder is that of the model's folder, of the one above, or of the folder of
 * models.
 */
export function maskDecoderOf(host: HostAccess, cachePath: string) {
  return async (
    { model, suffix, widthPx, heightPx }: MaskWish,
    token: CancellationToken,
  ): Promise<Mask | undefined> => {
    // Larger pictures are compared by their boxes.
    if (widthPx * heightPx > MOST_MASK_PIXELS) return undefined;
    const own = model.server === undefined ? [model.path, path.dirname(model.path)] : [];
    const decoderFolders = [...own, path.join(cachePath, 'models')];
    const regions = await host.use(
      client => client.suffixRegions({ suffix, widthPx, heightPx, locDivisor: DIVISOR, decoderFolders }, token),
      token,
    );
    return regions[0]?.mask;
  };
}
