/** Follows places in a text while the text changes. Free of the editor. */

/** Offsets in characters, `start` ≤ `end`. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** One change as the editor reports it: offsets in the text before it. */
export interface TextChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/**
 * Where `place` is after one change. Text typed right before it pushes it on, as it does with a cursor; of a place
 * whose text was replaced, what is left is kept.
 */
export function moved({ start, end }: Place, { rangeOffset, rangeLength, text }: TextChange): Place {
  const changedEnd = rangeOffset + rangeLength;
  const by = text.length - rangeLength;
  if (changedEnd <= start) return { start: start + by, end: end + by };
  if (rangeOffset >= end) return { start, end };
  const newStart = rangeOffset < start ? rangeOffset + text.length : start;
  const newEnd = changedEnd <= end ? end + by : rangeOffset + (rangeOffset < start ? text.length : 0);
  return { start: newStart, end: Math.max(newStart, newEnd) };
}

/** The changes of one event all speak of the text before the event: the last of the text is taken first. */
export function movedByAll(place: Place, changes: readonly TextChange[]): Place {
  return [...changes].sort((a, b) => b.rangeOffset - a.rangeOffset).reduce(moved, place);
}
