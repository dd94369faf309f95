/** What a line says of its picture, as an answer of a model would. */
import * as l10n from '@vscode/l10n';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import type { LocDivisor, Region } from '../../../../paligemma/src/facts';
import { boxFromLocBins } from '../../../../paligemma/src/locTokens';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { parseSuffix } from '../../../../paligemma/src/suffix';
import { boxesOf } from '../../language/dataSets/setHover';
import type { PictureSizePx } from '../pictures/pictures';

/** Boxes only. */
export function regionsOf(read: SetLine, divisor: LocDivisor): (size: PictureSizePx) => readonly Region[] {
  return ({ widthPx, heightPx }) =>
    boxesOf(read).map(({ label, bins }): Region => ({ label, box: boxFromLocBins(bins, widthPx, heightPx, divisor) }));
}

/** The suffix of a line as a result. @param image With the hash of the picture's bytes. */
export function resultOfLine(
  read: SetLine,
  image: PictureSizePx & { readonly path: string; readonly sha256: string },
  regions: readonly Region[],
): RunResult {
  const suffix = read.suffix?.value ?? '';
  return {
    image,
    device: 'cpu',
    suffix,
    tokenIds: [],
    tokenProbabilities: [],
    stopReason: 'eos',
    regions,
    text: parseSuffix(suffix).text,
    timings: { loadMs: 0, imageMs: 0, visionMs: 0, prefillMs: 0, decodeMs: 0, tokens: 0 },
    model: l10n.t('the data set'),
    prompt: read.prefix?.value ?? '',
    fromStore: true,
  };
}
