/**
 * Into which parts a picture is cut before each is squeezed to the model's square: a plan follows from sizes and from
 * where the picture is blank, so the same picture is always cut in the same way.
 */
import type { Box } from '../facts';
import { MOST_TILES, tileCount, type TileGrid } from '../tileChoice';
import type { TileKind } from './kind';

/** Of the upright picture, pixels, 1 or more. */
export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** For each row and each column of the picture: 1 where nothing is to be seen in it, else 0. */
export interface BlankLines {
  readonly rows: Uint8Array;
  readonly columns: Uint8Array;
}

/**
 * Pixels of the picture for one of the model, at most. Text of a screen or of a page at 150 dpi is some 20 px high with
 * its ascenders, and the checkpoints begin to guess below about 10; an object may be much smaller than the part it is
 * in, and every cut can go through one.
 */
const mostSqueezed: Readonly<Record<TileKind, number>> = { text: 2, objects: 4 };
/** Longer parts would be squeezed much more in one direction than in the other. */
const LONGEST_TO_SHORTEST = 1.5;
/** How far a cut may move to where the picture is blank, as a part of a tile. */
const REACH = 0.2;
/**
 * By how much neighbours overlap where a cut is not blank, as a part of a tile: a word, or a small object, is whole in
 * one of them. Source: between the 10 and 20 % of other tools (SAHI, supervision).
 */
const overlaps: Readonly<Record<TileKind, number>> = { text: 0.15, objects: 0.2 };

/**
 * The grid with the fewest parts that leaves text, or objects, at a size that the model can make out, in parts that are
 * near square; one part where the picture needs no cut. Coarser where there would be more than {@link MOST_TILES}.
 * @param resolutionPx Side of the model's square.
 */
export function autoGrid({ widthPx, heightPx }: PictureSize, resolutionPx: number, kind: TileKind): TileGrid {
  const sidePx = resolutionPx * mostSqueezed[kind];
  let [columns, rows] = [Math.ceil(widthPx / sidePx), Math.ceil(heightPx / sidePx)];
  if (columns * rows === 1) return { columns, rows };
  [columns, rows] = withinLimit(columns, rows, widthPx, heightPx);
  for (;;) {
    const ratio = (widthPx / columns) / (heightPx / rows);
    const next = ratio > LONGEST_TO_SHORTEST
      ? { columns: columns + 1, rows }
      : ratio < 1 / LONGEST_TO_SHORTEST
      ? { columns, rows: rows + 1 }
      : undefined;
    if (next === undefined || tileCount(next) > MOST_TILES) return { columns, rows };
    [columns, rows] = [next.columns, next.rows];
  }
}

/** Takes lines of parts away, always where the parts are the flattest, until they are no more than {@link MOST_TILES}. */
function withinLimit(columns: number, rows: number, widthPx: number, heightPx: number): [number, number] {
  // A side of a million pixels would otherwise be counted down one by one.
  let [across, down] = [Math.min(columns, MOST_TILES), Math.min(rows, MOST_TILES)];
  while (across * down > MOST_TILES) {
    if (down === 1 || (across > 1 && widthPx / across < heightPx / down)) across--;
    else down--;
  }
  return [across, down];
}

/**
 * The parts, row by row from the top left: together they cover the picture, each has at least a pixel, and none lies in
 * another. Cuts lie in the middle of what is blank near them; where nothing is, the neighbours overlap.
 * @param grid More columns or rows than the picture has pixels are as many as it has.
 * @returns boxes in whole pixels: `x1`, `y1` are inside, `x2`, `y2` are not.
 */
export function planTiles(
  { widthPx, heightPx }: PictureSize,
  { columns, rows }: TileGrid,
  blank: BlankLines,
  kind: TileKind,
): readonly Box[] {
  const across = spans(widthPx, columns, blank.columns, overlaps[kind]);
  const down = spans(heightPx, rows, blank.rows, overlaps[kind]);
  return down.flatMap(([y1, y2]) => across.map(([x1, x2]) => ({ x1, y1, x2, y2 })));
}

type Span = readonly [from: number, to: number];

function spans(length: number, wanted: number, blank: Uint8Array, overlap: number): readonly Span[] {
  const count = Math.min(wanted, length);
  const step = length / count;
  const half = Math.round(step * overlap / 2);
  const found: Span[] = [];
  let from = 0;
  for (let i = 1; i < count; i++) {
    const ideal = Math.round(i * step);
    const cut = blankCut(ideal, Math.floor(step * REACH), blank);
    found.push([from, cut ?? ideal + half]);
    from = cut ?? ideal - half;
  }
  found.push([from, length]);
  return found;
}

/** The middle of the widest run of blank lines within reach, of equal ones the nearest; undefined where there is none. */
function blankCut(ideal: number, reach: number, blank: Uint8Array): number | undefined {
  let best: { readonly cut: number; readonly width: number } | undefined;
  for (let at = ideal - reach; at < ideal + reach; at++) {
    if (blank[at] !== 1) continue;
    const start = at;
    while (at < ideal + reach && blank[at] === 1) at++;
    const run = { cut: Math.round((start + at) / 2), width: at - start };
    const isNearer = best === undefined || Math.abs(run.cut - ideal) < Math.abs(best.cut - ideal);
    if (best === undefined || run.width > best.width || (run.width === best.width && isNearer)) best = run;
  }
  return best?.cut;
}
