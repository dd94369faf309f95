import * as l10n from '@vscode/l10n';
import { boxIn, imagesIn, precisionAndRecall, type BoxPx, type ImageObjects } from './common/boxes';
import type { Fields } from './common/fields';
import type { Metric } from './common/metric';

export interface Detected {
  readonly label: string;
  readonly box: BoxPx;
  /** 1 where a model gives none, as PaliGemma: then the order of the answer decides. */
  readonly score: number;
}

export type DetectionImage = ImageObjects<Omit<Detected, 'score'>, Detected>;

/** Of all sizes of objects, over the labels that are there; −1 where nothing is. */
export interface CocoScores {
  /** Mean average precision over IoU 0.50…0.95. */
  readonly map: number;
  readonly map50: number;
  readonly map75: number;
  /** Mean recall with at most 1, 10 and 100 predictions of a label in a picture. */
  readonly ar1: number;
  readonly ar10: number;
  readonly ar100: number;
}

const MOST_PREDICTIONS = 100;
const thresholds = spaced(0.5, 0.95, 10);
const recallPoints = spaced(0, 1, 101);
/** Objects of a larger area are not judged, in square pixels. */
const LARGEST_AREA = 1e10;

/**
 * What pycocotools says of boxes. Trailing wrong boxes and duplicates behind the last right one cost nothing: show
 * {@link foundAtHalf} beside it.
 * @returns Undefined where nothing is predicted at all, which pycocotools refuses.
 * Source: pycocotools 2.0.11, `cocoeval.py`.
 */
export function cocoScores(images: readonly DetectionImage[]): CocoScores | undefined {
  if (images.every(({ predictions }) => predictions.length === 0)) return undefined;
  const judged = byLabel(images).map(judge).filter(judgement => judgement !== undefined);
  const mean = (values: readonly number[]) => values.length === 0 ? -1 : sum(values) / values.length;
  const precision = (at: (index: number) => boolean) =>
    mean(judged.flatMap(judgement => judgement.precision.filter((_, index) => at(index))));
  const recall = (most: number) => mean(judged.flatMap(judgement => judgement.recall.get(most) ?? []));
  return {
    map: precision(() => true),
    map50: precision(index => index === 0),
    map75: precision(index => index === 5),
    ar1: recall(1),
    ar10: recall(10),
    ar100: recall(100),
  };
}

/** Precision, recall and F1 at IoU 0.5, over all predictions of all labels. Nothing predicted and nothing there: 1. */
export function foundAtHalf(images: readonly DetectionImage[]): ReturnType<typeof precisionAndRecall> {
  let found = 0;
  for (const { truths, predictions } of byLabel(images).flat()) {
    found += sum(matches(sorted(predictions), truths, 0.5).map(Number));
  }
  return precisionAndRecall(
    found,
    sum(images.map(({ predictions }) => predictions.length)),
    sum(images.map(({ truths }) => truths.length)),
  );
}

interface Judgement {
  /** Of each threshold: the mean of the precisions at 101 recalls. */
  readonly precision: readonly number[];
  /** By the most predictions: of each threshold. */
  readonly recall: ReadonlyMap<number, readonly number[]>;
}

/** @param images With objects of one label only. @returns Undefined where no truth is among them. */
function judge(images: readonly DetectionImage[]): Judgement | undefined {
  const each = images.map(({ truths, predictions }) => {
    const best = sorted(predictions).slice(0, MOST_PREDICTIONS);
    return { truths, best, isRight: thresholds.map(threshold => matches(best, truths, threshold)) };
  });
  const wanted = sum(each.map(({ truths }) => truths.length));
  if (wanted === 0) return undefined;
  const hits = (most: number, threshold: number) => {
    const all = each.flatMap(({ best, isRight }) =>
      best.slice(0, most).map((prediction, index) => ({
        score: prediction.score,
        isRight: isRight[threshold]?.[index] === true,
      }))
    );
    return sorted(all).map(({ isRight }) => isRight);
  };
  return {
    precision: thresholds.map((_, index) => averagePrecision(hits(MOST_PREDICTIONS, index), wanted)),
    recall: new Map([1, 10, MOST_PREDICTIONS].map(most => [
      most,
      thresholds.map((_, index) => hits(most, index).filter(Boolean).length / wanted),
    ])),
  };
}

