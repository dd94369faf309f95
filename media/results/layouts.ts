/** How large tiles and rows are, by the room and the size of letters. Pure. */
import type { ResultsWords } from '../../client/src/contract/results';
import type { RowOrder } from '../../paligemma/src/results/shownRows';

export interface Measures {
  readonly columns: number;
  /** CSS pixels. */
  readonly rowHeight: number;
}

/** In letters' sizes: the least width of a tile with one picture and with two, the gap, the heights. */
const TILE = { one: 15, two: 24, gap: 0.75, height: 17.5 };
const TABLE_HEIGHT = 5.5;

/** @param width Of the room. @param em Size of the page's letters. CSS pixels. */
export function gridMeasures(width: number, em: number, isCompared: boolean): Measures {
  const least = (isCompared ? TILE.two : TILE.one) * em;
  const gap = TILE.gap * em;
  return { columns: Math.max(1, Math.floor((width + gap) / (least + gap))), rowHeight: Math.round(TILE.height * em) };
}

export function tableHeight(em: number): number {
  return Math.round(TABLE_HEIGHT * em);
}

export interface TableColumn {
  readonly title: string;
  /** What a click on its heading sorts by; none where it sorts by nothing. */
  readonly order?: RowOrder;
}

/** @param sides Names of two runs that are compared. */
export function tableColumns(
  words: ResultsWords,
  sides: readonly [one: string, other: string] | undefined,
): readonly TableColumn[] {
  return [
    { title: words.picture },
    { title: words.name, order: 'name' },
    ...(sides ?? [words.answer]).map((title, at): TableColumn => at === 0 ? { title, order: 'text' } : { title }),
    sides === undefined
      ? { title: words.confidence, order: 'confidence' }
      : { title: words.difference, order: 'difference' },
  ];
}
