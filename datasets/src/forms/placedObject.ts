/** Annotations as the model writes them: bins, labels that its answers can hold, codes of masks. */
import * as l10n from '@vscode/l10n';
import { LOC_BINS } from '../../../paligemma/src/facts';
import { hasArea, locBinsFromBox, locText, type LocBins } from '../../../paligemma/src/locTokens';
import type { FractionBox, Refusal, Remark, SetObject, Shape } from './setObject';

/** By how much a box may leave its picture: rounding and tools that count from 1. */
const MOST_OUTSIDE_PX = 2;
/** Of a picture whose size is not known. */
const USUAL_SIDE_PX = 800;
/** What ends a label in an answer, or controls something. */
const inexpressible = /[;<>\p{Cc}]/u;

export interface PlacedObject {
  readonly label: string;
  readonly bins: LocBins;
  /** Inside the picture. */
  readonly box: FractionBox;
  readonly shape?: Shape;
}

export interface Placed {
  readonly objects: readonly PlacedObject[];
  readonly refusals: readonly Refusal[];
  readonly remarks: readonly Remark[];
}

export interface PixelSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** @param size Of the picture, where it is known. @param place Of the picture, for objects that have none of their own. */
export function placeObjects(objects: readonly SetObject[], size: PixelSize | undefined, place: string): Placed {
  const [placed, refusals, remarks]: [PlacedObject[], Refusal[], Remark[]] = [[], [], []];
  for (const object of objects) {
    const found = placeObject(object, size);
    if (typeof found === 'string') {
      refusals.push({ place: object.place === '' ? place : object.place, message: found });
      continue;
    }
    placed.push(found.object);
    remarks.push(...found.remarks);
  }
  return { objects: placed, refusals, remarks };
}

/** @returns A sentence where it cannot be said. */
function placeObject(
  { label: written, box, shape }: SetObject,
  size: PixelSize | undefined,
): string | { readonly object: PlacedObject; readonly remarks: readonly Remark[] } {
  const label = written.trim();
  if (label === '') return l10n.t('The object has no label.');
  if (inexpressible.test(label)) {
    return l10n.t('The label “{0}” cannot stand in an answer: ; < and > end it there. Rename the class.', label);
  }
  const inside = insideBox(box, size);
  if (typeof inside === 'string') return inside;
  const bins = locBinsFromBox(inside.box, 1, 1);
  const wide = widened(bins);
  return {
    object: { label, bins: wide, box: inside.box, ...(shape === undefined ? {} : { shape }) },
    remarks: [...(inside.isClipped ? ['clipped' as const] : []), ...(wide === bins ? [] : ['widened' as const])],
  };
}

/** @returns A sentence for a box that is none, or lies outside. */
export function insideBox(
  box: FractionBox,
  size: PixelSize | undefined,
): string | { readonly box: FractionBox; readonly isClipped: boolean } {
  const sides = [box.x1, box.y1, box.x2, box.y2];
  if (!sides.every(Number.isFinite)) return l10n.t('The box has a side that is no number.');
  if (box.x2 < box.x1 || box.y2 < box.y1) return l10n.t('The box has its sides in the wrong order.');
  if (box.x2 === box.x1 && box.y2 === box.y1) return l10n.t('The box has no area.');
  const outside = Math.max(
    ...[-box.x1, box.x2 - 1].map(part => part * (size?.widthPx ?? USUAL_SIDE_PX)),
    ...[-box.y1, box.y2 - 1].map(part => part * (size?.heightPx ?? USUAL_SIDE_PX)),
  );
  if (outside > MOST_OUTSIDE_PX + 1e-6) {
    return l10n.t(
      'The box leaves the picture by {0} pixels. Correct it, or the size of the picture.',
      Math.ceil(outside),
    );
  }
  const clip = (value: number) => Math.min(Math.max(value, 0), 1);
  const inside = { x1: clip(box.x1), y1: clip(box.y1), x2: clip(box.x2), y2: clip(box.y2) };
  // Sums of floats miss the edge by a hair.
  return { box: inside, isClipped: outside > 1e-6 };
}

/** By one bin, to the side where there is one, where rounding left no area. */
function widened(bins: LocBins): LocBins {
  if (hasArea(bins)) return bins;
  const [y1, x1, y2, x2] = bins;
  const [top, bottom] = wide(y1, y2);
  const [left, right] = wide(x1, x2);
  return [top, left, bottom, right];
}

function wide(from: number, to: number): readonly [number, number] {
  if (to > from) return [from, to];
  return from < LOC_BINS - 1 ? [from, from + 1] : [from - 1, from];
}

/** `detect a ; b`, with all classes that an answer can hold. */
export function objectsPrefix(task: 'detect' | 'segment', classes: readonly string[]): string {
  const said = classes.map(name => name.trim()).filter(name => name !== '' && !inexpressible.test(name));
  return `${task} ${[...new Set(said)].join(' ; ')}`;
}

/** @param codes 16 for each object that is to have a mask. */
export function objectsSuffix(objects: readonly PlacedObject[], codes?: readonly (readonly number[])[]): string {
  return objects.map(({ bins, label }, index) =>
    `${locText(bins)}${(codes?.[index] ?? []).map(segText).join('')} ${label}`
  ).join(' ; ');
}

function segText(code: number): string {
  return `<seg${String(code).padStart(3, '0')}>`;
}
