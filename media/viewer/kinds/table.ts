/** A table, cell by cell; a cell that has a place is linked with it, both ways. */
import type { TableCell } from '../../../paligemma/src/kinds/tableGrid';
import { element } from '../../dom/dom';
import { linkedParts, pointing, regionOf, type Draw } from './drawing';
import { roving } from './roving';

export const drawTable: Draw<'table'> = ({ rows, columns, headerRows, cells, regions }, into, page) => {
  const parts = new Map<number, HTMLElement[]>();
  const lines = Array.from({ length: rows }, () => element('tr'));
  const grid = Array.from(
    { length: rows },
    () => Array.from({ length: columns }, (): HTMLElement | undefined => undefined),
  );
  for (const cell of cells) {
    const built = cellElement(cell);
    lines[cell.row]?.append(built);
    if (cell.region !== undefined) parts.set(cell.region, [built]);
    for (let row = cell.row; row < cell.row + cell.rowSpan; row++) {
      grid[row]?.fill(built, cell.column, cell.column + cell.columnSpan);
    }
  }
  // As the cells of a header lie in a section of their own, a screen reader names them with those below.
  const sections = [
    element('thead', {}, lines.slice(0, headerRows)),
    element('tbody', {}, lines.slice(headerRows)),
  ].filter(section => section.childElementCount > 0);
  const table = element('table', { class: 'answer-table', role: 'grid', 'aria-label': page.words.answer }, sections);
  if (regions.length > 0) table.setAttribute('aria-description', page.words.cellHelp);
  into.append(element('div', { class: 'table-room' }, [table]));
  pointing(table, page);
  roving(table, grid, part => page.select(regionOf(part ?? null)));
  return linkedParts(parts);
};

function cellElement({ isHeader, rowSpan, columnSpan, text, runs, region, row }: TableCell): HTMLElement {
  const attributes = {
    dir: 'auto',
    ...(rowSpan > 1 ? { rowspan: String(rowSpan) } : {}),
    ...(columnSpan > 1 ? { colspan: String(columnSpan) } : {}),
    ...(region === undefined ? {} : { class: 'placed', 'data-region': String(region) }),
    ...(isHeader ? { scope: row === 0 || columnSpan > 1 ? 'col' : 'row' } : {}),
  };
  const pieces = (runs ?? [{ text, marks: [] }]).map(({ text: piece, marks }) =>
    marks.reduceRight<HTMLElement | string>((inner, mark) => element(mark, {}, [inner]), piece)
  );
  return element(isHeader ? 'th' : 'td', attributes, pieces);
}
