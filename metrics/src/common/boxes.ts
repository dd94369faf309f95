/** Boxes of labelled objects, as cases and answers give them. */
import * as l10n from '@vscode/l10n';
import { CaseFault } from './caseFault';
import type { Fields } from './fields';

/** Pixels: left, top, right, bottom. */
export type BoxPx = readonly [x1: number, y1: number, x2: number, y2: number];

export function boxIn(fields: Fields): BoxPx {
  return fields.numbers('box', 4) as unknown as BoxPx;
}

/** What of an image is predicted, and what is there. */
export interface ImageObjects<Truth, Prediction> {
  readonly truths: readonly Truth[];
  readonly predictions: readonly Prediction[];
}

/** Each is compared with each. */
const MOST_OBJECTS = 10_000;

/** @throws CaseFault */
export function imagesIn<Truth, Prediction>(
  fields: Fields,
  truth: (fields: Fields) => Truth,
  prediction: (fields: Fields) => Prediction,
): readonly ImageObjects<Truth, Prediction>[] {
  return fields.list('images').map(image => ({
    truths: objectsIn(image, 'gt').map(truth),
    predictions: objectsIn(image, 'pred').map(prediction),
  }));
}

function objectsIn(image: Fields, name: string): readonly Fields[] {
  const objects = image.list(name);
  if (objects.length <= MOST_OBJECTS) return objects;
  throw new CaseFault(
    l10n.t('An image of it has {0} objects. Up to {1} are compared.', objects.length, MOST_OBJECTS),
  );
}

/** Of `found` right things out of `predicted`, where `wanted` were there. Nothing of both is all right. */
export function precisionAndRecall(
  found: number,
  predicted: number,
  wanted: number,
): { readonly precision: number; readonly recall: number; readonly f1: number } {
  if (predicted === 0 && wanted === 0) return { precision: 1, recall: 1, f1: 1 };
  const precision = predicted === 0 ? 0 : found / predicted;
  const recall = wanted === 0 ? 0 : found / wanted;
  return { precision, recall, f1: precision + recall === 0 ? 0 : 2 * precision * recall / (precision + recall) };
}
