/** Music in columns, one for each staff, bars and faults marked; the numbers of the lines are those of the answer. */
import type { MusicLine } from '../../../paligemma/src/kinds/music';
import { element, filled } from '../../dom/dom';
import { plate } from './plate';
import type { Draw } from './drawing';
import { roving } from './roving';

/** More lines would only make the page slow. */
const MOST_LINES = 1000;

export const drawMusic: Draw<'music'> = ({ lines, staves }, into, { words, drawing }) => {
  if (drawing?.picture !== undefined) into.append(plate(drawing.picture));
  const shown = lines.slice(0, MOST_LINES);
  const heads = [
    element('th', { scope: 'col' }, [words.line]),
    ...staves.map(({ columns }, staff) =>
      element('th', { scope: 'col', ...spanning(columns) }, [filled(words.staff, staff + 1)])
    ),
  ];
  const rows = shown.map(rowOf);
  const table = element('table', { class: 'answer-table music', role: 'grid', 'aria-label': words.answer }, [
    element('thead', {}, [element('tr', {}, heads)]),
    element('tbody', {}, rows.map(({ row }) => row)),
  ]);
  into.append(element('div', { class: 'table-room' }, [table]));
  if (lines.length > shown.length) {
    into.append(element('p', { class: 'waiting' }, [filled(words.moreLines, lines.length - shown.length)]));
  }
  roving(table, rows.map(({ cells }) => cells), () => undefined);
  return {};
};

function rowOf(
  { line, kind, cells, isFaulty }: MusicLine,
): { readonly row: HTMLElement; readonly cells: HTMLElement[] } {
  const number = element('th', { scope: 'row' }, [isFaulty ? `${line} ⚠` : String(line)]);
  const fields = cells.map(({ text, columns }) => element('td', { dir: 'ltr', ...spanning(columns) }, [visible(text)]));
  const row = element('tr', { class: isFaulty ? `${kind} faulty` : kind }, [number, ...fields]);
  // As often as it spans, so that the arrow keys keep their column.
  return {
    row,
    cells: fields.flatMap((field, index) => Array.from({ length: cells[index]?.columns ?? 1 }, () => field)),
  };
}

function spanning(columns: number): Readonly<Record<string, string>> {
  return columns > 1 ? { colspan: String(columns) } : {};
}

/** A TAB that is too much would not be seen. */
function visible(text: string): string {
  return text.replaceAll('\t', ' ⇥ ');
}
