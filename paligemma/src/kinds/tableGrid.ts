/** From a tree of tags to cells at their places in rows and columns. Pure; bounded, whatever the spans say. */
import { hasArea, type LocBins } from '../locTokens';
import { plainText } from '../plainText';
import type { InlineTag, TableElement, TableNode } from './tableTokens';

/** A piece of a cell's text with its marks. */
export interface TableRun {
  readonly text: string;
  readonly marks: readonly Exclude<InlineTag, 'br'>[];
}

export interface TableCell {
  /** Both from 0. */
  readonly row: number;
  readonly column: number;
  /** Both 1 or more, and inside of the table. */
  readonly rowSpan: number;
  readonly columnSpan: number;
  readonly isHeader: boolean;
  /** Without control characters; lines parted by `\n`. */
  readonly text: string;
  /** The same in pieces; absent where no piece has a mark. */
  readonly runs?: readonly TableRun[];
  /** Index in `regions` of the answer; absent where the cell has no place in the picture. */
  readonly region?: number;
}

export interface TableGrid {
  readonly rows: number;
  readonly columns: number;
  /** Rows at the top that are header: in `thead`, or of `th` only. */
  readonly headerRows: number;
  /** Row by row, from the left. */
  readonly cells: readonly (TableCell & { readonly bins: LocBins | undefined; readonly start: number })[];
  /** True where the table was too large to be taken whole. */
  readonly isBounded: boolean;
  /** Cells whose `coords` span no area. */
  readonly placeless: readonly TableElement[];
  /** Rows that cover fewer columns than the widest, and where they begin. */
  readonly ragged: readonly { readonly row: number; readonly covered: number; readonly start: number }[];
  /** The first of the spans that were not 1…1000, or reached into other cells. */
  readonly badSpan: TableElement | undefined;
}

/** Source: HTML Living Standard, 4.9.11: `colspan` is clamped to 1…1000. For rows as well here. */
export const MOST_SPAN = 1000;
/** Far more than any answer has tokens for. */
const MOST_CELLS = 10_000;
const MOST_COLUMNS = 1000;
/** Rows times columns: what tables are written and drawn from. */
const MOST_SLOTS = 100_000;

interface PlacedCell {
  readonly element: TableElement;
  readonly row: number;
  readonly column: number;
  rowSpan: number;
  readonly columnSpan: number;
}

/** @param isBounded Whether the tree is not all of the table. */
export function gridOf(table: TableElement, isBounded = false): TableGrid {
  const placer = new Placer(isBounded);
  let headerRows = 0;
  for (const { row, section } of rowsOf(table)) {
    if (!placer.addRow(row, section)) break;
    const isHeader = section?.tag === 'thead' || (row.children.length > 0 && row.children.every(isHeaderCell));
    if (isHeader && headerRows === placer.rows - 1) headerRows++;
  }
  return placer.grid(headerRows);
}

/** Places cells as browsers do. */
class Placer {
  rows = 0;
  private readonly sections: (TableElement | undefined)[] = [];
  private readonly cells: PlacedCell[] = [];
  /** By column: how many more rows a cell from above covers. */
  private covered: number[] = [];
  private columns = 0;
  private readonly coverage: { covered: number; start: number }[] = [];
  private badSpan: TableElement | undefined;

  constructor(private isBounded: boolean) {}

  /** False where the table has become too large. */
  addRow(row: TableElement, section: TableElement | undefined): boolean {
    // A cell never reaches out of its section.
    if (this.rows > 0 && this.sections.at(-1) !== section) this.covered = [];
    const mostColumns = Math.min(MOST_COLUMNS, Math.floor(MOST_SLOTS / (this.rows + 1)));
    if (this.columns > mostColumns || mostColumns === 0) return this.stop();
    this.sections.push(section);
    let column = 0;
    for (const element of row.children) {
      if (!('tag' in element)) continue;
      while ((this.covered[column] ?? 0) > 0) column++;
      if (this.cells.length >= MOST_CELLS || column >= mostColumns) {
        this.isBounded = true;
        break;
      }
      column = this.place(element, column, mostColumns);
    }
    this.columns = Math.max(this.columns, this.covered.length);
    this.coverage.push({ covered: this.covered.reduce((sum, rows) => sum + (rows > 0 ? 1 : 0), 0), start: row.start });
    this.covered = this.covered.map(rows => Math.max(rows - 1, 0));
    this.rows++;
    return this.cells.length < MOST_CELLS || this.stop();
  }

