/** Outlines of a grey mask as closed lines. Pure. */

/** x, y, x, y, … in pixels of the mask; the last point joins the first. */
export type Contour = readonly number[];

const LEVEL = 127.5;
const top = 0;
const right = 1;
const bottom = 2;
const left = 3;
/**
 * Segments of a cell by which of its corners are inside (upper left 8, upper right 4, lower right 2, lower left 1);
 * inside is on their left.
 */
const segments: readonly (readonly (readonly [from: number, to: number])[])[] = [
  [],
  [[bottom, left]],
  [[right, bottom]],
  [[right, left]],
  [[top, right]],
  [[top, right], [bottom, left]],
  [[top, bottom]],
  [[top, left]],
  [[left, top]],
  [[bottom, top]],
  [[left, top], [right, bottom]],
  [[right, top]],
  [[left, right]],
  [[bottom, right]],
  [[left, bottom]],
  [],
];

/**
 * Marching squares between the centres of the pixels; what lies outside of the mask counts as 0, so that every line is
 * closed. Holes run the other way round, as the rule `evenodd` and `nonzero` both want.
 * @param values Rows of `width` × `height` levels 0…255; 128 and more is inside.
 */
export function contours(values: ArrayLike<number>, width: number, height: number): Contour[] {
  const columns = width + 2;
  const at = (
    x: number,
    y: number,
  ) => (x < 1 || y < 1 || x > width || y > height ? 0 : values[(y - 1) * width + x - 1] ?? 0);
  const next = new Map<number, number>();
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      const corners = Number(at(x, y) > LEVEL) * 8 + Number(at(x + 1, y) > LEVEL) * 4
        + Number(at(x + 1, y + 1) > LEVEL) * 2 + Number(at(x, y + 1) > LEVEL);
      for (const [from, to] of segments[corners] ?? []) {
        next.set(edgeKey(from, x, y, columns), edgeKey(to, x, y, columns));
      }
    }
  }
  const found: number[][] = [];
  for (const [start] of next) {
    if (!next.has(start)) continue;
    const line: number[] = [];
    for (let key: number | undefined = start; key !== undefined;) {
      line.push(...pointOn(key, columns, at));
      const following = next.get(key);
      next.delete(key);
      key = following === start ? undefined : following;
    }
    found.push(line);
  }
  return found;
}

/** Horizontal edges have even keys, vertical ones odd. */
function edgeKey(edge: number, x: number, y: number, columns: number): number {
  switch (edge) {
    case top:
      return 2 * (y * columns + x);
    case bottom:
      return 2 * ((y + 1) * columns + x);
    case left:
      return 2 * (y * columns + x) + 1;
    default:
      return 2 * (y * columns + x + 1) + 1;
  }
}

function pointOn(key: number, columns: number, at: (x: number, y: number) => number): readonly [x: number, y: number] {
  const cell = Math.floor(key / 2);
  const x = cell % columns;
  const y = Math.floor(cell / columns);
  const first = at(x, y);
  const isVertical = key % 2 === 1;
  const second = isVertical ? at(x, y + 1) : at(x + 1, y);
  const part = (LEVEL - first) / (second - first);
  // The padding moved everything by 1; the centre of a pixel is half a pixel from its corner.
  return [x - 0.5 + (isVertical ? 0 : part), y - 0.5 + (isVertical ? part : 0)];
}
