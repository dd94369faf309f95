/** Reads what a page of a data set sent: what is not a message of ours is dropped. Free of the editor. */
import {
  isAbsentOr,
  isBoolean,
  isCount,
  isListOf,
  isOneOf,
  isRecord,
  isShape,
  isString,
} from '../../../paligemma/src/checks';
import { given } from '../../../paligemma/src/given';
import { readLineChange } from '../../../datasets/src/edits/readLineChange';
import { setOrders, setStates, type SetFilter, type SetSort } from '../../../datasets/src/edits/shownSetRows';
import type { FromDataSet } from '../contract/dataSet';

/** Undefined for anything but a message of the page. */
export function readFromDataSet(value: unknown): FromDataSet | undefined {
  if (!isRecord(value) || typeof value['type'] !== 'string' || !Object.hasOwn(readers, value['type'])) return undefined;
  return readers[value['type'] as FromDataSet['type']](value);
}

const isFilter = isShape<{ [K in keyof SetFilter]: SetFilter[K] }>({
  text: isString,
  state: isOneOf(setStates),
  label: isAbsentOr(isString),
  folder: isAbsentOr(isString),
  code: isAbsentOr(isString),
});
const isSort = isShape<SetSort>({ by: isOneOf(setOrders), isDescending: isBoolean });
const isView = isShape({ filter: isFilter, sort: isSort, active: isAbsentOr(isCount) });
const isRange = isShape({ version: isCount, from: isCount, count: isCount });
const isWanted = isShape({ ids: isListOf(isCount) });
const isOfLine = isShape({ id: isCount });
const isStep = isShape({ id: isCount, to: isOneOf(['next', 'previous', 'draft'] as const) });
const isLarge = isShape({ id: isCount, image: isCount });
const isMasks = isShape({ id: isCount, widthPx: isCount, heightPx: isCount });
const isChange = isShape({ id: isCount, revision: isCount, change: isCount });

/** One for each message, so that a new one without its reader does not compile. */
const readers: {
  readonly [Type in FromDataSet['type']]: (value: Record<string, unknown>) => FromDataSet | undefined;
} = {
  ready: () => ({ type: 'ready' }),
  close: () => ({ type: 'close' }),
  view: sent => {
    if (!isView(sent)) return undefined;
    const { filter: { text, state, label, folder, code }, sort: { by, isDescending }, active } = sent;
    return {
      type: 'view',
      filter: { text, state, ...given({ label, folder, code }) },
      sort: { by, isDescending },
      ...given({ active }),
    };
  },
  rows: sent => isRange(sent) ? { type: 'rows', version: sent.version, from: sent.from, count: sent.count } : undefined,
  wanted: sent => isWanted(sent) ? { type: 'wanted', ids: sent.ids } : undefined,
  open: sent => isOfLine(sent) ? { type: 'open', id: sent.id } : undefined,
  showText: sent => isOfLine(sent) ? { type: 'showText', id: sent.id } : undefined,
  step: sent => isStep(sent) ? { type: 'step', id: sent.id, to: sent.to } : undefined,
  large: sent => isLarge(sent) ? { type: 'large', id: sent.id, image: sent.image } : undefined,
  masks: sent =>
    isMasks(sent) ? { type: 'masks', id: sent.id, widthPx: sent.widthPx, heightPx: sent.heightPx } : undefined,
  reject: sent =>
    isChange(sent) ? { type: 'reject', id: sent.id, revision: sent.revision, change: sent.change } : undefined,
  change: sent => {
    const what = readLineChange(sent['what']);
    return isChange(sent) && what !== undefined
      ? { type: 'change', id: sent.id, revision: sent.revision, change: sent.change, what }
      : undefined;
  },
};
