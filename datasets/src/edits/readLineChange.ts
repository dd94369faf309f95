/** Reads a change out of whatever a page sent. */
import { isCount, isOneOf, isRecord, isShape, isString } from '../../../paligemma/src/checks';
import { LOC_BINS } from '../../../paligemma/src/facts';
import { hasArea, type LocBins } from '../../../paligemma/src/locTokens';
import type { LineChange } from './lineEdits';

/** Undefined for anything but a change. */
export function readLineChange(value: unknown): LineChange | undefined {
  if (!isRecord(value) || typeof value['kind'] !== 'string' || !Object.hasOwn(readers, value['kind'])) return undefined;
  return readers[value['kind'] as LineChange['kind']](value);
}

const isOfBox = isShape({ box: isCount });
const isMove = isShape({ box: isCount, bins: isBins });
const isName = isShape({ box: isCount, label: isString });
const isNew = isShape({ bins: isBins, label: isString });
const isText = isShape({ field: isOneOf(['prefix', 'suffix'] as const), value: isString });

/** One for each change, so that a new one without its reader does not compile. */
const readers: { readonly [Kind in LineChange['kind']]: (sent: Record<string, unknown>) => LineChange | undefined } = {
  bins: sent => isMove(sent) ? { kind: 'bins', box: sent.box, bins: sent.bins } : undefined,
  label: sent => isName(sent) ? { kind: 'label', box: sent.box, label: sent.label } : undefined,
  delete: sent => isOfBox(sent) ? { kind: 'delete', box: sent.box } : undefined,
  duplicate: sent => isOfBox(sent) ? { kind: 'duplicate', box: sent.box } : undefined,
  add: sent => isNew(sent) ? { kind: 'add', bins: sent.bins, label: sent.label } : undefined,
  text: sent => isText(sent) ? { kind: 'text', field: sent.field, value: sent.value } : undefined,
  accept: () => ({ kind: 'accept' }),
};

function isBins(value: unknown): value is LocBins {
  return Array.isArray(value) && value.length === 4 && value.every(isBin) && hasArea(value as unknown as LocBins);
}

function isBin(bin: unknown): boolean {
  return isCount(bin) && bin < LOC_BINS;
}
