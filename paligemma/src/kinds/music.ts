/** An answer that is music, written as Humdrum `**kern` or in one of the forms in which models learn it. */
import { plainKernLine, readKern, type Kern, type KernFault, type KernForm, type LineKind } from '../kern/kern';
import { plainText } from '../plainText';
import type { Translate } from '../translate';
import { answerKind, type AnswerFault } from './kind';
import { isAskedFor } from './prompts';

export interface MusicLine {
  /** From 1, of the answer. */
  readonly line: number;
  readonly kind: LineKind;
  readonly cells: readonly MusicCell[];
  /** Whether something is wrong with it. */
  readonly isFaulty: boolean;
}

/** A field of a record, over as many of the table's columns as it takes. */
export interface MusicCell {
  readonly text: string;
  readonly columns: number;
}

export interface MusicAnswer {
  readonly form: KernForm;
  /** Of the table, from the left: each staff, lowest first, with the columns that it takes where it is split most. */
  readonly staves: readonly { readonly columns: number }[];
  readonly bars: number;
  readonly notes: number;
  readonly lines: readonly MusicLine[];
  /** Whether each record has a field for each of its columns, which programs for music ask for. */
  readonly hasColumns: boolean;
  /** The whole as plain `**kern`, with its header; no line of the answer is trimmed, joined or left out. */
  readonly kern: string;
}

/** Words of prompts and models for music. */
const words = ['kern', 'bekern', 'ekern', 'music', 'score', 'sheet', 'notes', 'grandstaff', 'omr', 'smt'];
/** What is looked at to tell whether it is music. */
const LOOKED_CHARACTERS = 4000;
/** A line of a table has no more columns, those of all its staves together. */
const MOST_COLUMNS = 100;

export const music = answerKind<MusicAnswer>({
  title: t => t('Music'),
  about: t => t('music as **kern, in columns, one for each staff'),
  isLikely: ({ prompt, model, suffix }) =>
    /^\s*\*\*b?e?kern/.test(suffix)
    || isKern(suffix.slice(0, LOOKED_CHARACTERS), isAskedFor({ prompt, model }, words)),
  read(suffix, { isTruncated, t }) {
    const kern = readKern(suffix);
    const { form, bars, notes } = kern;
    const { staves, lines } = tableOf(kern);
    return {
      data: { form, staves, bars, notes, lines, hasColumns: isRegular(kern), kern: plainText(plainKern(suffix, kern)) },
      faults: faultsOf(suffix, kern, isTruncated, t),
    };
  },
  text: ({ kern }) => kern.replace(/\n$/, ''),
  json: ({ form, staves, bars, notes, kern }) => ({
    form,
    spines: staves.length,
    bars,
    notes,
    records: kern === '' ? [] : kern.replace(/\n$/, '').split('\n').map(line => line.split('\t')),
  }),
  exports: { kern: { title: () => 'Humdrum **kern', ending: '.krn', write: ({ kern }) => kern } },
});

/** Without its header: most of the lines are records of notes, in columns or where music was asked for. */
function isKern(text: string, isAsked: boolean): boolean {
  const { lines, staves, notes, faults, moreFaults } = readKern(text);
  const wrong = faults.length + moreFaults;
  return lines.length >= 3 && notes >= 3 && (isAsked || staves > 1) && wrong <= lines.length / 4;
}

/** The text as plain `**kern`: with a header where there is none. */
function plainKern(text: string, { form, hasHeader, staves }: Kern): string {
  const lines = text.split('\n').map(line => plainKernLine(line, form));
  if (lines.at(-1) === '') lines.pop();
  const header = hasHeader || staves === 0 ? [] : [Array.from({ length: staves }, () => '**kern').join('\t')];
  return [...header, ...lines].map(line => `${line}\n`).join('');
}

/** Not for music of which nothing is there. */
function isRegular({ lines, staves }: Kern): boolean {
  return staves > 0
    && lines.every(({ kind, fields, staves: of }) =>
      kind !== 'empty' && (of.length === fields.length || fields[0]?.startsWith('!!') === true)
    );
}

function tableOf({ lines, staves, faults }: Kern): Pick<MusicAnswer, 'staves' | 'lines'> {
  const widths = widthsOf(lines, staves);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const faulty = new Set(faults.map(({ line }) => line));
  return {
    staves: widths.map(columns => ({ columns })),
    lines: lines.map(({ line, kind, fields, staves: of }) => ({
      line,
      kind,
      cells: fields.length === of.length && haveRoom(of, widths)
        ? placed(fields, of, widths)
        : spread(fields, total),
      isFaulty: faulty.has(line),
    })),
  };
}

