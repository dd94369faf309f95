/** `**kern` as text → records and columns, with what is wrong and in which line. Pure; never throws. */
import { isManipulation, manipulated, type Spine } from './spines';
import { notesIn, tokenFault } from './token';

/** `kern` itself, and the two forms in which models learn it: `·` and `@` between the parts of a token. */
export type KernForm = 'kern' | 'ekern' | 'bekern';

export type LineKind = 'header' | 'interpretation' | 'bar' | 'data' | 'comment' | 'empty';

export interface KernLine {
  /** From 1, of the answer. */
  readonly line: number;
  readonly kind: LineKind;
  /** As plain `**kern`, one for each column; one alone for a comment on the whole. */
  readonly fields: readonly string[];
  /** The staff of each field; empty where they are not as many as the columns. */
  readonly staves: readonly number[];
}

export type KernFaultReason =
  | 'empty'
  | 'emptyLine'
  | 'fields'
  | 'emptyField'
  | 'mixed'
  | 'manipulation'
  | 'duration'
  | 'pitch'
  | 'afterEnd'
  | 'noEnd'
  | 'tooLong';

export interface KernFault {
  readonly reason: KernFaultReason;
  /** From 1, of the answer. */
  readonly line: number;
  /** From 1; absent where the whole line is meant. */
  readonly column?: number;
  /** The token that is meant; for `fields` how many there are. */
  readonly text: string;
  /** How many fields there should be. */
  readonly expected?: number;
}

export interface Kern {
  readonly form: KernForm;
  readonly hasHeader: boolean;
  /** All lines of the answer, none trimmed and none joined, at most {@link MOST_LINES}. */
  readonly lines: readonly KernLine[];
  /** How many staves, or other columns, the first record has. */
  readonly staves: number;
  readonly bars: number;
  readonly notes: number;
  /** In the order of the lines, at most {@link MOST_FAULTS}. */
  readonly faults: readonly KernFault[];
  /** How many more there are. */
  readonly moreFaults: number;
}

export const MOST_FAULTS = 20;
/** Beyond it, which no model writes, nothing is read. */
export const MOST_LINES = 20_000;

const separators = /[·@]/g;

/**
 * Reads music as models write it: with its header or without, as kern, ekern or bekern. Without one every column is
 * taken as music. Time grows with the length only.
 * Source: Humdrum user guide; SMT afcdefd, `data.py`, for the forms of the separators.
 */
export function readKern(text: string): Kern {
  return new KernReader(text).read();
}

/** Which of the forms it is: by its header, else by the separators that occur. */
export function kernForm(text: string): KernForm {
  const [, named] = /^\*\*(b?e?kern)/m.exec(text) ?? [];
  if (named === 'bekern' || named === 'ekern') return named;
  if (named === 'kern' || !text.includes('·')) return 'kern';
  return text.includes('@') ? 'bekern' : 'ekern';
}

/**
 * A line as plain `**kern`: the header's name, and tokens without the separators. Comments stay as they are.
 */
export function plainKernLine(line: string, form: KernForm): string {
  if (form === 'kern' || line.startsWith('!')) return line;
  return line.startsWith('**') ? line.replace(/\*\*b?ekern(?:_[\d.]+)?/g, '**kern') : line.replace(separators, '');
}

