/** What a line says of its picture, as an answer of a model would. */
import * as l10n from '@vscode/l10n';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import type { LocDivisor, Region } from '../../../../paligemma/src/facts';
import { boxFromLocBins } from '../../../../paligemma/src/locTokens';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { parseSuffix } from '../../../../paligemma/src/suffix';
import { boxesOf } from '../../language/dataSets/setHover';
import type { PictureSizePx, RegionsOf } from '../pictures/pictures';

export function regionsOf(read: SetLine, divisor: LocDivisor): RegionsOf {
  return ({ widthPx, heightPx }) =>
    boxesOf(read).map(({ label, bins }): Region => ({ label, box: boxFromLocBins(bins, widthPx, heightPx, divisor) }));
}

/** The suffix of a line as a result, without its masks. @param sha256 Of the picture. */
export function resultOfLine(
  read: SetLine,
  image: PictureSizePx & { readonly path: string; readonly sha256: string },
  divisor: LocDivisor,
): RunResult {
  const suffix = read.suffix?.value ?? '';
  return {
    image,
    device: 'cpu',
    suffix,
    tokenIds: [],
    tokenProbabilities: [],
    stopReason: 'eos',
    regions: regionsOf(read, divisor)(image),
    text: parseSuffix(suffix).text,
    timings: { loadMs: 0, imageMs: 0, visionMs: 0, prefillMs: 0, decodeMs: 0, tokens: 0 },
    model: l10n.t('the data set'),
    prompt: read.prefix?.value ?? '',
    fromStore: true,
  };
}
