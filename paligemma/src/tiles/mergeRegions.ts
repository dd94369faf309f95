/** The objects that were found in the parts of a picture, and in the picture as a whole, each of them once. */
import { areaOf, commonBox, overlap } from '../boxes';
import type { Box } from '../facts';
import { groupedBy } from './groups';
import { joinPieces } from './joinText';
import type { TileKind } from './kind';

/** An object as one part has it. */
export interface SeenRegion {
  readonly label: string;
  /** Pixels of the whole picture. */
  readonly box: Box;
  /** The part that it was seen in; the whole picture for what was seen there. */
  readonly tile: Box;
}

/** An object, and the pieces of it that were seen: several where it lies across a seam. */
export interface MergedRegion<Seen extends SeenRegion> {
  readonly label: string;
  readonly box: Box;
  readonly pieces: readonly Seen[];
}

/** Boxes of one object have more than this in common, as part of both or of the smaller one. */
const SAME = 0.5;
/** A smaller piece may be a thing of its own that lies in front of the object. */
const LARGE_PIECE = 0.25;
/** A box ends at a seam that it comes this close to, as a part of its tile: bins and the model's eye are not finer. */
const AT_SEAM = 0.02;

/** Everything that {@link mergeRegions} is told. */
export interface SeenRegions<Seen extends SeenRegion> {
  /** Of the parts, in the order in which they are told. */
  readonly inParts: readonly Seen[];
  /** Of the whole picture, where that was looked at too. */
  readonly inWhole: readonly Seen[];
  /** All parts, those included in which nothing was seen. */
  readonly tiles: readonly Box[];
  /** Labels of `text` are what is written there, and may differ at a seam. */
  readonly kind: TileKind;
}

/**
 * Pieces of one label that touch a seam and agree about what both parts see become one box around them; of other boxes
 * that lie on each other, the one that is not cut off, else the larger, stays. A piece at a seam is left out where the
 * neighbour sees it whole and calls it something else. What was seen in the picture as a whole is kept where no part has
 * it: objects that are larger than a part.
 */
export function mergeRegions<Seen extends SeenRegion>(
  { inParts, inWhole, tiles, kind }: SeenRegions<Seen>,
): readonly MergedRegion<Seen>[] {
  const groups = groupsOf(inParts, kind).map(pieces => merged(pieces, tiles, kind));
  const once = withoutRepeats(groups, kind);
  const kept = once.filter(part => !part.isCutOff || !inWhole.some(other => showsBetter(other, part)));
  const larger = inWhole.filter(({ box }) => !kept.some(part => overlap(part.box, box) >= SAME));
  return [...kept, ...withoutRepeats(larger.map(piece => merged([piece], tiles, kind)), kind)];
}

/** Whether what is cut off in its part is this object of the whole picture, perhaps called by another name. */
function showsBetter({ label, box }: SeenRegion, piece: MergedRegion<SeenRegion>): boolean {
  return label === piece.label
    ? shareOfSmaller(box, piece.box) >= SAME
    : areaOf(commonBox(box, piece.box)) >= SAME * areaOf(piece.box) && overlap(box, piece.box) >= LARGE_PIECE;
}

interface Candidate<Seen extends SeenRegion> extends MergedRegion<Seen> {
  /** It ends at a seam, and the neighbour has nothing of it. */
  readonly isCutOff: boolean;
}

