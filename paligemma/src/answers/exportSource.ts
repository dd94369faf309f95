/** What every export is made of, and the geometry that the formats share. Pure. */
import type { Box, Region } from '../facts';

export interface ExportSource {
  /** File name of the picture, without folders: data sets move. */
  readonly fileName: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly prompt: string;
  /** The raw answer. */
  readonly suffix: string;
  /** Those that are to be exported. */
  readonly regions: readonly Region[];
}

/** Formats have no place for a label that is empty. */
const NAMELESS = 'object';

export function className(region: Region): string {
  return region.label.replace(/\s+/g, ' ').trim() || NAMELESS;
}

/** The classes of the regions, in the order in which they first appear. */
export function classNames(regions: readonly Region[]): string[] {
  return [...new Set(regions.map(className))];
}

/** The part of a box that lies in the picture; undefined where none does. */
export function clipped({ x1, y1, x2, y2 }: Box, widthPx: number, heightPx: number): Box | undefined {
  const inside = { x1: clamp(x1, widthPx), y1: clamp(y1, heightPx), x2: clamp(x2, widthPx), y2: clamp(y2, heightPx) };
  return inside.x2 > inside.x1 && inside.y2 > inside.y1 ? inside : undefined;
}

/** The regions that lie in the picture, with what of their boxes does. */
export function clippedRegions(
  { regions, widthPx, heightPx }: ExportSource,
): { readonly region: Region; readonly box: Box }[] {
  return regions.flatMap(region => {
    const box = clipped(region.box, widthPx, heightPx);
    return box === undefined ? [] : [{ region, box }];
  });
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
