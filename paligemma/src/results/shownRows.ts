/** Which pictures of a run are shown, and in which order. */
import { filterWords, hasWords, plainLetters } from '../filterWords';
import { compared } from './comparison';
import { rowStates, type ResultRow, type RowState } from './resultRow';

/** A picture with its answer, and, where two runs are compared, the other's answer. */
export interface RowPair {
  readonly row: ResultRow;
  readonly other?: ResultRow;
}

/** `different`: of two runs that are compared. */
export const stateFilters = ['all', ...rowStates, 'different'] as const;
export type StateFilter = (typeof stateFilters)[number];

/** `given`: as they were asked; `difference`: of two runs that are compared, the most different first. */
export const rowOrders = ['given', 'name', 'text', 'regions', 'confidence', 'state', 'difference'] as const;
export type RowOrder = (typeof rowOrders)[number];

export interface RowFilter {
  /** Words that all have to stand in name, answer or labels; empty: any. */
  readonly text: string;
  /** Undefined: any; the empty string is the label of regions that have none. */
  readonly label?: string;
  readonly state: StateFilter;
  /** Answers that the model was less sure of, 0…1; those of which it is not known are left out. Undefined: any. */
  readonly below?: number;
}

export interface RowSort {
  readonly by: RowOrder;
  readonly isDescending: boolean;
}

export const noFilter: RowFilter = { text: '', state: 'all' };
export const givenOrder: RowSort = { by: 'given', isDescending: false };

const names = new Intl.Collator(undefined, { numeric: true });

/** Holds what is worked out once of each row, so that thousands are filtered at every keystroke. */
export class RowIndex {
  private readonly searched: (string | undefined)[] = [];
  private readonly differences: (number | undefined)[] = [];

  constructor(readonly pairs: readonly RowPair[]) {}

  /** Indices into `pairs`. */
  shown(filter: RowFilter, sort: RowSort): number[] {
    const words = filterWords(filter.text);
    const found = [...this.pairs.keys()].filter(index => this.isShown(index, filter, words));
    if (sort.by === 'given') return sort.isDescending ? found.reverse() : found;
    return this.sorted(found, sort);
  }

  /** 0: alike; 1: nothing in common. 0 where nothing is compared. */
  difference(index: number): number {
    const { row, other } = this.pairs[index] ?? {};
    if (row === undefined || other === undefined) return 0;
    return this.differences[index] ??= compared(row, other).difference;
  }

  /** The other rows of the same runs, of which those named have changed. */
  with(changes: ReadonlyMap<number, RowPair>): RowIndex {
    const next = new RowIndex(this.pairs.map((pair, index) => changes.get(index) ?? pair));
    for (const index of this.pairs.keys()) {
      if (changes.has(index)) continue;
      next.searched[index] = this.searched[index];
      next.differences[index] = this.differences[index];
    }
    return next;
  }

  private isShown(index: number, { label, state, below }: RowFilter, words: readonly string[]): boolean {
    const sides = this.sides(index);
    if (state === 'different' ? this.difference(index) === 0 : state !== 'all' && !sides.some(isIn(state))) {
      return false;
    }
    if (label !== undefined && !sides.some(({ regions }) => regions.some(region => region.label === label))) {
      return false;
    }
    if (below !== undefined && !sides.some(({ confidence }) => confidence !== undefined && confidence < below)) {
      return false;
    }
    return words.length === 0 || hasWords(this.searchedText(index), words);
  }

  private searchedText(index: number): string {
    return this.searched[index] ??= plainLetters(
      this.sides(index).flatMap(({ name, text, regions }) => [name, text, ...regions.map(({ label }) => label)])
        .join('\n'),
    );
  }

  private sides(index: number): readonly ResultRow[] {
    const { row, other } = this.pairs[index] ?? {};
    return [row, other].filter(side => side !== undefined);
  }

  /** What is not known comes last, whichever way; what is equal stays in the order given. */
  private sorted(found: readonly number[], { by, isDescending }: RowSort): number[] {
    const keys = new Map(found.map(index => [index, this.keyOf(index, by)]));
    return [...found].sort((a, b) => {
      const [key, otherKey] = [keys.get(a), keys.get(b)];
      if (key === undefined || otherKey === undefined) {
        return Number(key === undefined) - Number(otherKey === undefined) || a - b;
      }
      const order = typeof key === 'string' && typeof otherKey === 'string'
        ? names.compare(key, otherKey)
        : Number(key) - Number(otherKey);
      return (isDescending ? -order : order) || a - b;
    });
  }

  /** The most different come first without that the person has to turn the order around. */
  private keyOf(index: number, by: RowOrder): string | number | undefined {
    const row = this.pairs[index]?.row;
    if (by === 'difference') return -this.difference(index);
    return by === 'given' || row === undefined ? index : sortKeys[by](row);
  }
}

const sortKeys: Readonly<
  Record<Exclude<RowOrder, 'given' | 'difference'>, (row: ResultRow) => string | number | undefined>
> = {
  name: ({ name }) => name,
  text: ({ state, regions, text }) =>
    state === 'waiting' ? undefined : [...regions.map(({ label }) => label), text].join(' ').trim() || undefined,
  regions: ({ state, regions }) => state === 'answered' || state === 'empty' ? regions.length : undefined,
  confidence: ({ confidence }) => confidence,
  state: ({ state }) => rowStates.indexOf(state),
};

export interface RowCounts {
  readonly states: Readonly<Record<RowState, number>>;
  /** By label, the number of pictures that have it, most first. */
  readonly labels: readonly (readonly [label: string, pictures: number])[];
  /** Whether the model told of any answer how sure it was. */
  readonly hasConfidence: boolean;
  readonly different: number;
}

export function countsOf(index: RowIndex): RowCounts {
  const states = { answered: 0, empty: 0, failed: 0, waiting: 0 };
  const labels = new Map<string, number>();
  let [hasConfidence, different] = [false, 0];
  index.pairs.forEach(({ row, other }, at) => {
    states[row.state]++;
    hasConfidence ||= row.confidence !== undefined;
    const regions = [...row.regions, ...other?.regions ?? []];
    for (const label of new Set(regions.map(each => each.label))) labels.set(label, (labels.get(label) ?? 0) + 1);
    if (other !== undefined && index.difference(at) > 0) different++;
  });
  return {
    states,
    labels: [...labels].sort(([a, amount], [b, others]) => others - amount || (a < b ? -1 : 1)),
    hasConfidence,
    different,
  };
}

function isIn(state: RowState): (row: ResultRow) => boolean {
  return row => row.state === state;
}
