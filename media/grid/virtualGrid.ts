/**
 * A grid of thousands of cells of which only those near to what is in sight are in the page: rows of equal height are
 * made when they come near and taken away when they are far. One cell at a time can be reached by Tab, and its row stays.
 */
import { element } from '../dom/dom';
import { movedTo, rowsInSight, scrolledTo, type GridShape, type RowRange } from './gridFocus';

export interface GridSource {
  /** Cells of the grid, in the order in which they are shown. */
  readonly cells: number;
  readonly columns: number;
  /** CSS pixels. */
  readonly rowHeight: number;
  /** Rows above these, which scroll with nothing: the headings of a table. */
  readonly headings: number;
  /** The contents of a cell. */
  fill(cell: number, node: HTMLElement): void;
}

/** Rows before and behind those in sight. */
const MORE_ROWS = 2;

export class VirtualGrid {
  readonly element = element('div', { class: 'scroller' });
  private readonly sheet = element('div', { class: 'sheet', role: 'rowgroup' });
  private readonly rows = new Map<number, HTMLElement>();
  private source: GridSource = { cells: 0, columns: 1, rowHeight: 1, headings: 0, fill: () => undefined };
  private active = 0;
  private frame = 0;

  constructor(
    private readonly on: {
      /** The cells that are in the page now, those in sight first. */
      sight(cells: readonly number[]): void;
      open(cell: number, isOther: boolean): void;
    },
  ) {
    this.element.append(this.sheet);
    this.element.addEventListener('scroll', () => this.drawSoon(), { passive: true });
    this.element.addEventListener('keydown', event => this.onKey(event));
    this.sheet.addEventListener('click', event => this.onClick(event, false));
    this.sheet.addEventListener('dblclick', event => this.onClick(event, true));
    this.sheet.addEventListener('focusin', event => this.onFocus(event));
  }

  /** The cell that Tab reaches. */
  get activeCell(): number {
    return this.active;
  }

  get scrollTop(): number {
    return this.element.scrollTop;
  }

  /** Shows other cells; what had the focus is not looked for. */
  show(source: GridSource, active: number, top?: number): void {
    const hadFocus = this.sheet.contains(document.activeElement);
    this.source = source;
    this.active = Math.max(0, Math.min(source.cells - 1, active));
    for (const node of this.rows.values()) node.remove();
    this.rows.clear();
    this.sheet.style.height = `${this.rowCount * source.rowHeight}px`;
    if (top !== undefined) this.element.scrollTop = top;
    this.draw();
    if (hadFocus) this.focus();
  }

  /** Fills cells anew that are in the page. */
  refill(isMeant: (cell: number) => boolean): void {
    for (const node of this.rows.values()) {
      for (const cell of node.children) {
        const index = Number((cell as HTMLElement).dataset['cell']);
        if (!isMeant(index)) continue;
        this.source.fill(index, cell as HTMLElement);
      }
    }
  }

  /** Gives the active cell the focus, and brings it into sight. */
  focus(): void {
    this.reveal(this.active);
    // In a low room the page itself scrolls.
    this.element.scrollIntoView({ block: 'nearest' });
    this.cellNode(this.active)?.focus({ preventScroll: true });
  }

  get columns(): number {
    return this.source.columns;
  }

  get rowCount(): number {
    return Math.ceil(this.source.cells / this.source.columns);
  }

  private get shape(): GridShape {
    const { cells, columns, rowHeight } = this.source;
    return { cells, columns, pageRows: Math.max(1, Math.floor(this.element.clientHeight / rowHeight)) };
  }

  private drawSoon(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  /** Makes what is near and takes away what is far; says what is there. */
  draw(): void {
    const inSight = this.sightOf(0);
    const near = this.sightOf(MORE_ROWS);
    const activeRow = Math.floor(this.active / this.source.columns);
    for (const [row, node] of this.rows) {
      if (row !== activeRow && (row < near.first || row >= near.end)) {
        node.remove();
        this.rows.delete(row);
      }
    }
    const wanted = new Set([...rangeOf(inSight), ...rangeOf(near), ...(this.source.cells > 0 ? [activeRow] : [])]);
    for (const row of wanted) if (!this.rows.has(row)) this.addRow(row);
    this.on.sight([...new Set([...rangeOf(inSight), ...rangeOf(near)])].flatMap(row => this.cellsOf(row)));
  }

  private sightOf(more: number): RowRange {
    return rowsInSight({
      top: this.element.scrollTop,
      height: this.element.clientHeight,
      rowHeight: this.source.rowHeight,
      rows: this.rowCount,
      more,
    });
  }

  /** In the order of the rows, which a screen reader goes by. */
  private addRow(row: number): void {
    const node = element('div', { class: 'row', role: 'row', 'aria-rowindex': String(row + 1 + this.source.headings) });
    node.style.transform = `translateY(${row * this.source.rowHeight}px)`;
    node.style.height = `${this.source.rowHeight}px`;
    this.cellsOf(row).forEach((cell, column) => {
      const child = element('div', {
        class: 'cell',
        role: 'gridcell',
        tabindex: cell === this.active ? '0' : '-1',
        'aria-colindex': String(column + 1),
        'data-cell': String(cell),
      });
      this.source.fill(cell, child);
      node.append(child);
    });
    const next = [...this.rows].filter(([other]) => other > row).sort(([a], [b]) => a - b)[0]?.[1] ?? null;
    this.sheet.insertBefore(node, next);
    this.rows.set(row, node);
  }

  private cellsOf(row: number): number[] {
    const { columns, cells } = this.source;
    const from = row * columns;
    return Array.from({ length: Math.max(0, Math.min(columns, cells - from)) }, (_, column) => from + column);
  }

  private cellNode(cell: number): HTMLElement | undefined {
    const row = this.rows.get(Math.floor(cell / this.source.columns));
    const node = row?.children[cell % this.source.columns];
    return node instanceof HTMLElement ? node : undefined;
  }

  private activate(cell: number): void {
    const before = this.cellNode(this.active);
    if (before !== undefined) before.tabIndex = -1;
    this.active = cell;
    this.draw();
    const node = this.cellNode(cell);
    if (node !== undefined) node.tabIndex = 0;
  }

  private reveal(cell: number): void {
    const { columns, rowHeight } = this.source;
    const { scrollTop, clientHeight } = this.element;
    const top = scrolledTo(Math.floor(cell / columns), scrollTop, clientHeight, rowHeight);
    if (top !== scrollTop) this.element.scrollTop = top;
    this.draw();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || this.source.cells === 0 || cellOf(event.target) === undefined) return;
    const isFar = event.ctrlKey || event.metaKey;
    if (event.key === 'Enter') this.on.open(this.active, event.shiftKey);
    else {
      const to = movedTo(this.active, event.key, isFar, this.shape);
      if (to === undefined) return;
      this.activate(to);
      this.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private onClick(event: MouseEvent, isDouble: boolean): void {
    const cell = cellOf(event.target);
    if (cell === undefined) return;
    this.activate(cell);
    this.cellNode(cell)?.focus({ preventScroll: true });
    if (isDouble) this.on.open(cell, event.shiftKey);
  }

  private onFocus(event: FocusEvent): void {
    const cell = cellOf(event.target);
    if (cell !== undefined && cell !== this.active) this.activate(cell);
  }
}

function cellOf(target: EventTarget | null): number | undefined {
  const node = target instanceof Element ? target.closest<HTMLElement>('.cell') : null;
  return node === null ? undefined : Number(node.dataset['cell']);
}

function rangeOf({ first, end }: RowRange): number[] {
  return Array.from({ length: end - first }, (_, at) => first + at);
}
