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
/** Cells of the grid that finds neighbours, CSS pixels. */
const CELL = 64;

/**
 * One place for each label, in the order given; undefined where its box is out of sight, or too small in a crowd, or
 * where there is no room among the labels that come before it. Tried in turn: above the box, inside it, below it, each
 * from the left and from the right.
 */
export function placeLabels(
  labels: readonly LabelToPlace[],
  room: { readonly width: number; readonly height: number },
): (LabelPlace | undefined)[] {
  const places = new Array<LabelPlace | undefined>(labels.length).fill(undefined);
  const taken = new TakenRoom();
  const isCrowded = labels.filter(({ box }) => isInSight(box, room)).length > CROWD;
  const order = [...labels.keys()].sort((a, b) => Number(labels[b]?.isUrgent) - Number(labels[a]?.isUrgent) || a - b);
  for (const index of order) {
    const label = labels[index];
    if (label === undefined || !isInSight(label.box, room)) continue;
    if (isCrowded && !label.isUrgent && label.box.x2 - label.box.x1 < label.width) continue;
    const candidates = candidatesFor(label, room);
    const place = candidates.find(candidate => !taken.has(candidate, label))
      ?? (label.isUrgent ? candidates[0] : undefined);
    if (place === undefined) continue;
    taken.add(place, label);
    places[index] = place;
  }
  return places;
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
  const inX = (x: number) => Math.max(0, Math.min(x, room.width - width));
  const inY = (y: number) => Math.max(0, Math.min(y, room.height - height));
  const above = inY(box.y1 - height - GAP);
  const inside = inY(Math.max(box.y1, 0) + GAP);
  const below = inY(box.y2 + GAP);
  const [start, end] = [inX(Math.max(box.x1, 0)), inX(box.x2 - width)];
  return [[start, above], [start, inside], [end, above], [start, below], [end, inside], [end, below]].map(([x, y]) => ({
    x: Math.round(x ?? 0),
    y: Math.round(y ?? 0),
  }));
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