/** Of each staff, the columns that it takes where it is split most, as long as there are some left. */
function widthsOf(lines: Kern['lines'], staves: number): number[] {
  const widths = Array.from({ length: Math.min(staves, MOST_COLUMNS) }, () => 1);
  let left = MOST_COLUMNS - widths.length;
  for (const line of lines) {
    for (const [staff, count] of countsOf(line.staves)) {
      for (; widths.length <= staff && left > 0; left--) widths.push(1);
      const width = widths[staff];
      if (width === undefined || count <= width) continue;
      const more = Math.min(count - width, left);
      widths[staff] = width + more;
      left -= more;
    }
  }
  return widths;
}

function haveRoom(staves: readonly number[], widths: readonly number[]): boolean {
  return [...countsOf(staves)].every(([staff, count]) => count <= (widths[staff] ?? 0));
}

function countsOf(staves: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const staff of staves) counts.set(staff, (counts.get(staff) ?? 0) + 1);
  return counts;
}

/** Each field under its staff, whatever was exchanged; the last of a staff takes the columns that are left there. */
function placed(fields: readonly string[], staves: readonly number[], widths: readonly number[]): MusicCell[] {
  const byStaff = widths.map((): string[] => []);
  for (const [index, text] of fields.entries()) byStaff[staves[index] ?? 0]?.push(text);
  return byStaff.flatMap((texts, staff) => filling(texts, widths[staff] ?? 1));
}

/** The last of the texts takes the columns that are left; without any they are left empty. */
function filling(texts: readonly string[], columns: number): MusicCell[] {
  if (texts.length === 0) return [{ text: '', columns }];
  return texts.map((text, index) => ({
    text,
    columns: index === texts.length - 1 ? Math.max(1, columns - index) : 1,
  }));
}

/** Fields that belong to no column: from the left, the last over the rest; what is too much stands in the last. */
function spread(fields: readonly string[], total: number): MusicCell[] {
  if (fields.length > total) {
    const last = Math.max(0, total - 1);
    return [
      ...fields.slice(0, last).map(text => ({ text, columns: 1 })),
      { text: fields.slice(last).join('\t'), columns: 1 },
    ];
  }
  return filling(fields, total);
}

function faultsOf(suffix: string, { faults, moreFaults }: Kern, isTruncated: boolean, t: Translate): AnswerFault[] {
  const lines = suffix.split('\n');
  const starts = startsOf(lines);
  const end = suffix.length;
  // What a cut line lacks is no fault of its own.
  const own = isTruncated
    ? faults.filter(({ reason, line }) => !['noEnd', 'empty'].includes(reason) && line < lines.length)
    : faults;
  const told = own.map(fault => {
    const line = lines[fault.line - 1] ?? '';
    const start = starts[fault.line - 1] ?? 0;
    const before = fault.column === undefined ? [] : line.split('\t').slice(0, fault.column - 1);
    const from = start + before.reduce((sum, field) => sum + field.length + 1, 0);
    const length = fault.column === undefined ? line.length : line.slice(from - start).split('\t')[0]?.length ?? 0;
    return { message: sentence(fault, t), start: from, end: from + length };
  });
  if (moreFaults > 0) {
    told.push({ message: t('More faults behind these: {0}.', moreFaults), start: told.at(-1)?.end ?? 0, end });
  }
  return isTruncated ? [...told, { message: t('The answer ends before the music does.'), start: end, end }] : told;
}

function startsOf(lines: readonly string[]): number[] {
  let start = 0;
  return lines.map(line => {
    const here = start;
    start += line.length + 1;
    return here;
  });
}

function sentence({ reason, line, column = 0, text, expected = 0 }: KernFault, t: Translate): string {
  const token = plainText(text).slice(0, 60);
  switch (reason) {
    case 'empty':
      return t('There is no music in this answer.');
    case 'emptyLine':
      return t('Line {0} is empty.', line);
    case 'fields':
      return t(
        'Fields in line {0}: {1}, columns: {2}. A TAB is missing, or one is too much.',
        line,
        text,
        expected,
      );
    case 'emptyField':
      return t('Line {0}, column {1} is empty.', line, column);
    case 'mixed':
      return t('Line {0}, column {1}: “{2}” is of another kind than the rest of the line.', line, column, token);
    case 'manipulation':
      return t('Line {0} joins or exchanges columns that have no partner.', line);
    case 'duration':
      return t('Line {0}, column {1}: “{2}” has no duration that can be read.', line, column, token);
    case 'pitch':
      return t('Line {0}, column {1}: “{2}” has no pitch that can be read.', line, column, token);
    case 'afterEnd':
      return t('Line {0} stands behind the end of all columns.', line);
    case 'noEnd':
      return t('The columns are not ended by “*-”.');
    case 'tooLong':
      return t('Nothing behind line {0} was read.', line);
  }
}
