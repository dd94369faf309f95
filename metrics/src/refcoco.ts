import * as l10n from '@vscode/l10n';
import { bilinearRows } from '../../paligemma/src/bilinearRows';
import { LOC_BINS } from '../../paligemma/src/facts';
import { CaseFault } from './common/caseFault';
import type { Metric, MetricValues, Scored } from './common/metric';
import type { Fields } from './common/fields';

/** Side of a decoded mask. */
const MASK_SIDE = 64;
/** Of a picture: more than those that are referred to have. */
const MOST_PIXELS = 1 << 26;

/** The object that an expression means: its mask at the picture's full size, and its box. */
export interface ReferredTruth {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly areaPx: number;
  /** Fractions of the sides: y1, x1, y2, x2. */
  readonly box: Box;
  /** How many pixels of row `y` from `x` on lie in the mask and have a value above 0 in `row`. */
  shared(y: number, x: number, row: Float32Array): number;
}

type Box = readonly [y1: number, x1: number, y2: number, x2: number];

export interface ReferredScores {
  /** Of the boxes, as fractions of the sides. */
  readonly box_iou: number;
  /** Of the masks, in pixels of the picture. */
  readonly mask_iou: number;
  readonly intersection: number;
  readonly union: number;
  /** Bins that make no box, or a box without a whole pixel. */
  readonly invalid: boolean;
}

/**
 * How well an answer's box and mask fit.
 * @param bins Four, 0…1023: y1, x1, y2, x2.
 * @param mask `[64, 64] float32` of the mask decoder; above 0 is inside, once it has the size of the box.
 * Source: big_vision 0127fb6, `evaluators/proj/paligemma/transfers/segmentation.py`; Pillow 13 for the resize.
 */
export function referredScores(truth: ReferredTruth, bins: Box, mask: Float32Array): ReferredScores {
  const isBox = bins.every(bin => Number.isInteger(bin) && bin >= 0 && bin < LOC_BINS) && bins[2] > bins[0]
    && bins[3] > bins[1];
  if (!isBox) return missed(truth, 0);
  const [y1, x1, y2, x2] = bins.map(bin => bin / (LOC_BINS - 1)) as unknown as Box;
  const boxIou = iou([y1, x1, y2, x2], truth.box);
  // Cut off, not rounded.
  const [top, left] = [Math.trunc(y1 * truth.heightPx), Math.trunc(x1 * truth.widthPx)];
  const [height, width] = [Math.trunc(y2 * truth.heightPx) - top, Math.trunc(x2 * truth.widthPx) - left];
  if (height <= 0 || width <= 0) return missed(truth, boxIou);
  let intersection = 0;
  let area = 0;
  let y = top;
  for (const row of bilinearRows({ data: mask, widthPx: MASK_SIDE, heightPx: MASK_SIDE }, width, height)) {
    intersection += truth.shared(y++, left, row);
    for (const value of row) if (value > 0) area++;
  }
  const union = truth.areaPx + area - intersection;
  return { box_iou: boxIou, mask_iou: union === 0 ? 0 : intersection / union, intersection, union, invalid: false };
}

function missed({ areaPx }: ReferredTruth, boxIou: number): ReferredScores {
  return { box_iou: boxIou, mask_iou: 0, intersection: 0, union: areaPx, invalid: true };
}

function iou(a: Box, b: Box): number {
  const area = ([y1, x1, y2, x2]: Box) => Math.max(x2 - x1, 0) * Math.max(y2 - y1, 0);
  const shared = area([Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]);
  return shared / (area(a) + area(b) - shared);
}

/** The four figures in use, of all expressions, 0…1; the papers' is `miou`. */
export interface ReferredSummary {
  readonly miou: number;
  /** Sum of intersections over sum of unions, which large objects decide. */
  readonly overall_iou: number;
  /** Shares whose box, or mask, has an IoU of at least 0.5 or 0.75. */
  readonly acc50: number;
  readonly acc75: number;
  readonly mask_acc50: number;
  /** How many. */
  readonly invalid: number;
}

