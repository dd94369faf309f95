/** Which regions are shown: those that are not switched off and that the filter lets through. Pure. */
import type { Region } from '../../paligemma/src/facts';

export { matchesFilter } from '../../paligemma/src/filterWords';

export interface LabelGroup {
  readonly label: string;
  readonly indices: readonly number[];
}

/** The regions by label, in the order in which labels first appear. */
export function groupsByLabel(regions: readonly Region[]): LabelGroup[] {
  const groups = new Map<string, number[]>();
  regions.forEach(({ label }, index) => {
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [index]);
    else group.push(index);
  });
  return [...groups].map(([label, indices]) => ({ label, indices }));
}

/** The next shown region from `from` in steps of 1 or −1, around the end; undefined where none is shown. */
export function stepped(shown: readonly boolean[], from: number | undefined, step: 1 | -1): number | undefined {
  const count = shown.length;
  let index = from ?? (step === 1 ? -1 : count);
  for (let tried = 0; tried < count; tried++) {
    index = (index + step + count) % count;
    if (shown[index] === true) return index;
  }
  return undefined;
}

/**
 * Hundredths of confidence between which the least one to be shown is chosen: at the lower end all regions are shown,
 * at the upper end one at least. Undefined where there is nothing to choose.
 */
export function confidenceRange(
  confidences: readonly (number | undefined)[],
): { readonly from: number; readonly to: number } | undefined {
  const hundredths = confidences.flatMap(value => value === undefined ? [] : Math.floor(value * 100));
  const [from, to] = [Math.min(...hundredths), Math.max(...hundredths)];
  return from < to ? { from, to } : undefined;
}
