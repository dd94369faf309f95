/** A table as other programs take it. Pure. */
import { escapeHtml, plainMarkdown } from '../markdownText';
import { oneSpaced } from '../plainText';
import type { TableCell, TableRun } from './tableGrid';

/** What the forms are made of. */
export interface WrittenTable {
  readonly rows: number;
  readonly columns: number;
  readonly headerRows: number;
  readonly cells: readonly TableCell[];
}

/** Wider columns are not padded: one long cell must not make every line as long. */
const WIDEST_PADDED = 40;

/** Texts row by row; a cell that spans several places stands at the first of them, the others are empty. */
export function textGrid({ rows, columns, cells }: WrittenTable): string[][] {
  const grid = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ''));
  for (const { row, column, text } of cells) {
    const line = grid[row];
    if (line !== undefined) line[column] = text;
  }
  return grid;
}

/** Columns for a person to read, in the form of a Markdown table; only bars are escaped. */
export function columnsText(table: WrittenTable): string {
  return pipeTable(textGrid(table).map(row => row.map(text => oneSpaced(text).replaceAll('|', '\\|'))));
}

/** A table of GitHub Flavored Markdown, in which nothing of the answer means anything. Its first row is the header. */
export function tableMarkdown(table: WrittenTable): string {
  return pipeTable(textGrid(table).map(row => row.map(markdownCell)));
}

function markdownCell(text: string): string {
  return text.split('\n').map(line => plainMarkdown(oneSpaced(line)).replaceAll('|', '\\|')).join('<br>');
}

function pipeTable([head, ...rows]: readonly (readonly string[])[]): string {
  if (head === undefined) return '';
  const widths = head.map((_, column) =>
    Math.min(WIDEST_PADDED, Math.max(3, ...[head, ...rows].slice(0, 1000).map(row => widthOf(row[column] ?? ''))))
  );
  const line = (row: readonly string[]) =>
    `| ${
      row.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)))).join(' | ')
    } |`;
  return [line(head), `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Places of a terminal or an editor that a text takes: two for each wide character. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text.slice(0, WIDEST_PADDED * 2)) {
    width +=
      /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(character)
        ? 2
        : /\p{Mark}/u.test(character)
        ? 0
        : 1;
  }
  return width;
}

/** Comma-separated values after RFC 4180. */
export function tableCsv(table: WrittenTable): string {
  return textGrid(table).map(row => `${row.map(csvField).join(',')}\r\n`).join('');
}

function csvField(text: string): string {
  const field = withoutFormula(text);
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Tab-separated values, a row a line: what spreadsheets take from the clipboard. */
export function tableTsv(table: WrittenTable): string {
  return textGrid(table).map(row => `${row.map(text => withoutFormula(oneSpaced(text))).join('\t')}\n`).join('');
}

/**
 * Spreadsheets run what begins with one of these signs. An apostrophe before it makes it text; a number stays one.
 * Source: OWASP, "CSV Injection".
 */
function withoutFormula(text: string): string {
  const isFormula = /^[\s]*[=+\-@＝＋－＠]/.test(text) && !/^[-+]?[\d.,]+\s?%?$/.test(text);
  return isFormula ? `'${text}` : text;
}

/** A table of HTML with its header, its spans and its marks. */
export function tableHtml({ rows, headerRows, cells }: WrittenTable): string {
  const lines = Array.from({ length: rows }, (): string[] => []);
  for (const cell of cells) lines[cell.row]?.push(htmlCell(cell));
  const written = lines.map(line => `<tr>${line.join('')}</tr>`);
  const section = (name: string, part: readonly string[]) =>
    part.length === 0 ? [] : [`<${name}>`, ...part, `</${name}>`];
  return [
    '<table>',
    ...section('thead', written.slice(0, headerRows)),
    ...section('tbody', written.slice(headerRows)),
    '</table>',
  ].map(line => `${line}\n`).join('');
}

function htmlCell({ isHeader, rowSpan, columnSpan, text, runs }: TableCell): string {
  const tag = isHeader ? 'th' : 'td';
  const spans = [['colspan', columnSpan], ['rowspan', rowSpan]] as const;
  const attributes = spans.filter(([, span]) => span > 1).map(([name, span]) => ` ${name}="${span}"`).join('');
  return `<${tag}${attributes}>${(runs ?? [{ text, marks: [] }]).map(htmlRun).join('')}</${tag}>`;
}

function htmlRun({ text, marks }: TableRun): string {
  const inner = escapeHtml(text).replaceAll('\n', '<br>');
  return marks.reduceRight((content, mark) => `<${mark}>${content}</${mark}>`, inner);
}