  /** @param rowsAtTop Those that look like a header. */
  grid(rowsAtTop: number): TableGrid {
    const ends = this.sectionEnds();
    for (const cell of this.cells) cell.rowSpan = Math.min(cell.rowSpan, (ends[cell.row] ?? this.rows) - cell.row);
    // A cell that reaches below them ties them to what is no header.
    const isTied = this.cells.some(({ row, rowSpan }) => row < rowsAtTop && row + rowSpan > rowsAtTop);
    const headerRows = isTied ? 0 : rowsAtTop;
    const { order, placeless } = places(this.cells);
    return {
      rows: this.rows,
      columns: this.columns,
      headerRows,
      cells: this.cells.map(cell => gridCell(cell, headerRows, order)),
      isBounded: this.isBounded,
      placeless,
      ragged: this.coverage.flatMap(({ covered, start }, row) =>
        covered < this.columns ? [{ row, covered, start }] : []
      ),
      badSpan: this.badSpan,
    };
  }

  /** @returns The column behind the cell. */
  private place(element: TableElement, column: number, mostColumns: number): number {
    const rowSpan = this.span(element, 'rowspan');
    const written = this.span(element, 'colspan');
    const wanted = Math.min(written, mostColumns - column);
    this.isBounded ||= wanted < written;
    let columnSpan = 1;
    while (columnSpan < wanted && (this.covered[column + columnSpan] ?? 0) === 0) columnSpan++;
    if (columnSpan < wanted) this.badSpan ??= element;
    for (let at = this.covered.length; at < column; at++) this.covered[at] = 0;
    for (let at = column; at < column + columnSpan; at++) this.covered[at] = rowSpan;
    this.cells.push({ element, row: this.rows, column, rowSpan, columnSpan });
    return column + columnSpan;
  }

  private span(element: TableElement, name: 'rowspan' | 'colspan'): number {
    const written = element.attributes[name];
    if (written === undefined) return 1;
    const span = /^\s*\d{1,6}\s*$/.test(written) ? Number(written) : 0;
    if (span >= 1 && span <= MOST_SPAN) return span;
    this.badSpan ??= element;
    return Math.min(Math.max(span, 1), MOST_SPAN);
  }

  /** By row: the row behind its section. */
  private sectionEnds(): number[] {
    const ends: number[] = [];
    for (let row = this.rows - 1; row >= 0; row--) {
      const isLast = row === this.rows - 1 || this.sections[row] !== this.sections[row + 1];
      ends[row] = isLast ? row + 1 : ends[row + 1] ?? row + 1;
    }
    return ends;
  }

  private stop(): false {
    this.isBounded = true;
    return false;
  }
}

function* rowsOf(table: TableElement): Generator<{ row: TableElement; section: TableElement | undefined }> {
  for (const child of table.children) {
    if (!('tag' in child)) continue;
    if (child.tag === 'tr') yield { row: child, section: undefined };
    else for (const row of child.children) if ('tag' in row) yield { row, section: child };
  }
}

function isHeaderCell(node: TableNode): boolean {
  return 'tag' in node && node.tag === 'th';
}

function gridCell(
  { element, row, column, rowSpan, columnSpan }: PlacedCell,
  headerRows: number,
  order: CoordsOrder,
): TableGrid['cells'][number] {
  const runs = trimmed(mergedRuns(element.children));
  const bins = binsOf(element, order);
  return {
    row,
    column,
    rowSpan,
    columnSpan,
    isHeader: row < headerRows || element.tag === 'th',
    text: runs.map(({ text }) => text).join(''),
    ...(runs.some(({ marks }) => marks.length > 0) ? { runs } : {}),
    bins,
    start: element.start,
  };
}

