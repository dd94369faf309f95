/** How wide the panel beside the picture may be. Pure. CSS pixels. */

/** The panel's own least width, and what is left to the picture. */
export const SMALLEST_PANEL = 220;
const SMALLEST_PICTURE = 200;
const STEP = 16;

export function largestPanel(room: number): number {
  return Math.max(SMALLEST_PANEL, room - SMALLEST_PICTURE);
}

export function panelWithin(width: number, room: number): number {
  return Math.round(Math.min(Math.max(width, SMALLEST_PANEL), largestPanel(room)));
}

/** The width that a key on the separator asks for; undefined for a key that asks for none. */
export function steppedPanel(key: string, width: number, room: number): number | undefined {
  switch (key) {
    // The panel is at the right: its edge moves with the arrow.
    case 'ArrowLeft':
      return panelWithin(width + STEP, room);
    case 'ArrowRight':
      return panelWithin(width - STEP, room);
    case 'Home':
      return SMALLEST_PANEL;
    case 'End':
      return largestPanel(room);
    default:
      return undefined;
  }
}
