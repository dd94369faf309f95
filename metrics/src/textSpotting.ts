import * as l10n from '@vscode/l10n';
import { boxIn, imagesIn, type BoxPx, type ImageObjects } from './common/boxes';
import type { Metric } from './common/metric';

export interface SpottedWord {
  readonly text: string;
  readonly box: BoxPx;
}

export interface TrueWord extends SpottedWord {
  /** Illegible: whoever reads something there is neither right nor wrong. */
  readonly isIgnored: boolean;
}

export type SpottingImage = ImageObjects<TrueWord, SpottedWord>;

/** Over all pictures. Nothing predicted is precision 1, nothing there is recall 1. */
export interface SpottingScores {
  /** Of words that are found and read to the letter. */
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Of words that are found, whatever was read. */
  readonly det_precision: number;
  readonly det_recall: number;
  readonly det_f1: number;
  /** Mean IoU of the words found. */
  readonly det_tightness: number;
}

const LEAST_IOU = 0.5;
const MOST_IGNORED = 0.5;
/** Added to areas: a word that is covered by exactly half is not found. */
const EPSILON = 1e-5;

/** The same of many pictures at once. */
export function spottingScores(images: readonly SpottingImage[]): SpottingScores {
  const found = new SpottedWords();
  for (const image of images) found.add(image);
  return found.scores();
}

/**
 * Words and boxes by the protocol of HierText: a word is found where both boxes are each other's best, and read where
 * the text is the same, letter case and all. A don't-care region takes right predictions inside it away too.
 * Source: google-research-datasets/hiertext 70b6620, `evaluator/`, with polygons.
 */
export class SpottedWords {
  private readonly total = { found: 0, read: 0, tightness: 0, predicted: 0, wanted: 0 };

  add(image: SpottingImage): void {
    const { total } = this;
    const ignored = image.truths.filter(({ isIgnored }) => isIgnored);
    const truths = image.truths.filter(({ isIgnored }) => !isIgnored);
    const predictions = image.predictions.filter(({ box }) => !isWithin(box, ignored));
    total.predicted += predictions.length;
    total.wanted += truths.length;
    for (const { truth, prediction, overlap } of matched(truths, predictions)) {
      total.found++;
      total.tightness += overlap;
      if (truth.text === prediction.text) total.read++;
    }
  }

  scores(): SpottingScores {
    const { total } = this;
    const rates = (right: number) => {
      const precision = total.predicted === 0 ? 1 : right / total.predicted;
      const recall = total.wanted === 0 ? 1 : right / total.wanted;
      return { precision, recall, f1: precision + recall === 0 ? 0 : 2 * recall * precision / (recall + precision) };
    };
    const found = rates(total.found);
    return {
      ...rates(total.read),
      det_precision: found.precision,
      det_recall: found.recall,
      det_f1: found.f1,
      det_tightness: total.found === 0 ? 1 : total.tightness / total.found,
    };
  }
}

function isWithin(box: BoxPx, regions: readonly TrueWord[]): boolean {
  return regions.some(region => sharedArea(box, region.box) / (areaOf(box) + EPSILON) >= MOST_IGNORED);
}

interface Match {
  readonly truth: TrueWord;
  readonly prediction: SpottedWord;
  readonly overlap: number;
}

function matched(truths: readonly TrueWord[], predictions: readonly SpottedWord[]): readonly Match[] {
  // Of equally good ones the first.
  const bestTruth = predictions.map(() => ({ index: 0, overlap: -1 }));
  const bestPrediction = truths.map((truth, t) => {
    let best = { index: 0, overlap: -1 };
    for (const [p, prediction] of predictions.entries()) {
      const overlap = iou(truth.box, prediction.box);
      if (overlap > best.overlap) best = { index: p, overlap };
      if (overlap > bestTruth[p]!.overlap) bestTruth[p] = { index: t, overlap };
    }
    return best;
  });
  return bestPrediction.flatMap(({ index, overlap }, t) => {
    const [truth, prediction] = [truths[t], predictions[index]];
    if (truth === undefined || prediction === undefined) return [];
    return overlap >= LEAST_IOU && bestTruth[index]?.index === t ? [{ truth, prediction, overlap }] : [];
  });
}

function iou(a: BoxPx, b: BoxPx): number {
  const shared = sharedArea(a, b);
  return shared / (areaOf(a) + areaOf(b) - shared + EPSILON);
}

/** Boxes without an area share none. */
function sharedArea(a: BoxPx, b: BoxPx): number {
  if (areaOf(a) < EPSILON || areaOf(b) < EPSILON) return 0;
  const length = (from: 0 | 1, to: 2 | 3) =>
    Math.min(Math.max(a[from], a[to]), Math.max(b[from], b[to]))
    - Math.max(Math.min(a[from], a[to]), Math.min(b[from], b[to]));
  return Math.max(0, length(0, 2)) * Math.max(0, length(1, 3));
}

/** Whichever corners are given. */
function areaOf([x1, y1, x2, y2]: BoxPx): number {
  return Math.abs((x2 - x1) * (y2 - y1));
}

export const textSpotting: Metric = {
  name: 'text_spotting',
  about: () =>
    l10n.t('words with boxes by the protocol of HierText: precision, recall and F1 of what is found and read'),
  fields: 'images: [{gt: [{text, box, ignore}…], pred: [{text, box}…]}…], box: [x1, y1, x2, y2]',
  score: fields => ({
    expected: {
      ...spottingScores(
        imagesIn(
          fields,
          truth => ({ text: truth.text('text'), box: boxIn(truth), isIgnored: truth.flag('ignore') }),
          prediction => ({ text: prediction.text('text'), box: boxIn(prediction) }),
        ),
      ),
    },
  }),
};
