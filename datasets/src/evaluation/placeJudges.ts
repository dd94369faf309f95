/** Metrics of places in the picture. Nothing here depends on the order of objects in a text, but for ties in COCO's. */
import { cocoScores, foundAtHalf, type Detected, type DetectionImage } from '../../../metrics/src/cocoMap';
import type { BoxPx } from '../../../metrics/src/common/boxes';
import type { ReferredScores } from '../../../metrics/src/refcoco';
import { SpottedWords, type SpottingImage } from '../../../metrics/src/textSpotting';
import type { GreyPicture } from '../../../paligemma/src/answers/greyPng';
import { boxFromLocBins, binsOverlap } from '../../../paligemma/src/locTokens';
import { parseSuffix, type SuffixBox } from '../../../paligemma/src/suffix';
import type { AnsweredQuestion, LineScore } from './lineScore';
import { ledBy } from './textJudges';

/** A bin is a fraction of the side in 1023rds: so the papers' programs read it. */
const DIVISOR = 1023;

/** Precision, recall and F1 at IoU 0.5; what COCO makes of the whole set is a figure of its own. */
export function judgeBoxes(answered: AnsweredQuestion): LineScore {
  const image: DetectionImage = {
    truths: objectsIn(answered, answered.references[0] ?? '', false),
    predictions: objectsIn(answered, answered.suffix, answered.isTruncated).map(found => ({ ...found, score: 1 })),
  };
  return { ...ledBy({ ...foundAtHalf([image]) }, 'f1'), evidence: { kind: 'boxes', image } };
}

/** Words that are found and read to the letter, and those that are found. */
export function judgeWords(answered: AnsweredQuestion): LineScore {
  const words = (suffix: string, isTruncated: boolean) =>
    objectsIn(answered, suffix, isTruncated).map(({ label, box }) => ({ text: label, box }));
  const image: SpottingImage = {
    truths: words(answered.references[0] ?? '', false).map(word => ({ ...word, isIgnored: false })),
    predictions: words(answered.suffix, answered.isTruncated),
  };
  const spotted = new SpottedWords();
  spotted.add(image);
  return { ...ledBy(spottingFigures(spotted), 'word_f1'), evidence: { kind: 'words', image } };
}

export function spottingFigures(spotted: SpottedWords): Readonly<Record<string, number>> {
  const { precision, recall, f1, ...found } = spotted.scores();
  return { word_precision: precision, word_recall: recall, word_f1: f1, ...found };
}

/** Without COCO's figures where there is nothing to find: they have no value there. */
export function boxFigures(images: readonly DetectionImage[]): Readonly<Record<string, number>> {
  const found = foundAtHalf(images);
  if (images.every(({ truths }) => truths.length === 0)) return { ...found };
  // COCO's program refuses a set in which nothing is predicted at all.
  const { map = 0, map50 = 0, map75 = 0 } = cocoScores(images) ?? {};
  return { map, map50, map75, ...found };
}

function objectsIn(
  { widthPx, heightPx }: AnsweredQuestion,
  suffix: string,
  isTruncated: boolean,
): readonly Omit<Detected, 'score'>[] {
  return parseSuffix(suffix, isTruncated).boxes.map(({ label, bins }) => {
    const { x1, y1, x2, y2 } = boxFromLocBins(bins, widthPx, heightPx, DIVISOR);
    const box: BoxPx = [x1, y1, x2, y2];
    return { label, box };
  });
}

/**
 * The object that an expression means: IoU of its box, and of its mask where both can be decoded. The truth is the
 * mask that the line's own codes make: a mask drawn by people is a little different.
 */
export function judgeReferred(answered: AnsweredQuestion): LineScore {
  const { references: [reference = ''], suffix, isTruncated, masks } = answered;
  const [wanted] = parseSuffix(reference).boxes;
  const [found] = parseSuffix(suffix, isTruncated).boxes;
  if (wanted === undefined) {
    const right = Number(found === undefined);
    return ledBy({ nothing_found: right }, 'nothing_found');
  }
  const boxIou = found === undefined ? 0 : binsOverlap(found.bins, wanted.bins);
  const mask = masks === undefined ? undefined : maskOverlap(masks.found, masks.wanted);
  const maskIou = mask === undefined || mask.union === 0 ? 0 : mask.intersection / mask.union;
  const scores: ReferredScores = {
    box_iou: boxIou,
    mask_iou: maskIou,
    ...(mask ?? { intersection: 0, union: 0 }),
    invalid: found === undefined || (mask !== undefined && masks?.found === undefined),
  };
  const evidence: LineScore['evidence'] = { kind: 'referred', scores, hasMask: mask !== undefined };
  return mask === undefined
    ? { ...ledBy({ box_iou: boxIou }, 'box_iou'), evidence }
    : { ...ledBy({ box_iou: boxIou, mask_iou: maskIou }, 'mask_iou'), evidence };
}

/** The first region that an answer gives, which is the one that is judged. */
export function referredBox(suffix: string, isTruncated = false): SuffixBox | undefined {
  return parseSuffix(suffix, isTruncated).boxes[0];
}

/** In pixels; masks of another size than the truth's share nothing with it. */
function maskOverlap(
  found: GreyPicture | undefined,
  wanted: GreyPicture,
): { readonly intersection: number; readonly union: number } {
  let [intersection, union] = [0, 0];
  const other = found?.width === wanted.width && found.height === wanted.height ? found.data : undefined;
  for (const [index, level] of wanted.data.entries()) {
    const [isFound, isWanted] = [(other?.[index] ?? 0) > 127, level > 127];
    if (isFound && isWanted) intersection++;
    if (isFound || isWanted) union++;
  }
  return { intersection, union };
}
