/** Colours by label: the same label has the same colour everywhere. */
import type { Region } from '../../model-host/src/contract/paligemma';

/** Number of `.color-…` classes in viewer.css. */
const COLORS = 6;

/**
 * One class list for each region. Beyond six labels the colours repeat with a dashed line, and every region also carries
 * its number and name, so that nothing depends on telling colours apart.
 */
export function regionClasses(regions: readonly Region[]): string[] {
  const labels = [...new Set(regions.map(({ label }) => label))];
  return regions.map(({ label }) => {
    const index = labels.indexOf(label);
    return `color-${index % COLORS}${Math.floor(index / COLORS) % 2 === 1 ? ' dashed' : ''}`;
  });
}
