/** Where a key leads in a grid of so many cells, and which of its rows are in sight. Pure. */

export interface GridShape {
  /** Cells in all; those of the last row may be fewer than `columns`. */
  readonly cells: number;
  readonly columns: number;
  /** Whole rows that are in sight at once, at least 1. */
  readonly pageRows: number;
}

/** The cell that a key leads to; undefined for a key that leads nowhere. `isFar`: with Ctrl or Cmd. */
export function movedTo(from: number, key: string, isFar: boolean, shape: GridShape): number | undefined {
  const { cells, columns, pageRows } = shape;
  const row = Math.floor(from / columns);
  const clamp = (cell: number) => Math.max(0, Math.min(cells - 1, cell));
  switch (key) {
    case 'ArrowRight':
      return clamp(from + 1);
    case 'ArrowLeft':
      return clamp(from - 1);
    case 'ArrowDown':
      return downBy(1, from, shape);
    case 'ArrowUp':
      return downBy(-1, from, shape);
    case 'PageDown':
      return downBy(pageRows, from, shape);
    case 'PageUp':
      return downBy(-pageRows, from, shape);
    case 'Home':
      return isFar ? 0 : row * columns;
    case 'End':
      return isFar ? cells - 1 : clamp(row * columns + columns - 1);
    default:
      return undefined;
  }
}

/** The same column where the row there has one, else its last cell. */
function downBy(rows: number, from: number, { cells, columns }: GridShape): number {
  const lastRow = Math.ceil(cells / columns) - 1;
  const row = Math.max(0, Math.min(lastRow, Math.floor(from / columns) + rows));
  return Math.min(cells - 1, row * columns + (from % columns));
}

/** Rows from `first` up to, but without, `end`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** The rows in sight, and `more` of them before and behind, so that they are there before they come into sight. */
export function rowsInSight(
  { top, height, rowHeight, rows, more }: {
    readonly top: number;
    readonly height: number;
    readonly rowHeight: number;
    readonly rows: number;
    readonly more: number;
  },
): RowRange {
  const first = Math.max(0, Math.min(rows, Math.floor(top / rowHeight)) - more);
  return { first, end: Math.max(first, Math.min(rows, Math.ceil((top + height) / rowHeight) + more)) };
}

/** Where to scroll so that a row is in sight; `top` itself where it is. */
export function scrolledTo(row: number, top: number, height: number, rowHeight: number): number {
  const from = row * rowHeight;
  if (from < top) return from;
  return from + rowHeight > top + height ? from + rowHeight - height : top;
}
