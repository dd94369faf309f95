/** Whether a picture is read in parts, as a person says it: `off`, `auto`, or columns and rows such as `3x2`. */

/** More parts are not read: each is a run of its own. */
export const MOST_TILES = 36;

export type TileChoice = 'off' | 'auto' | `${number}x${number}`;

/** Both 1 or more. */
export interface TileGrid {
  readonly columns: number;
  readonly rows: number;
}

/** @returns in one form, so that equal choices are equal texts; undefined for anything else, and for too many parts. */
export function tileChoiceOf(text: string): TileChoice | undefined {
  if (text === 'off' || text === 'auto') return text;
  const grid = writtenGrid(text);
  if (grid === undefined || tileCount(grid) > MOST_TILES) return undefined;
  return tileCount(grid) === 1 ? 'off' : `${grid.columns}x${grid.rows}`;
}

export function isTileChoice(value: unknown): value is TileChoice {
  return typeof value === 'string' && tileChoiceOf(value) === value;
}

/** Of a choice that names columns and rows. */
export function gridOfChoice(choice: TileChoice): TileGrid | undefined {
  return writtenGrid(choice);
}

/** How many parts a text asks for, where it names columns and rows: for whoever says that they are too many. */
export function tilesAskedFor(text: string): number | undefined {
  const grid = writtenGrid(text);
  return grid === undefined ? undefined : tileCount(grid);
}

export function tileCount({ columns, rows }: TileGrid): number {
  return columns * rows;
}

function writtenGrid(text: string): TileGrid | undefined {
  const [, columns, rows] = /^0*([1-9]\d{0,5})[xX×]0*([1-9]\d{0,5})$/.exec(text) ?? [];
  return columns === undefined ? undefined : { columns: Number(columns), rows: Number(rows) };
}
