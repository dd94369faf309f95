/** Where the labels of boxes go, so that they stay in sight and do not cover each other. Pure. */

export interface LabelToPlace {
  /** CSS pixels of the room, clipped to the picture. */
  readonly box: { readonly x1: number; readonly y1: number; readonly x2: number; readonly y2: number };
  readonly width: number;
  readonly height: number;
  /** Is placed first, and always. */
  readonly isUrgent: boolean;
}

export interface LabelPlace {
  readonly x: number;
  readonly y: number;
}

/** Between a box and its label, CSS pixels. */
const GAP = 2;
/**
 * With more labels than this in sight, only boxes that are as wide as their label get one: else the labels would cover
 * the picture.
 */
const CROWD = 40;
/** A label that covers no more than this of what it names, or of what others name, is in nobody's way. */
const SMALL_SHARE = 0.06;
/** One that covers more than this hides what it names: the list has the name too, and so has the pointer. */
const LARGEST_SHARE = 0.5;
/** Cells of the grid that finds neighbours, CSS pixels. */
const CELL = 64;

/**
 * One place for each label, in the order given; undefined where its box is out of sight, or too small in a crowd, or
 * where there is no room among the labels that come before it. Tried in turn: above the box, below it, beside it, inside
 * it. The first place that leaves what is named in sight is taken, else the one that covers least of it.
 */
export function placeLabels(
  labels: readonly LabelToPlace[],
  room: { readonly width: number; readonly height: number },
): (LabelPlace | undefined)[] {
  const places = new Array<LabelPlace | undefined>(labels.length).fill(undefined);
  const taken = new TakenRoom();
  const seen = labels.filter(({ box }) => isInSight(box, room));
  const isCrowded = seen.length > CROWD;
  const order = [...labels.keys()].sort((a, b) => Number(labels[b]?.isUrgent) - Number(labels[a]?.isUrgent) || a - b);
  for (const index of order) {
    const label = labels[index];
    if (label === undefined || !isInSight(label.box, room)) continue;
    if (isCrowded && !label.isUrgent && label.box.x2 - label.box.x1 < label.width) continue;
    const candidates = candidatesFor(label, room);
    const free = candidates.filter(candidate => !taken.has(candidate, label));
    // In a crowd each box is covered by something, and looking at all of them for each label takes its time.
    const place = leastCovering(free, label, isCrowded ? [label] : seen)
      ?? (label.isUrgent ? candidates[0] : undefined);
    if (place === undefined) continue;
    taken.add(place, label);
    places[index] = place;
  }
  return places;
}

/** Undefined where there are none that leave the better part of each box in sight. */
function leastCovering(
  places: readonly LabelPlace[],
  { width, height }: LabelToPlace,
  named: readonly LabelToPlace[],
): LabelPlace | undefined {
  let best: { readonly place: LabelPlace; readonly share: number } | undefined;
  for (const place of places) {
    const share = Math.max(...named.map(({ box }) => coveredShare(box, place, width, height)));
    if (share <= SMALL_SHARE) return place;
    if (best === undefined || share < best.share) best = { place, share };
  }
  return best === undefined || best.share > LARGEST_SHARE ? undefined : best.place;
}

/** How much of a box lies under a label, 0…1. */
function coveredShare(
  { x1, y1, x2, y2 }: LabelToPlace['box'],
  { x, y }: LabelPlace,
  width: number,
  height: number,
): number {
  const across = Math.min(x2, x + width) - Math.max(x1, x);
  const down = Math.min(y2, y + height) - Math.max(y1, y);
  return across <= 0 || down <= 0 ? 0 : across * down / ((x2 - x1) * (y2 - y1));
}

function isInSight(
  { x1, y1, x2, y2 }: LabelToPlace['box'],
  room: { readonly width: number; readonly height: number },
): boolean {
  return x2 > 0 && y2 > 0 && x1 < room.width && y1 < room.height;
}

function candidatesFor(
  { box, width, height }: LabelToPlace,
  room: { readonly width: number; readonly height: number },
): LabelPlace[] {
  const inX = (x: number) => Math.round(Math.max(0, Math.min(x, room.width - width)));
  const inY = (y: number) => Math.round(Math.max(0, Math.min(y, room.height - height)));
  const [start, end] = [inX(Math.max(box.x1, 0)), inX(box.x2 - width)];
  const [above, below] = [inY(box.y1 - height - GAP), inY(box.y2 + GAP)];
  const [top, bottom] = [inY(Math.max(box.y1, 0) + GAP), inY(Math.min(box.y2, room.height) - height - GAP)];
  const [left, right] = [inX(box.x1 - width - GAP), inX(box.x2 + GAP)];
  return [
    { x: start, y: above },
    { x: end, y: above },
    { x: start, y: below },
    { x: end, y: below },
    { x: right, y: top },
    { x: left, y: top },
    { x: start, y: inY(box.y2 + height + 2 * GAP) },
    { x: start, y: inY(box.y1 - 2 * (height + GAP)) },
    { x: start, y: top },
    { x: end, y: top },
    { x: start, y: bottom },
    { x: end, y: bottom },
  ];
}

/** Rectangles by the cells of a grid, so that 500 labels do not ask each other one by one. */
class TakenRoom {
  private readonly cells = new Map<string, (readonly [x1: number, y1: number, x2: number, y2: number])[]>();

  has({ x, y }: LabelPlace, { width, height }: LabelToPlace): boolean {
    return this.keys(x, y, width, height).some(key =>
      this.cells.get(key)?.some(([x1, y1, x2, y2]) => x < x2 && x + width > x1 && y < y2 && y + height > y1) === true
    );
  }

  add({ x, y }: LabelPlace, { width, height }: LabelToPlace): void {
    for (const key of this.keys(x, y, width, height)) {
      const cell = this.cells.get(key);
      const rectangle = [x, y, x + width, y + height] as const;
      if (cell === undefined) this.cells.set(key, [rectangle]);
      else cell.push(rectangle);
    }
  }

  private keys(x: number, y: number, width: number, height: number): string[] {
    const keys: string[] = [];
    for (let column = Math.floor(x / CELL); column <= Math.floor((x + width) / CELL); column++) {
      for (let row = Math.floor(y / CELL); row <= Math.floor((y + height) / CELL); row++) keys.push(`${column},${row}`);
    }
    return keys;
  }
}