function mergedRuns(nodes: readonly TableNode[]): TableRun[] {
  const runs: TableRun[] = [];
  const add = (text: string, marks: TableRun['marks']) => {
    const last = runs.at(-1);
    if (last !== undefined && last.marks.join() === marks.join()) {
      runs[runs.length - 1] = { text: last.text + text, marks };
    } else runs.push({ text, marks });
  };
  // Inline elements nest a few deep at most: the reader sees to it.
  const walk = (children: readonly TableNode[], marks: TableRun['marks']) => {
    for (const child of children) {
      if (!('tag' in child)) add(plainText(child.text).replace(/\s+/g, ' '), marks);
      else if (child.tag === 'br') add('\n', marks);
      else walk(child.children, isMark(child.tag) && !marks.includes(child.tag) ? [...marks, child.tag] : marks);
    }
  };
  walk(nodes, []);
  return runs;
}

function isMark(tag: string): tag is TableRun['marks'][number] {
  return tag === 'b' || tag === 'i' || tag === 'sub' || tag === 'sup';
}

/** Without white space at the ends of the whole. */
function trimmed(runs: readonly TableRun[]): TableRun[] {
  const kept = [...runs];
  while (kept[0] !== undefined && kept[0].text.trimStart() === '') kept.shift();
  while (kept.at(-1)?.text.trimEnd() === '') kept.pop();
  const [first] = kept;
  if (first !== undefined) kept[0] = { ...first, text: first.text.trimStart() };
  const last = kept.at(-1);
  if (last !== undefined) kept[kept.length - 1] = { ...last, text: last.text.trimEnd() };
  return kept;
}

/** Which of two bins comes first, in attributes and in tokens of their own. */
interface CoordsOrder {
  readonly inCoords: 'x' | 'y';
}

/** @returns Four bins as the cell has them, and whether they stand in its attribute. */
function rawBins(
  { attributes, locs }: TableElement,
): { readonly bins: readonly number[]; readonly isCoords: boolean } | undefined {
  const written = attributes['coords'];
  if (written !== undefined) {
    const bins = [...written.matchAll(/<loc(0\d{3}|10[01]\d|102[0-3])>/g)].map(match => Number(match[1]));
    return { bins: bins.length === 4 ? bins : [], isCoords: true };
  }
  return locs === undefined ? undefined : { bins: locs, isCoords: false };
}

/**
 * The paper prints `coords` with x first, while every other place of PaliGemma has y first, and both make boxes: so the
 * table itself is asked. Cells of one row share their top and bottom, those of one column their left and right.
 * Source: PaliGemma 2 (arXiv 2412.03555), section 4.3 and appendix B.
 */
function places(
  cells: readonly PlacedCell[],
): { readonly order: CoordsOrder; readonly placeless: readonly TableElement[] } {
  const placeless: TableElement[] = [];
  let ySteps = 0;
  const above = new Map<number, readonly number[]>();
  let before: { readonly row: number; readonly bins: readonly number[] } | undefined;
  for (const { element, row, column } of cells) {
    const raw = rawBins(element);
    if (raw === undefined) continue;
    if (!spansArea(raw.bins)) placeless.push(element);
    if (!raw.isCoords || raw.bins.length < 4) continue;
    const { bins } = raw;
    if (before?.row === row) ySteps += stepOfFirst(before.bins, bins);
    ySteps -= stepOfFirst(above.get(column) ?? bins, bins);
    before = { row, bins };
    above.set(column, bins);
  }
  return { order: { inCoords: ySteps < 0 ? 'y' : 'x' }, placeless };
}

function spansArea([a = 0, b = 0, c = 0, d = 0]: readonly number[]): boolean {
  return c > a && d > b;
}

/** How much more the first bin changes than the second does from one cell to another. */
function stepOfFirst([a = 0, b = 0]: readonly number[], [c = 0, d = 0]: readonly number[]): number {
  return Math.abs(c - a) - Math.abs(d - b);
}

function binsOf(element: TableElement, { inCoords }: CoordsOrder): LocBins | undefined {
  const raw = rawBins(element);
  const [a, b, c, d] = raw?.bins ?? [];
  if (raw === undefined || a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  const bins: LocBins = raw.isCoords && inCoords === 'x' ? [b, a, d, c] : [a, b, c, d];
  return hasArea(bins) ? bins : undefined;
}
