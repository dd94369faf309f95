/** Draws on RGB bytes in place. Everything is clipped to the picture; what lies outside is left out. */

export interface Canvas {
  /** `[heightPx, widthPx, 3]`; changed by the functions below. */
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

export type Colour = readonly [red: number, green: number, blue: number];

/** Pixels; `x2` and `y2` are outside. */
export interface Rectangle {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** @param opacity 0…1. */
export function fillRectangle(canvas: Canvas, rectangle: Rectangle, colour: Colour, opacity = 1): void {
  const x1 = Math.max(0, Math.round(rectangle.x1));
  const x2 = Math.min(canvas.widthPx, Math.round(rectangle.x2));
  const y2 = Math.min(canvas.heightPx, Math.round(rectangle.y2));
  for (let y = Math.max(0, Math.round(rectangle.y1)); y < y2; y++) {
    for (let x = x1; x < x2; x++) blend(canvas.data, (y * canvas.widthPx + x) * 3, colour, opacity);
  }
}

/**
 * A frame whose line lies half inside and half outside of the rectangle's edge.
 * @param dash Widths of the line that are drawn, and that are left out; without it the frame is whole.
 */
export function strokeRectangle(
  canvas: Canvas,
  rectangle: Rectangle,
  linePx: number,
  colour: Colour,
  dash?: readonly [drawn: number, gap: number],
): void {
  const x1 = Math.round(rectangle.x1 - linePx / 2);
  const y1 = Math.round(rectangle.y1 - linePx / 2);
  const x2 = Math.max(Math.round(rectangle.x2 + linePx / 2), x1 + linePx);
  const y2 = Math.max(Math.round(rectangle.y2 + linePx / 2), y1 + linePx);
  for (
    const side of [{ x1, y1, x2, y2: y1 + linePx }, { x1, y1: y2 - linePx, x2, y2 }, { x1, y1, x2: x1 + linePx, y2 }, {
      x1: x2 - linePx,
      y1,
      x2,
      y2,
    }]
  ) {
    for (const piece of dash === undefined ? [side] : dashesOf(side, linePx * dash[0], linePx * dash[1], canvas)) {
      fillRectangle(canvas, piece, colour);
    }
  }
}

/** Pieces of a line from its upper left end on, as far as the canvas goes. */
function* dashesOf(
  line: Rectangle,
  drawnPx: number,
  gapPx: number,
  { widthPx, heightPx }: Canvas,
): Generator<Rectangle> {
  const isFlat = line.x2 - line.x1 >= line.y2 - line.y1;
  const [start, end] = isFlat ? [line.x1, Math.min(line.x2, widthPx)] : [line.y1, Math.min(line.y2, heightPx)];
  const stepPx = drawnPx + gapPx;
  for (let at = start < 0 ? start + Math.floor(-start / stepPx) * stepPx : start; at < end; at += stepPx) {
    const to = Math.min(at + drawnPx, end);
    yield isFlat ? { ...line, x1: at, x2: to } : { ...line, y1: at, y2: to };
  }
}

/** Tints rows `fromY`…`toY` − 1 where the mask, of the canvas's size, is 128 or more. */
export function tintMask(
  canvas: Canvas,
  mask: Uint8Array,
  colour: Colour,
  opacity: number,
  [fromY, toY]: readonly [number, number],
): void {
  const end = toY * canvas.widthPx;
  for (let i = fromY * canvas.widthPx; i < end; i++) if (mask[i]! >= 128) blend(canvas.data, i * 3, colour, opacity);
}

/** Lays an RGBA picture over the canvas, its top left corner at x, y (whole pixels). */
export function drawRgba(
  canvas: Canvas,
  rgba: { readonly data: Uint8Array; readonly widthPx: number; readonly heightPx: number },
  x: number,
  y: number,
): void {
  for (let row = Math.max(0, -y); row < Math.min(rgba.heightPx, canvas.heightPx - y); row++) {
    for (let column = Math.max(0, -x); column < Math.min(rgba.widthPx, canvas.widthPx - x); column++) {
      const from = (row * rgba.widthPx + column) * 4;
      const colour = [rgba.data[from]!, rgba.data[from + 1]!, rgba.data[from + 2]!] as const;
      blend(canvas.data, ((y + row) * canvas.widthPx + x + column) * 3, colour, rgba.data[from + 3]! / 255);
    }
  }
}

function blend(data: Uint8Array, at: number, colour: Colour, opacity: number): void {
  for (let channel = 0; channel < 3; channel++) {
    const level = data[at + channel]!;
    data[at + channel] = Math.round(level + (colour[channel]! - level) * opacity);
  }
}