/** The answer's lines: a newline at the end is the end of the last one. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/, MOST_LINES + 2);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function kindOf(line: string): LineKind {
  if (line === '') return 'empty';
  if (line.startsWith('**')) return 'header';
  if (line.startsWith('*')) return 'interpretation';
  if (line.startsWith('=')) return 'bar';
  return line.startsWith('!') ? 'comment' : 'data';
}

class KernReader {
  private readonly faults: KernFault[] = [];
  private moreFaults = 0;
  private readonly form: KernForm;
  /** Undefined until the first record tells how many there are. */
  private spines: readonly Spine[] | undefined;
  private staves = 0;
  private nextStaff = 0;
  private hasHeader = false;
  private bars = 0;
  private notes = 0;
  private lastLine = 0;

  constructor(private readonly text: string) {
    this.form = kernForm(text);
  }

  read(): Kern {
    const written = linesOf(this.text);
    const lines = written.slice(0, MOST_LINES).map((line, index) =>
      this.line(plainKernLine(line, this.form), index + 1)
    );
    if (written.length > MOST_LINES) this.fault({ reason: 'tooLong', line: MOST_LINES, text: '' });
    else if (this.spines === undefined) this.fault({ reason: 'empty', line: 1, text: '' });
    else if (this.spines.length > 0) this.fault({ reason: 'noEnd', line: this.lastLine, text: '' });
    const { form, hasHeader, staves, bars, notes, faults, moreFaults } = this;
    return { form, hasHeader, lines, staves, bars, notes, faults, moreFaults };
  }

  private line(text: string, line: number): KernLine {
    this.lastLine = line;
    const kind = kindOf(text);
    if (kind === 'empty') this.fault({ reason: 'emptyLine', line, text: '' });
    if (kind === 'empty' || text.startsWith('!!')) return { line, kind, fields: [text], staves: [] };
    const fields = text.split('\t');
    const spines = this.spines ?? this.begin(fields, kind);
    if (spines.length === 0) {
      this.fault({ reason: 'afterEnd', line, text });
      return { line, kind, fields, staves: [] };
    }
    if (fields.length !== spines.length) {
      this.fault({ reason: 'fields', line, text: String(fields.length), expected: spines.length });
      return { line, kind, fields, staves: [] };
    }
    this.record(fields, kind, line, spines);
    return { line, kind, fields, staves: spines.map(({ staff }) => staff) };
  }

  private begin(fields: readonly string[], kind: LineKind): readonly Spine[] {
    this.hasHeader = kind === 'header';
    this.spines = fields.map((field, staff) => ({ staff, isMusic: !this.hasHeader || field === '**kern' }));
    this.staves = fields.length;
    this.nextStaff = fields.length;
    return this.spines;
  }

  private record(fields: readonly string[], kind: LineKind, line: number, spines: readonly Spine[]): void {
    const empty = fields.indexOf('');
    if (empty >= 0) this.fault({ reason: 'emptyField', line, column: empty + 1, text: '' });
    const other = fields.findIndex(field => field !== '' && !belongs(field, kind));
    if (other >= 0) this.fault({ reason: 'mixed', line, column: other + 1, text: fields[other] ?? '' });
    else if (kind === 'data') this.data(fields, line, spines);
    if (kind === 'bar') this.bars++;
    if (kind === 'header') this.renamed(fields, spines);
    if (kind === 'interpretation' && isManipulation(fields)) this.manipulate(fields, line, spines);
  }

  private data(fields: readonly string[], line: number, spines: readonly Spine[]): void {
    for (const [index, field] of fields.entries()) {
      if (spines[index]?.isMusic !== true || field === '') continue;
      const reason = tokenFault(field);
      if (reason === undefined) this.notes += notesIn(field);
      else this.fault({ reason, line, column: index + 1, text: field });
    }
  }

  /** The record behind `*+` says what the added column is. */
  private renamed(fields: readonly string[], spines: readonly Spine[]): void {
    this.spines = spines.map((spine, index) => ({ ...spine, isMusic: isMusicNow(fields[index], spine.isMusic) }));
  }

  private manipulate(fields: readonly string[], line: number, spines: readonly Spine[]): void {
    const after = manipulated(spines, fields, this.nextStaff);
    if (after === undefined) this.fault({ reason: 'manipulation', line, text: fields.join(' ') });
    else {
      this.nextStaff += fields.filter(field => field === '*+').length;
      this.spines = after;
    }
  }

  private fault(fault: KernFault): void {
    if (this.faults.length < MOST_FAULTS) this.faults.push(fault);
    else this.moreFaults++;
  }
}

function isMusicNow(field: string | undefined, before: boolean): boolean {
  return field?.startsWith('**') === true ? field === '**kern' : before;
}

/** A record is of one kind in all of its columns. */
function belongs(field: string, kind: LineKind): boolean {
  switch (kind) {
    case 'header':
    case 'interpretation':
      return field.startsWith('*');
    case 'bar':
      return field.startsWith('=');
    case 'comment':
      return field.startsWith('!');
    default:
      return !/^[*=!]/.test(field);
  }
}
