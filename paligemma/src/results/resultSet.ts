/** One prompt on many pictures with what came of it: a data set that nobody has saved yet. */
import type { KindName } from '../kinds/kinds';
import type { RunChoices } from '../runChoices';
import { withoutMasks, type RunOutcome, type RunResult } from '../runResult';
import { untranslated, type Translate } from '../translate';
import { rowOf, type ResultRow } from './resultRow';
import type { RowPair } from './shownRows';

/** What was asked. */
export interface ResultSetOrder {
  readonly id: string;
  /** What is being done, for example "Captioning". */
  readonly title: string;
  readonly prompt: string;
  readonly choices: RunChoices;
  /** What the answers are; absent: what they look like. */
  readonly show?: KindName;
  readonly pictures: readonly SetPicture[];
}

export interface SetPicture {
  readonly imageUri: string;
  /** As the person knows it: relative to the workspace where it lies in one. */
  readonly name: string;
}

interface Entry {
  outcome: RunOutcome | undefined;
  row: ResultRow;
  /** Characters of its masks. */
  maskSize: number;
  /** Its masks were given up, and lie in the result store only. */
  lacksMasks: boolean;
}

export class ResultSet {
  private readonly entries: Entry[];
  private readonly listeners = new Set<(indices: readonly number[]) => void>();
  private heldMasks = 0;
  private isRunning = false;

  /** @param t The language of what the kinds of answers say of them. */
  constructor(readonly order: ResultSetOrder, private readonly t: Translate = untranslated) {
    this.entries = order.pictures.map(({ name }) => ({
      outcome: undefined,
      row: rowOf(name, undefined),
      maskSize: 0,
      lacksMasks: false,
    }));
  }

  get size(): number {
    return this.entries.length;
  }

  /** Characters of all masks that are held. */
  get maskSize(): number {
    return this.heldMasks;
  }

  get rows(): readonly ResultRow[] {
    return this.entries.map(({ row }) => row);
  }

  /** Name of the model that answered; undefined before the first answer. */
  get answeredBy(): string | undefined {
    for (const { outcome } of this.entries) {
      if (outcome !== undefined && 'result' in outcome) return outcome.result.model;
    }
    return undefined;
  }

  /** Calls back with the indices of the pictures whose outcome is another one, and when a run begins or ends. */
  onDidChange(listener: (indices: readonly number[]) => void): { dispose(): void } {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }

  /** Whether its pictures are being asked about now. */
  get isUnderWay(): boolean {
    return this.isRunning;
  }

  /** Tells those who listen, with no indices. */
  set isUnderWay(is: boolean) {
    this.isRunning = is;
    this.tell([]);
  }

  row(index: number): ResultRow | undefined {
    return this.entries[index]?.row;
  }

  outcome(index: number): RunOutcome | undefined {
    return this.entries[index]?.outcome;
  }

  /** With its masks, unless they were given up: see {@link lacksMasks}. */
  result(index: number): RunResult | undefined {
    const outcome = this.outcome(index);
    return outcome !== undefined && 'result' in outcome ? outcome.result : undefined;
  }

  lacksMasks(index: number): boolean {
    return this.entries[index]?.lacksMasks === true;
  }

  /** Indices of the pictures in a state. */
  inState(...states: readonly ResultRow['state'][]): number[] {
    return [...this.entries.keys()].filter(index => states.includes(this.entries[index]?.row.state ?? 'waiting'));
  }

  put(outcomes: ReadonlyMap<number, RunOutcome | undefined>): void {
    for (const [index, outcome] of outcomes) {
      const entry = this.entries[index];
      if (entry === undefined) continue;
      const maskSize = outcome !== undefined && 'result' in outcome ? maskSizeOf(outcome.result) : 0;
      this.heldMasks += maskSize - entry.maskSize;
      Object.assign(entry, { outcome, maskSize, lacksMasks: false, row: this.rowOf(entry, outcome) });
    }
    this.tell([...outcomes.keys()]);
  }

  /** An answer that is known without its masks, which it had. */
  putWithoutMasks(index: number, outcome: RunOutcome, hasMasks: boolean): void {
    const entry = this.entries[index];
    if (entry === undefined) return;
    this.heldMasks -= entry.maskSize;
    const row = { ...this.rowOf(entry, outcome), hasMasks };
    Object.assign(entry, { outcome, maskSize: 0, lacksMasks: hasMasks, row });
    this.tell([index]);
  }

  /** Gives the masks of its first pictures up, until it holds no more than so many characters. Nobody is told. */
  giveUpMasks(most: number): void {
    for (const entry of this.entries) {
      if (this.heldMasks <= most) return;
      const { outcome } = entry;
      if (entry.maskSize === 0 || outcome === undefined || !('result' in outcome)) continue;
      this.heldMasks -= entry.maskSize;
      Object.assign(entry, {
        outcome: { ...outcome, result: withoutMasks(outcome.result) },
        maskSize: 0,
        lacksMasks: true,
      });
    }
  }

  private rowOf({ row: { name } }: Entry, outcome: RunOutcome | undefined): ResultRow {
    return rowOf(name, outcome, this.order.show, this.t);
  }

  private tell(indices: readonly number[]): void {
    for (const listener of this.listeners) listener(indices);
  }
}

/** Where a picture stands in the runs that are shown; `other` where two are compared and the other has it too. */
export interface PairPlace {
  readonly index: number | undefined;
  readonly other?: number;
}

/** The pictures of one run in their order, then those that only the other one has. */
export function pairPlaces(one: ResultSet, other: ResultSet | undefined): readonly PairPlace[] {
  if (other === undefined) return [...Array(one.size).keys()].map(index => ({ index }));
  const places = new Map(other.order.pictures.map(({ imageUri }, index) => [imageUri, index]));
  const paired = one.order.pictures.map(({ imageUri }, index) => {
    const place = places.get(imageUri);
    places.delete(imageUri);
    return place === undefined ? { index } : { index, other: place };
  });
  return [...paired, ...[...places.values()].map(place => ({ index: undefined, other: place }))];
}

export function pairAt(one: ResultSet, other: ResultSet | undefined, place: PairPlace): RowPair {
  const picture = place.index === undefined ? other?.row(place.other ?? -1) : one.row(place.index);
  const row = place.index === undefined ? undefined : one.row(place.index);
  const unasked = rowOf(picture?.name ?? '', undefined);
  if (other === undefined) return { row: row ?? unasked };
  return { row: row ?? unasked, other: (place.other === undefined ? undefined : other.row(place.other)) ?? unasked };
}

function maskSizeOf({ regions }: RunResult): number {
  return regions.reduce((sum, { mask }) => sum + (mask?.png.length ?? 0), 0);
}