export function referredSummary(all: readonly ReferredScores[]): ReferredSummary {
  const sum = (value: (scores: ReferredScores) => number) => all.reduce((total, scores) => total + value(scores), 0);
  const share = (value: (scores: ReferredScores) => number, least: number) =>
    sum(scores => Number(value(scores) >= least)) / Math.max(1, all.length);
  const union = sum(scores => scores.union);
  return {
    miou: sum(scores => scores.mask_iou) / Math.max(1, all.length),
    overall_iou: union === 0 ? 0 : sum(scores => scores.intersection) / union,
    acc50: share(scores => scores.box_iou, 0.5),
    acc75: share(scores => scores.box_iou, 0.75),
    mask_acc50: share(scores => scores.mask_iou, 0.5),
    invalid: sum(scores => Number(scores.invalid)),
  };
}

/** A truth whose mask fills its box. */
function rectangle(widthPx: number, heightPx: number, [y1, x1, y2, x2]: Box): ReferredTruth {
  return {
    widthPx,
    heightPx,
    areaPx: Math.max(0, y2 - y1) * Math.max(0, x2 - x1),
    box: [y1 / heightPx, x1 / widthPx, y2 / heightPx, x2 / widthPx],
    shared: (y, x, row) => {
      let count = 0;
      if (y < y1 || y >= y2) return count;
      for (let i = Math.max(0, x1 - x); i < Math.min(row.length, x2 - x); i++) if (row[i]! > 0) count++;
      return count;
    },
  };
}

/** −1 everywhere, then rectangles from top left to bottom right, one over the other. */
function paintedMask(rectangles: readonly (readonly number[])[]): Float32Array {
  const mask = new Float32Array(MASK_SIDE * MASK_SIDE).fill(-1);
  const inside = (bound: number) => Math.min(MASK_SIDE, Math.max(0, Math.trunc(bound)));
  for (const [row1 = 0, column1 = 0, row2 = 0, column2 = 0, value = 0] of rectangles) {
    for (let row = inside(row1); row < inside(row2); row++) {
      mask.fill(value, row * MASK_SIDE + inside(column1), row * MASK_SIDE + Math.max(inside(column1), inside(column2)));
    }
  }
  return mask;
}

export const refcoco: Metric = {
  name: 'refcoco',
  about: () => l10n.t('masks of referred objects: IoU of mask and box, and of a set mIoU, overall IoU and accuracies'),
  fields: 'height, width, gt_rectangle_y1x1y2x2, loc: [BIN × 4], mask64: [[row1, column1, row2, column2, value]…]',
  score: fields => {
    const [widthPx, heightPx] = [fields.whole('width', 1, MOST_PIXELS), fields.whole('height', 1, MOST_PIXELS)];
    if (widthPx * heightPx > MOST_PIXELS) {
      throw new CaseFault(
        l10n.t(
          'A picture of {0} × {1} pixels is too large. At most {2} pixels are compared.',
          widthPx,
          heightPx,
          MOST_PIXELS,
        ),
      );
    }
    const truth = rectangle(widthPx, heightPx, insideOf(four(fields, 'gt_rectangle_y1x1y2x2'), widthPx, heightPx));
    return { expected: { ...referredScores(truth, four(fields, 'loc'), paintedMask(fields.rows('mask64', 5))) } };
  },
  summary: scores => ({ ...referredSummary(scores.map(scoresIn)) }),
};

function four(fields: Fields, name: string): Box {
  return fields.numbers(name, 4) as unknown as Box;
}

function insideOf([y1, x1, y2, x2]: Box, widthPx: number, heightPx: number): Box {
  const clip = (bound: number, side: number) => Math.min(side, Math.max(0, Math.trunc(bound)));
  return [clip(y1, heightPx), clip(x1, widthPx), clip(y2, heightPx), clip(x2, widthPx)];
}

function scoresIn({ expected }: Scored): ReferredScores {
  return expected as MetricValues as unknown as ReferredScores;
}