/** Pieces of one object together, in the order of the first of each. */
function groupsOf<Seen extends SeenRegion>(seen: readonly Seen[], kind: TileKind): readonly (readonly Seen[])[] {
  const group = seen.map((_, i) => i);
  const rootOf = (i: number): number => group[i] === i ? i : rootOf(group[i]!);
  for (const [i, a] of seen.entries()) {
    for (let j = 0; j < i; j++) {
      if (areOne(a, seen[j]!, kind)) {
        const [rootA, rootB] = [rootOf(i), rootOf(j)];
        group[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
      }
    }
  }
  return [...groupedBy(seen, (_, i) => rootOf(i)).values()];
}

function areOne(a: SeenRegion, b: SeenRegion, kind: TileKind): boolean {
  if (a.tile === b.tile || (kind === 'objects' && a.label !== b.label)) return false;
  if (!touchesSeam(a, b.tile) && !touchesSeam(b, a.tile)) return false;
  if (shareOfSmaller(a.box, b.box) >= SAME) return true;
  const seenByBoth = commonBox(a.tile, b.tile);
  return overlap(commonBox(a.box, seenByBoth), commonBox(b.box, seenByBoth)) >= SAME;
}

/** The box ends where its part does, and `neighbour` shows what lies behind. */
function touchesSeam({ box, tile }: SeenRegion, neighbour: Box): boolean {
  const [nearX, nearY] = [(tile.x2 - tile.x1) * AT_SEAM, (tile.y2 - tile.y1) * AT_SEAM];
  const isBeside = box.y1 < neighbour.y2 && box.y2 > neighbour.y1;
  const isBelow = box.x1 < neighbour.x2 && box.x2 > neighbour.x1;
  return (isBeside && isBetween(tile.x1, neighbour.x1, neighbour.x2) && box.x1 - tile.x1 <= nearX)
    || (isBeside && isBetween(tile.x2, neighbour.x1, neighbour.x2) && tile.x2 - box.x2 <= nearX)
    || (isBelow && isBetween(tile.y1, neighbour.y1, neighbour.y2) && box.y1 - tile.y1 <= nearY)
    || (isBelow && isBetween(tile.y2, neighbour.y1, neighbour.y2) && tile.y2 - box.y2 <= nearY);
}

function merged<Seen extends SeenRegion>(
  pieces: readonly Seen[],
  tiles: readonly Box[],
  kind: TileKind,
): Candidate<Seen> {
  const boxes = pieces.map(({ box }) => box);
  const [first] = pieces;
  return {
    label: kind === 'objects' ? first?.label ?? '' : labelOf(pieces),
    box: {
      x1: Math.min(...boxes.map(({ x1 }) => x1)),
      y1: Math.min(...boxes.map(({ y1 }) => y1)),
      x2: Math.max(...boxes.map(({ x2 }) => x2)),
      y2: Math.max(...boxes.map(({ y2 }) => y2)),
    },
    pieces,
    isCutOff: first !== undefined && pieces.length === 1 && tiles.some(tile => touchesSeam(first, tile)),
  };
}

/** What is written there: the pieces joined from the left where they share characters, else the longest. */
function labelOf(pieces: readonly SeenRegion[]): string {
  const labels = pieces.toSorted((a, b) => a.box.x1 - b.box.x1).map(({ label }) => label);
  return labels.reduce((left, right) => joinPieces(left, right)?.text ?? (right.length > left.length ? right : left));
}

function withoutRepeats<Seen extends SeenRegion>(
  regions: readonly Candidate<Seen>[],
  kind: TileKind,
): readonly Candidate<Seen>[] {
  const best = regions.toSorted((a, b) => Number(a.isCutOff) - Number(b.isCutOff) || areaOf(b.box) - areaOf(a.box));
  const kept: Candidate<Seen>[] = [];
  for (const region of best) {
    const isRepeat = kept.some(({ label, box }) =>
      label === region.label || kind === 'text'
        ? overlap(box, region.box) >= SAME
        : region.isCutOff && areaOf(commonBox(box, region.box)) >= SAME * areaOf(region.box)
    );
    if (!isRepeat) kept.push(region);
  }
  return regions.filter(region => kept.includes(region));
}

function isBetween(value: number, low: number, high: number): boolean {
  return value > low && value < high;
}

/** Intersection over the smaller one, 0…1. */
function shareOfSmaller(a: Box, b: Box): number {
  return areaOf(commonBox(a, b)) / Math.min(areaOf(a), areaOf(b));
}
