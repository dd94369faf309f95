/** The shapes of masks that a line's text says: its codes are decoded in the model host, and no model runs. */
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import { MOST_MASK_PIXELS } from '../../../../model-host/src/contract/protocol';
import { LOC_BINS, type LocDivisor, type Region } from '../../../../paligemma/src/facts';
import { Failure } from '../../../../paligemma/src/failures';
import { given } from '../../../../paligemma/src/given';
import { parseSuffix } from '../../../../paligemma/src/suffix';
import type { LineMasksParams, LineMasksResult } from '../../contract/dataSets';
import { foldersOfDecoders } from '../../evaluation/decodeMask';
import type { HostAccess } from '../../host/hostAccess';
import type { ModelCatalog } from '../../models/catalog/catalog';
import { CancelledError } from '../../util/cancellation';
import { toFailure } from '../../util/failure';
import type { PictureSizePx, RegionsOf } from '../pictures/pictures';
import { regionsOf } from './lineRegions';

export interface LineMaskParts {
  readonly host: HostAccess;
  readonly catalog: Pick<ModelCatalog, 'choose'>;
  readonly cachePath: string;
  /** The setting `paligemma.model`. */
  readonly model: () => string;
}

/** Each takes some tens of milliseconds with the published decoder: no line keeps the host for longer than a moment. */
const MOST_MASKS = 32;
const MOST_SIDE_PX = 2048;
/** As training data are made. */
const DIVISOR: LocDivisor = LOC_BINS - 1 as LocDivisor;

export class LineMasks {
  constructor(private readonly parts: LineMaskParts) {}

  /** What a line says of its picture, with masks where they can be decoded. @throws CancelledError, from the function. */
  regionsOf(read: SetLine, divisor: LocDivisor, token: CancellationToken): RegionsOf {
    const boxes = regionsOf(read, divisor);
    return async size => {
      const regions = boxes(size);
      const suffix = read.suffix?.value ?? '';
      if (!hasMasks(suffix) || size.widthPx * size.heightPx > MOST_MASK_PIXELS) return regions;
      try {
        const decoded = await this.decoded(suffix, size, divisor, token);
        return [...decoded, ...regions.slice(decoded.length)];
      } catch (error) {
        if (error instanceof Failure) return regions;
        throw error;
      }
    };
  }

  /** Why there is none stands in the answer. @throws CancelledError */
  async shapes(
    { suffix, widthPx, heightPx, maxSidePx }: LineMasksParams,
    token: CancellationToken,
  ): Promise<LineMasksResult> {
    const scale = Math.min(1, Math.min(maxSidePx, MOST_SIDE_PX) / Math.max(widthPx, heightPx));
    const side = (px: number) => Math.max(1, Math.round(px * scale));
    const size = { widthPx: side(widthPx), heightPx: side(heightPx) };
    if (!hasMasks(suffix)) return { ...size, masks: [] };
    try {
      const regions = await this.decoded(suffix, size, DIVISOR, token);
      const masks = regions.flatMap(({ mask }, region) => mask === undefined ? [] : [{ region, png: mask.png }]);
      return { ...size, masks, ...given({ problem: problemOf(suffix, masks.length) }) };
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      return { ...size, masks: [], problem: toFailure(error).message };
    }
  }

  private async decoded(
    suffix: string,
    { widthPx, heightPx }: PictureSizePx,
    locDivisor: LocDivisor,
    token: CancellationToken,
  ): Promise<readonly Region[]> {
    const decoderFolders = await this.decoderFolders();
    const params = { suffix: beginning(suffix), widthPx, heightPx, locDivisor, decoderFolders };
    return this.parts.host.use(client => client.suffixRegions(params, token), token);
  }

  private async decoderFolders(): Promise<readonly string[]> {
    const { catalog, cachePath, model } = this.parts;
    const { path: own } = await catalog.choose(model(), 'setting');
    return foldersOfDecoders(own, cachePath);
  }
}

function hasMasks(suffix: string): boolean {
  return suffix.includes('<seg');
}

function maskedBoxes(suffix: string) {
  return parseSuffix(suffix).boxes.filter(({ codes }) => codes !== undefined);
}

/** With so many masks as are decoded. */
function beginning(suffix: string): string {
  const next = maskedBoxes(suffix)[MOST_MASKS];
  return next === undefined ? suffix : suffix.slice(0, next.start);
}

function problemOf(suffix: string, decoded: number): string | undefined {
  const wanted = maskedBoxes(suffix).length;
  if (wanted > 0 && decoded === 0) {
    return l10n.t(
      'Beside the models lies no mask decoder that knows these codes, so the shapes of masks are not drawn.',
    );
  }
  return wanted > MOST_MASKS ? l10n.t('The shapes of the first {0} masks are drawn.', MOST_MASKS) : undefined;
}
