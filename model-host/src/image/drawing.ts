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

/** A frame whose line lies half inside and half outside of the rectangle's edge. */
export function strokeRectangle(canvas: Canvas, rectangle: Rectangle, linePx: number, colour: Colour): void {
  const x1 = Math.round(rectangle.x1 - linePx / 2);
  const y1 = Math.round(rectangle.y1 - linePx / 2);
  const x2 = Math.max(Math.round(rectangle.x2 + linePx / 2), x1 + linePx);
  const y2 = Math.max(Math.round(rectangle.y2 + linePx / 2), y1 + linePx);
  fillRectangle(canvas, { x1, y1, x2, y2: y1 + linePx }, colour);
  fillRectangle(canvas, { x1, y1: y2 - linePx, x2, y2 }, colour);
  fillRectangle(canvas, { x1, y1, x2: x1 + linePx, y2 }, colour);
  fillRectangle(canvas, { x1: x2 - linePx, y1, x2, y2 }, colour);
}

/** Tints rows `fromY`…`toY` − 1 where the mask, of the canvas's size, is 128 or more. */
export function tintMask(canvas: Canvas, mask: Uint8Array, colour: Colour, opacity: number, fromY: number, toY: number): void {
  const end = toY * canvas.widthPx;
  for (let i = fromY * canvas.widthPx; i < end; i++) if (mask[i]! >= 128) blend(canvas.data, i * 3, colour, opacity);
}

/** Lays an RGBA picture over the canvas, its top left corner at x, y (whole pixels). */
export function drawRgba(canvas: Canvas, rgba: { readonly data: Uint8Array; readonly widthPx: number; readonly heightPx: number }, x: number, y: number): void {
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
