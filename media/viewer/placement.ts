/** Where the picture lies in the room that the view has for it. Pure. */
import type { Box } from '../../paligemma/src/facts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Picture pixels × `scale` + (`x`, `y`) = CSS pixels of the room. */
export interface Placement extends Point {
  readonly scale: number;
}

/** Room around a picture that is fitted, and how far its edge may be moved into the room, CSS pixels. */
const MARGIN = 24;
/** A small picture is not blown up beyond this by fitting. */
const LARGEST_FIT = 3;
const LARGEST_SCALE = 40;
const SMALLEST_SIDE = 32;

/** The whole picture, as large as the room allows, in the middle. */
export function fitted(picture: Size, room: Size): Placement {
  const scale = Math.min(
    Math.max(room.width - 2 * MARGIN, SMALLEST_SIDE) / picture.width,
    Math.max(room.height - 2 * MARGIN, SMALLEST_SIDE) / picture.height,
    LARGEST_FIT,
  );
  return within({ scale, x: 0, y: 0 }, picture, room);
}

/** Zooms by `factor` so that what lies under `at` (in the room) stays there, as far as the room's edges let it. */
export function zoomed(placement: Placement, factor: number, at: Point, picture: Size, room: Size): Placement {
  const smallest = Math.min(fitted(picture, room).scale, 1, SMALLEST_SIDE / Math.min(picture.width, picture.height));
  const scale = Math.min(Math.max(placement.scale * factor, smallest), LARGEST_SCALE);
  const ratio = scale / placement.scale;
  return within(
    { scale, x: at.x - (at.x - placement.x) * ratio, y: at.y - (at.y - placement.y) * ratio },
    picture,
    room,
  );
}

/** What of the picture lies between two opposite corners in the room, picture pixels; undefined where nothing does. */
export function boxBetween(a: Point, b: Point, { scale, x, y }: Placement, { width, height }: Size): Box | undefined {
  const side = (value: number, start: number, most: number) => Math.min(Math.max((value - start) / scale, 0), most);
  const box = {
    x1: side(Math.min(a.x, b.x), x, width),
    y1: side(Math.min(a.y, b.y), y, height),
    x2: side(Math.max(a.x, b.x), x, width),
    y2: side(Math.max(a.y, b.y), y, height),
  };
  return box.x2 > box.x1 && box.y2 > box.y1 ? box : undefined;
}

export function moved(placement: Placement, by: Point, picture: Size, room: Size): Placement {
  return within({ scale: placement.scale, x: placement.x + by.x, y: placement.y + by.y }, picture, room);
}

/** Moves as little as is needed to bring a box (picture pixels) into the room. */
export function revealed(
  placement: Placement,
  box: { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number },
  picture: Size,
  room: Size,
): Placement {
  const { scale } = placement;
  const shift = (near: number, far: number, side: number) => {
    if (far - near > side - 2 * MARGIN) return near > side - MARGIN || far < MARGIN ? (side - near - far) / 2 : 0;
    return near < MARGIN ? MARGIN - near : far > side - MARGIN ? side - MARGIN - far : 0;
  };
  const by = {
    x: shift(box.x1 * scale + placement.x, box.x2 * scale + placement.x, room.width),
    y: shift(box.y1 * scale + placement.y, box.y2 * scale + placement.y, room.height),
  };
  return by.x === 0 && by.y === 0 ? placement : moved(placement, by, picture, room);
}

/** A box (picture pixels) in the middle of the room, as large as the room allows, with some of what is around it. */
export function closeUp(
  { x1, y1, x2, y2 }: { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number },
  picture: Size,
  room: Size,
): Placement {
  const side = (length: number) => Math.max(length - 4 * MARGIN, SMALLEST_SIDE);
  const scale = Math.min(
    side(room.width) / Math.max(x2 - x1, 1),
    side(room.height) / Math.max(y2 - y1, 1),
    LARGEST_SCALE,
  );
  return within(
    {
      scale,
      x: room.width / 2 - (x1 + x2) / 2 * scale,
      y: room.height / 2 - (y1 + y2) / 2 * scale,
    },
    picture,
    room,
  );
}

/** In the middle where it is smaller than the room; else its edges reach at most {@link MARGIN} into the room. */
export function within(placement: Placement, picture: Size, room: Size): Placement {
  const axis = (offset: number, length: number, side: number) =>
    length <= side - 2 * MARGIN + 1 ? (side - length) / 2 : Math.min(MARGIN, Math.max(side - MARGIN - length, offset));
  const { scale } = placement;
  return {
    scale,
    x: axis(placement.x, picture.width * scale, room.width),
    y: axis(placement.y, picture.height * scale, room.height),
  };
}
