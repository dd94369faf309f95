/** The columns of Humdrum text, and how a record splits, joins, exchanges, adds and ends them. */

/** A column as it is at some line. */
export interface Spine {
  /** The staff, or other column of the first record, that it belongs to; from 0. */
  readonly staff: number;
  /** Whether its tokens are notes; others (`**dynam`, `**text`) hold what they like. */
  readonly isMusic: boolean;
}

const manipulators = new Set(['*^', '*v', '*+', '*-', '*x']);

export function isManipulation(fields: readonly string[]): boolean {
  return fields.some(field => manipulators.has(field));
}

/**
 * The columns behind a record that changes them; `undefined` for one that means nothing: a lone `*v`, or not two `*x`.
 * @param fields As many as there are spines.
 * @param nextStaff The staff of the next column that is added.
 * Source: Humdrum user guide, "Humdrum syntax", spine paths; humlib for `*v`: columns of one origin are joined.
 */
export function manipulated(
  spines: readonly Spine[],
  fields: readonly string[],
  nextStaff: number,
): readonly Spine[] | undefined {
  const exchanged = exchange(spines, fields);
  if (exchanged === undefined) return undefined;
  const after: Spine[] = [];
  let staff = nextStaff;
  for (let at = 0; at < exchanged.length; at++) {
    const spine = exchanged[at];
    if (spine === undefined) continue;
    const field = fields[at];
    if (field === '*-') continue;
    after.push(spine);
    if (field === '*^') after.push(spine);
    if (field === '*+') after.push({ staff: staff++, isMusic: false });
    if (field === '*v') {
      const end = endOfJoin(exchanged, fields, at);
      if (end === at + 1) return undefined;
      at = end - 1;
    }
  }
  return after;
}

function endOfJoin(spines: readonly Spine[], fields: readonly string[], from: number): number {
  let end = from + 1;
  while (fields[end] === '*v' && spines[end]?.staff === spines[from]?.staff) end++;
  return end;
}

function exchange(spines: readonly Spine[], fields: readonly string[]): readonly Spine[] | undefined {
  const first = fields.indexOf('*x');
  if (first < 0) return spines;
  const second = fields.indexOf('*x', first + 1);
  const [a, b] = [spines[first], spines[second]];
  if (a === undefined || b === undefined || fields.includes('*x', second + 1)) return undefined;
  return spines.map((spine, index) => (index === first ? b : index === second ? a : spine));
}
