/** An answer that is a table, written as HTML. */
import type { Box } from '../facts';
import type { LocBins } from '../locTokens';
import { plainLine } from '../plainText';
import type { Translate } from '../translate';
import { answerKind, type AnswerFault, type KindRegion } from './kind';
import { columnsText, tableCsv, tableHtml, tableMarkdown, tableTsv, textGrid, type WrittenTable } from './tableForms';
import { gridOf, MOST_SPAN, type TableGrid } from './tableGrid';
import { isTableMarkup, readTable, type TableTokenFault } from './tableTokens';

export interface TableAnswer extends WrittenTable {
  /** Cells that have a place in the picture, in the order of the cells. */
  readonly regions: readonly KindRegion[];
}

/** What a line shows of a table. */
const MOST_IN_LINE = 12;

export const table = answerKind<TableAnswer>({
  title: t => t('Table'),
  about: t => t('rows and columns, from HTML with or without places of the cells'),
  isLikely: ({ suffix }) => isTableMarkup(suffix),
  read(suffix, { isTruncated, t }) {
    const { root, faults, isBounded } = readTable(suffix);
    const grid = gridOf(root, isBounded);
    const { rows, columns, headerRows } = grid;
    const regions: KindRegion[] = [];
    const cells = grid.cells.map(({ bins, start: _, ...cell }) => {
      if (bins === undefined) return cell;
      regions.push({ label: plainLine(cell.text), bins });
      return { ...cell, region: regions.length - 1 };
    });
    return {
      data: { rows, columns, headerRows, cells, regions },
      faults: [...tagFaults(faults, isTruncated, suffix, t), ...gridFaults(grid, isTruncated, suffix, t)],
    };
  },
  text: columnsText,
  line: ({ rows, columns, cells }, t) => {
    const texts = cells.slice(0, MOST_IN_LINE).map(({ text }) => plainLine(text)).filter(text => text !== '');
    return [t('{0} × {1} cells', rows, columns), ...texts].join(' · ');
  },
  markdown: tableMarkdown,
  regions: data => data.regions,
  json: (data, boxOf) => ({
    headerRows: data.headerRows,
    rows: textGrid(data),
    cells: data.cells.map(({ row, column, rowSpan, columnSpan, isHeader, text, region }) => ({
      row,
      column,
      ...(rowSpan > 1 ? { rowSpan } : {}),
      ...(columnSpan > 1 ? { columnSpan } : {}),
      ...(isHeader ? { isHeader } : {}),
      text,
      ...boxField(data.regions[region ?? -1]?.bins, boxOf),
    })),
  }),
  exports: {
    markdown: { title: () => 'Markdown', ending: '.md', write: data => `${tableMarkdown(data)}\n` },
    csv: { title: () => 'CSV', ending: '.csv', write: tableCsv },
    tsv: { title: () => 'TSV', ending: '.tsv', write: tableTsv },
    html: { title: () => 'HTML', ending: '.html', write: tableHtml },
    json: {
      title: () => 'JSON',
      ending: '.table.json',
      write: data => `${JSON.stringify(textGrid(data), undefined, 2)}\n`,
    },
  },
});

function boxField(bins: LocBins | undefined, boxOf: (bins: LocBins) => Box): { readonly box?: Box } {
  return bins === undefined ? {} : { box: boxOf(bins) };
}

/** The end is told once, whatever it left open. */
function tagFaults(
  faults: readonly TableTokenFault[],
  isTruncated: boolean,
  suffix: string,
  t: Translate,
): AnswerFault[] {
  const isOpen = isTruncated || faults.some(({ kind }) => kind === 'cutTag' || kind === 'unclosed');
  const told = faults.filter(({ kind }) => kind !== 'cutTag' && kind !== 'unclosed').map(
    ({ kind, what, start, end }) => ({ message: tagFaultText(kind, what, t), start, end }),
  );
  if (!isOpen) return told;
  return [...told, { message: t('The answer ends before the table does.'), start: suffix.length, end: suffix.length }];
}

function tagFaultText(kind: TableTokenFault['kind'], what: string, t: Translate): string {
  const name = plainLine(what);
  switch (kind) {
    case 'noTable':
      return t('There is no row of a table in this answer.');
    case 'unknownTag':
      return t('“{0}” is no part of a table; only its text was taken.', name);
    case 'looseText':
      return t('“{0}” stands outside of any cell and is not shown.', name);
    case 'nestedTable':
      return t('A second table begins here; its rows were added to the first.');
    case 'looseEnd':
      return t('“{0}” ends here and was never begun.', name);
    case 'cutTag':
    case 'unclosed':
      return t('The answer ends before the table does.');
  }
}

function gridFaults(
  { rows, columns, isBounded, placeless, ragged, badSpan }: TableGrid,
  isTruncated: boolean,
  suffix: string,
  t: Translate,
): AnswerFault[] {
  const faults: AnswerFault[] = [];
  const [short] = ragged.filter(({ row }) => !isTruncated || row < rows - 1);
  if (short !== undefined && !isBounded) {
    const { row, covered, start } = short;
    const message = ragged.length === 1
      ? t('Row {0} has {1} of {2} columns.', row + 1, covered, columns)
      : t(
        '{0} rows are not complete; the first is row {1} with {2} of {3} columns.',
        ragged.length,
        row + 1,
        covered,
        columns,
      );
    faults.push({ message, start, end: start });
  }
  if (badSpan !== undefined) {
    const message = t(
      'A cell spans rows or columns that cannot be: from 1 to {0}, and none over another cell.',
      MOST_SPAN,
    );
    faults.push({ message, start: badSpan.start, end: badSpan.start });
  }
  const [lost] = placeless;
  if (lost !== undefined) {
    const message = placeless.length === 1
      ? t('The coordinates of a cell are no box in the picture.')
      : t('The coordinates of {0} cells are no boxes in the picture.', placeless.length);
    faults.push({ message, start: lost.start, end: lost.start });
  }
  if (isBounded) {
    const message = t(
      'The table is too large: its first {0} rows and {1} columns are shown. The raw answer has all of it.',
      rows,
      columns,
    );
    faults.push({ message, start: suffix.length, end: suffix.length });
  }
  return faults;
}
