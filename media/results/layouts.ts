/** How large tiles and rows are, by the room and the size of letters. Pure. */
import type { ResultsWords } from '../../client/src/contract/results';
import type { RowOrder } from '../../paligemma/src/results/shownRows';

/** In letters' sizes. */
const TABLE_HEIGHT = 5.5;

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
