/** Which lines of a data set are shown, and in which order; how many there are of each sort. Pure. */
import { filterWords, hasWords, plainLetters } from '../../../paligemma/src/filterWords';
import { isWrong } from './lineJudgement';
import { folderOf, type SetRow } from './setRow';

/**
 * `draft`: written by a model, and not looked at yet; `finding`: something is wrong; `empty`: no answer; `wrong`: a
 * model's answer was judged to be another.
 */
export const setStates = ['all', 'draft', 'finding', 'empty', 'wrong'] as const;
export type SetState = (typeof setStates)[number];

/** `rightness`: of a model's answer; lines whose answer nobody judged stand behind the right ones. */
export const setOrders = ['line', 'picture', 'regions', 'findings', 'rightness'] as const;
export type SetOrder = (typeof setOrders)[number];

export interface SetFilter {
  /** Words that all have to stand in names of pictures, prompt or answer; empty: any. */
  readonly text: string;
  readonly state: SetState;
  /** Undefined: any; the empty string is the label of boxes that have none. */
  readonly label?: string;
  /** See `folderOf`. */
  readonly folder?: string;
  /** Code of a finding. */
  readonly code?: string;
}

export interface SetSort {
  readonly by: SetOrder;
  readonly isDescending: boolean;
}

export const wholeSet: SetFilter = { text: '', state: 'all' };
export const lineOrder: SetSort = { by: 'line', isDescending: false };

/** How lines of a state are sorted until the person says otherwise: of wrong answers the worst comes first. */
export function firstOrder(state: SetState): SetSort {
  return state === 'wrong' ? { by: 'rightness', isDescending: false } : lineOrder;
}

/** Beyond what is right. */
const NOT_JUDGED = 2;

const names = new Intl.Collator(undefined, { numeric: true });

/** @param rows In the order of the file, which is that of rows that are equal otherwise. */
export function shownSetRows(rows: readonly SetRow[], filter: SetFilter, sort: SetSort): readonly SetRow[] {
  const words = filterWords(filter.text);
  const found = rows.filter(row => isShown(row, filter, words));
  if (sort.by === 'line') return sort.isDescending ? found.reverse() : found;
  const compare = orders[sort.by];
  return found.sort((a, b) => sort.isDescending ? compare(b, a) : compare(a, b));
}

const orders: Readonly<Record<Exclude<SetOrder, 'line'>, (a: SetRow, b: SetRow) => number>> = {
  picture: (a, b) => names.compare(a.images[0] ?? '', b.images[0] ?? ''),
  regions: (a, b) => a.labels.length - b.labels.length,
  findings: (a, b) => (a.findings?.length ?? 0) - (b.findings?.length ?? 0),
  rightness: (a, b) => (a.judgement?.rightness ?? NOT_JUDGED) - (b.judgement?.rightness ?? NOT_JUDGED),
};

function isShown(row: SetRow, { state, label, folder, code }: SetFilter, words: readonly string[]): boolean {
  return isOfState[state](row)
    && (label === undefined || row.labels.includes(label))
    && (folder === undefined || folderOf(row) === folder)
    && (code === undefined || row.findings?.some(finding => finding.code === code) === true)
    && (words.length === 0 || hasWords(searchedText(row), words));
}

/** Worked out once of each row, so that a hundred thousand are filtered at every keystroke. */
const searched = new WeakMap<SetRow, string>();

function searchedText(row: SetRow): string {
  const known = searched.get(row);
  if (known !== undefined) return known;
  const text = plainLetters([...row.images, row.prefix, row.suffix].join('\n'));
  searched.set(row, text);
  return text;
}

const isOfState: Readonly<Record<SetState, (row: SetRow) => boolean>> = {
  all: () => true,
  draft: row => row.isDraft,
  finding: row => (row.findings?.length ?? 0) > 0,
  empty: row => row.isLine && row.suffix === '',
  wrong: ({ judgement }) => judgement !== undefined && isWrong(judgement),
};

export interface SetCounts {
  readonly states: Readonly<Record<SetState, number>>;
  /** Of lines that have it, the most first, and of equal ones in the order of their letters. */
  readonly labels: readonly Count[];
  readonly folders: readonly Count[];
  readonly codes: readonly Count[];
  /** Lines whose answer by a model was judged. */
  readonly judged: number;
}
export type Count = readonly [name: string, lines: number];

/** A list of more choices is none. */
const MOST_CHOICES = 500;

export function countsOfSet(rows: readonly SetRow[]): SetCounts {
  const states = { all: 0, draft: 0, finding: 0, empty: 0, wrong: 0 };
  const [labels, folders, codes] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  let judged = 0;
  for (const row of rows) {
    if (row.judgement !== undefined) judged++;
    for (const state of setStates) if (isOfState[state](row)) states[state]++;
    for (const label of new Set(row.labels)) count(labels, label);
    if (row.images.length > 0) count(folders, folderOf(row));
    for (const code of new Set(row.findings?.map(finding => finding.code))) count(codes, code);
  }
  return { states, labels: mostFirst(labels), folders: mostFirst(folders), codes: mostFirst(codes), judged };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function mostFirst(counts: ReadonlyMap<string, number>): readonly Count[] {
  return [...counts].sort(([a, one], [b, other]) => other - one || names.compare(a, b)).slice(0, MOST_CHOICES);
}
