/** The entries of a COCO file, looked at. Takes anything; never throws. Source: cocodataset.org, "Data format". */
import * as l10n from '@vscode/l10n';
import { isFiniteNumber, isListOf, isRecord } from '../../../paligemma/src/checks';
import { readRuns } from './runLengths';
import type { FractionBox, SetObject, Shape } from './setObject';

/** An annotation that stands for many objects at once. */
export const crowd = Symbol('crowd');

export type CocoId = number | string;

export interface CocoImage {
  readonly id: CocoId;
  readonly fileName: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Numbers as the format has them, texts as some tools write them. */
export function cocoId(value: unknown): CocoId | undefined {
  return Number.isSafeInteger(value) || (typeof value === 'string' && value !== '') ? value as CocoId : undefined;
}

/** @returns A sentence where it is none. */
export function readCocoImage(value: unknown): CocoImage | string {
  if (!isRecord(value)) return l10n.t('The picture is no object.');
  const id = cocoId(value['id']);
  const { file_name: fileName, width, height } = value;
  if (id === undefined) return l10n.t('The picture has no “id”.');
  if (typeof fileName !== 'string' || fileName === '') return l10n.t('The picture has no “file_name”.');
  if (!isSide(width) || !isSide(height)) return l10n.t('The picture has no “width” and “height” in pixels.');
  return { id, fileName, widthPx: width, heightPx: height };
}

export function readCocoCategory(value: unknown): { readonly id: CocoId; readonly name: string } | undefined {
  const id = isRecord(value) ? cocoId(value['id']) : undefined;
  const name = isRecord(value) ? value['name'] : undefined;
  return id === undefined || typeof name !== 'string' ? undefined : { id, name };
}

/**
 * @param image Its picture. @param label The name of its category.
 * @returns A sentence where it is none; {@link crowd} for one that stands for many objects.
 */
export function readCocoAnnotation(
  value: Readonly<Record<string, unknown>>,
  { widthPx, heightPx }: CocoImage,
  label: string,
  place: string,
): SetObject | typeof crowd | string {
  if (value['iscrowd'] === 1 || value['iscrowd'] === true) return crowd;
  const { bbox, segmentation } = value;
  if (!isListOf(isFiniteNumber)(bbox) || bbox.length !== 4) return l10n.t('The “bbox” is not four numbers.');
  const [x = 0, y = 0, width = 0, height = 0] = bbox;
  if (width < 0 || height < 0) return l10n.t('The “bbox” has a negative side: it is x, y, width and height.');
  const shape = readSegmentation(segmentation, widthPx, heightPx);
  if (typeof shape === 'string') return shape;
  const box: FractionBox = {
    x1: x / widthPx,
    y1: y / heightPx,
    x2: (x + width) / widthPx,
    y2: (y + height) / heightPx,
  };
  return { label, box, place, ...(shape === undefined ? {} : { shape }) };
}

/** @returns A sentence for what is neither polygons nor run lengths; undefined where there is none. */
function readSegmentation(value: unknown, widthPx: number, heightPx: number): Shape | string | undefined {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return undefined;
  if (Array.isArray(value)) {
    // One polygon without its list, as some tools write it.
    const written: readonly unknown[] = value.every(isFiniteNumber) ? [value] : value;
    const rings = written.filter(ring => !(Array.isArray(ring) && ring.length === 0));
    if (!rings.every(isRing)) {
      return l10n.t('A polygon of the “segmentation” is not x and y in turn, of three points or more.');
    }
    if (rings.length === 0) return undefined;
    return {
      kind: 'rings',
      rings: rings.map(ring => ring.map((number, index) => number / (index % 2 === 0 ? widthPx : heightPx))),
    };
  }
  const runs = readRuns(value);
  if (runs === undefined || runs.kind !== 'runs') {
    return l10n.t('The run lengths of the “segmentation” are damaged, or are not as many pixels as their “size” says.');
  }
  return runs.widthPx === widthPx && runs.heightPx === heightPx
    ? runs
    : l10n.t('The run lengths are of a picture of another size.');
}

/** Longer ones are no outlines. */
const MOST_NUMBERS = 200_000;

export function isRing(value: unknown): value is readonly number[] {
  return isListOf(isFiniteNumber)(value) && value.length >= 6 && value.length % 2 === 0 && value.length <= MOST_NUMBERS;
}

const MOST_SIDE_PX = 1_000_000;

function isSide(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= MOST_SIDE_PX;
}
