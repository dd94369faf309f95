/** How large tiles are, by the room and the size of letters. Pure. */

export interface Measures {
  readonly columns: number;
  /** CSS pixels. */
  readonly rowHeight: number;
}

/** In letters' sizes: the least width of a tile with one picture and with two, the gap, the heights. */
const TILE = { one: 15, two: 24, gap: 0.75, height: 17.5 };
/** @param width Of the room. @param em Size of the page's letters. CSS pixels. */
export function gridMeasures(width: number, em: number, isCompared: boolean): Measures {
  const least = (isCompared ? TILE.two : TILE.one) * em;
  const gap = TILE.gap * em;
  return { columns: Math.max(1, Math.floor((width + gap) / (least + gap))), rowHeight: Math.round(TILE.height * em) };
}
