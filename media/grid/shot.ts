/** A small picture with the boxes and masks of an answer over it. */
import type { TileMask } from '../../client/src/contract/results';
import { labelStyles } from '../../paligemma/src/labelStyles';
import type { ResultRow } from '../../paligemma/src/results/resultRow';
import { element, svgElement } from '../dom/dom';
import { maskOutlines } from '../viewer/maskOutlines';
import { styleClasses } from '../viewer/overlay';

/** What of an answer is drawn. */
export type ShotRow = Pick<ResultRow, 'widthPx' | 'heightPx' | 'regions'>;

/** What is known of the picture by now. */
export interface ShotPicture {
  readonly src?: string;
  readonly problem?: string;
  readonly masks: readonly TileMask[];
}

/** @param lone Indices of the regions that the answer beside it lacks; undefined where nothing is compared. */
export function shot(
  row: ShotRow,
  picture: ShotPicture | undefined,
  lone: ReadonlySet<number> | undefined,
): HTMLElement {
  const parts: (HTMLElement | SVGElement)[] = [];
  if (picture?.src !== undefined) {
    const image = element('img', { alt: '', draggable: 'false' });
    image.src = picture.src;
    parts.push(image);
  }
  if (row.widthPx > 0 && row.regions.length > 0) parts.push(overlay(row, picture?.masks ?? [], lone));
  const isMissing = picture !== undefined && picture.src === undefined;
  return element('div', { class: isMissing ? 'shot missing' : 'shot', 'aria-hidden': 'true' }, parts);
}

/** The picture's own pixels are its units, and it is fitted as the picture below it is. */
function overlay(
  { widthPx, heightPx, regions }: ShotRow,
  masks: readonly TileMask[],
  lone: ReadonlySet<number> | undefined,
): SVGElement {
  const styles = labelStyles(regions.map(({ label }) => label));
  const groups = regions.map(({ label, box: { x1, y1, x2, y2 } }, index) => {
    const place = { x: x1, y: y1, width: Math.max(0, x2 - x1), height: Math.max(0, y2 - y1) };
    const mark = lone === undefined ? '' : lone.has(index) ? ' lone' : ' shared';
    return svgElement('g', { class: `box ${styleClasses(styles.get(label) ?? { hue: 0, line: 'solid' })}${mark}` }, [
      svgElement('rect', { ...place, class: 'halo' }),
      svgElement('rect', { ...place, class: 'edge' }),
    ]);
  });
  void drawMasks(regions, masks, groups);
  return svgElement('svg', { class: 'boxes', viewBox: `0 0 ${widthPx} ${heightPx}` }, groups);
}

async function drawMasks(
  regions: ResultRow['regions'],
  masks: readonly TileMask[],
  groups: readonly SVGGElement[],
): Promise<void> {
  for (const { region, png } of masks) {
    const [group, box] = [groups[region], regions[region]?.box];
    if (group === undefined || box === undefined) continue;
    const outline = await maskOutlines({ width: 0, height: 0, png }, box);
    if (outline === undefined) continue;
    group.prepend(svgElement('path', { d: outline, class: 'mask', 'fill-rule': 'evenodd' }));
    group.classList.add('masked');
  }
}

/** The labels of an answer with their numbers, each with the colour of its boxes. */
export function chips(
  row: { readonly regions: readonly { readonly label: string }[] },
  words: { readonly noLabel: string },
  lone: ReadonlySet<number> | undefined,
): HTMLElement[] {
  const styles = labelStyles(row.regions.map(({ label }) => label));
  const counts = new Map<string, { amount: number; isLone: boolean }>();
  row.regions.forEach(({ label }, index) => {
    const count = counts.get(label) ?? { amount: 0, isLone: false };
    counts.set(label, { amount: count.amount + 1, isLone: count.isLone || lone?.has(index) === true });
  });
  return [...counts].map(([label, { amount, isLone }]) => {
    const classes = styleClasses(styles.get(label) ?? { hue: 0, line: 'solid' });
    const name = `${label || words.noLabel}${amount > 1 ? ` ×${amount}` : ''}`;
    return element('span', { class: `chip ${classes}` }, [
      element('span', { class: 'swatch', 'aria-hidden': 'true' }),
      element(isLone ? 'mark' : 'span', { dir: 'auto' }, [name]),
      ' ',
    ]);
  });
}