/** The mean over 101 recalls of the best precision at that recall or a higher one. */
function averagePrecision(hits: readonly boolean[], wanted: number): number {
  const recall: number[] = [];
  const precision: number[] = [];
  let right = 0;
  for (const [index, isRight] of hits.entries()) {
    if (isRight) right++;
    recall.push(right / wanted);
    precision.push(right / (index + 1 + Number.EPSILON));
  }
  for (let i = hits.length - 1; i > 0; i--) precision[i - 1] = Math.max(precision[i - 1]!, precision[i]!);
  let total = 0;
  let at = 0;
  for (const point of recallPoints) {
    while (at < recall.length && recall[at]! < point) at++;
    total += precision[at] ?? 0;
  }
  return total / recallPoints.length;
}

/**
 * Which predictions are right: each takes the truth that it covers best among those that are left, if it covers it
 * enough; of equal ones the last.
 */
function matches(
  predictions: readonly Detected[],
  truths: readonly Omit<Detected, 'score'>[],
  threshold: number,
): readonly boolean[] {
  const isTaken = new Array<boolean>(truths.length).fill(false);
  return predictions.map(({ box }) => {
    let best = Math.min(threshold, 1 - 1e-10);
    let taken = -1;
    for (const [index, truth] of truths.entries()) {
      const overlap = isTaken[index] === true ? -1 : iou(box, truth.box);
      if (overlap < best) continue;
      best = overlap;
      taken = index;
    }
    if (taken >= 0) isTaken[taken] = true;
    return taken >= 0;
  });
}

/** From sides, as pycocotools keeps them: the last bit of the value depends on it. */
function iou(a: BoxPx, b: BoxPx): number {
  const [aw, ah, bw, bh] = [a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1]];
  const width = Math.min(aw + a[0], bw + b[0]) - Math.max(a[0], b[0]);
  const height = Math.min(ah + a[1], bh + b[1]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (aw * ah + bw * bh - width * height);
}

/** Of each label the pictures that have objects of it, and only those. */
function byLabel(images: readonly DetectionImage[]): readonly (readonly DetectionImage[])[] {
  interface Part {
    readonly truths: Omit<Detected, 'score'>[];
    readonly predictions: Detected[];
  }
  const labels = new Map<string, Part[]>();
  for (const image of images) {
    const own = new Map<string, Part>();
    const partOf = (label: string) => {
      const part = own.get(label) ?? { truths: [], predictions: [] };
      own.set(label, part);
      return part;
    };
    for (const truth of image.truths) if (areaOf(truth.box) <= LARGEST_AREA) partOf(truth.label).truths.push(truth);
    for (const prediction of image.predictions) partOf(prediction.label).predictions.push(prediction);
    for (const [label, part] of own) {
      const parts = labels.get(label) ?? [];
      parts.push(part);
      labels.set(label, parts);
    }
  }
  return [...labels.values()];
}

function areaOf([x1, y1, x2, y2]: BoxPx): number {
  return (x2 - x1) * (y2 - y1);
}

/** Of equal scores, the earlier one first. */
function sorted<T extends { readonly score: number }>(items: readonly T[]): readonly T[] {
  return items.toSorted((a, b) => b.score - a.score);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** `numpy.linspace`: the last bits matter where a value stands on a threshold. */
function spaced(first: number, last: number, count: number): readonly number[] {
  const step = (last - first) / (count - 1);
  return Array.from({ length: count }, (_, index) => index === count - 1 ? last : index * step + first);
}

export const cocoMap: Metric = {
  name: 'coco_map',
  about: () =>
    l10n.t('COCO’s average precision and recall of boxes, with precision, recall and F1 at IoU 0.5 beside it'),
  fields: 'images: [{gt: [{label, box}…], pred: [{label, box, score}…]}…], box: [x1, y1, x2, y2]',
  score: fields => {
    const images = imagesIn(fields, truthIn, predictionIn);
    const scores = cocoScores(images);
    return { expected: scores === undefined ? null : { ...scores }, beside: { ...foundAtHalf(images) } };
  },
};

function truthIn(fields: Fields): Omit<Detected, 'score'> {
  return { label: fields.text('label'), box: boxIn(fields) };
}

function predictionIn(fields: Fields): Detected {
  return { ...truthIn(fields), score: fields.has('score') ? fields.number('score') : 1 };
}
