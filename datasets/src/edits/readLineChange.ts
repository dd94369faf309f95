/** Reads a change out of whatever a page sent. */
import { isRecord } from '../../../paligemma/src/checks';
import { LOC_BINS } from '../../../paligemma/src/facts';
import { hasArea, type LocBins } from '../../../paligemma/src/locTokens';
import type { LineChange } from './lineEdits';

/** Undefined for anything but a change. */
export function readLineChange(value: unknown): LineChange | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, box, bins, label, field, value: text } = value;
  const isBox = typeof box === 'number' && Number.isSafeInteger(box) && box >= 0;
  switch (kind) {
    case 'bins':
      return isBox && isBins(bins) ? { kind, box, bins } : undefined;
    case 'label':
      return isBox && typeof label === 'string' ? { kind, box, label } : undefined;
    case 'delete':
    case 'duplicate':
      return isBox ? { kind, box } : undefined;
    case 'add':
      return isBins(bins) && typeof label === 'string' ? { kind, bins, label } : undefined;
    case 'text':
      return (field === 'prefix' || field === 'suffix') && typeof text === 'string'
        ? { kind, field, value: text }
        : undefined;
    case 'accept':
      return { kind };
    default:
      return undefined;
  }
}

function isBins(value: unknown): value is LocBins {
  return Array.isArray(value) && value.length === 4 && value.every(isBin) && hasArea(value as unknown as LocBins);
}

function isBin(bin: unknown): boolean {
  return typeof bin === 'number' && Number.isInteger(bin) && bin >= 0 && bin < LOC_BINS;
}
