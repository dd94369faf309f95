/** Reads what a results page sent: anything may arrive, and what is not a message of ours is dropped. Free of the editor. */
import { isCount, isListOf, isRecord } from '../../../../paligemma/src/checks';
import type { FromResults } from '../../contract/results';

/** Undefined for anything but a message of the results view. */
export function readFromResults(value: unknown): FromResults | undefined {
  if (!isRecord(value) || typeof value['type'] !== 'string' || !Object.hasOwn(readers, value['type'])) return undefined;
  return readers[value['type'] as FromResults['type']](value);
}

const isIndices = isListOf(isCount);

/** One for each message, so that a new one without its reader does not compile. */
const readers: {
  readonly [Type in FromResults['type']]: (value: Record<string, unknown>) => FromResults | undefined;
} = {
  ready: () => ({ type: 'ready' }),
  compare: () => ({ type: 'compare' }),
  choose: () => ({ type: 'choose' }),
  wanted: ({ indices }) => isIndices(indices) ? { type: 'wanted', indices } : undefined,
  retry: ({ indices }) => isIndices(indices) ? { type: 'retry', indices } : undefined,
  export: ({ shown }) => isIndices(shown) ? { type: 'export', shown } : undefined,
  saveDataSet: ({ shown }) => isIndices(shown) ? { type: 'saveDataSet', shown } : undefined,
  open: ({ index, side, shown }) =>
    isCount(index) && (side === 'one' || side === 'other') && isIndices(shown)
      ? { type: 'open', index, side, shown }
      : undefined,
};
