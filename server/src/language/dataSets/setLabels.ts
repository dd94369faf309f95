/** Labels through a data set: where they stand, what they can be called, and how often they occur. */
import type { DocumentHighlight, Range } from 'vscode-languageserver-types';
import { labelPlaces, type LabelPlace } from '../../../../datasets/src/findings/labelPlaces';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import { LineText } from '../../../../datasets/src/lines/lineText';
import { quotedInner } from '../../../../datasets/src/lines/quoted';
import type { DocumentLine, SetDocument } from './setDocument';
import { examplesIn, rangeOf, type SetPlace } from './setPlace';

/** Lines above and below a place that are looked through at once. */
const NEAR = 100;
/** Kept for as long as the reading of a line is: the same lines are looked through at every key. */
const known = new WeakMap<SetLine, readonly LabelPlace[]>();

export interface LabelAt extends LabelPlace {
  readonly range: Range;
}

/** The label that the place lies in or at the edge of. */
export function labelAt(place: SetPlace): LabelAt | undefined {
  const found = placesIn(place.read).find(({ text, from, to }) =>
    text === place.text && from <= place.unit && place.unit <= to
  );
  const range = found === undefined ? undefined : rangeOf(place, found.text, found.from, found.to);
  return found === undefined || range === undefined ? undefined : { ...found, range };
}

/** What a label may be called: nothing that would end it, and no white space that would be learnt with it. */
export function isLabel(name: string): boolean {
  return name.trim() === name && name !== '' && !/[;<>\p{Cc}]/u.test(name);
}

/** Where a label stands in a line, in the line's own units. @param isKept Whether the reading is worth holding. */
export function labelSpans(
  document: SetDocument,
  line: DocumentLine,
  label: string,
  isKept = false,
): readonly { readonly start: number; readonly end: number }[] {
  // Most lines of a large file do not hold it, and need not be read.
  if (!mayHold(line.text, label)) return [];
  const read = document.exampleOf(line, isKept);
  if (read === undefined) return [];
  const written = new LineText(line.text);
  return placesIn(read).filter(place => place.label === label).flatMap(({ text, from, to }) =>
    written.span(text, from, to) ?? []
  );
}

function placesIn(read: SetLine): readonly LabelPlace[] {
  let places = known.get(read);
  if (places === undefined) known.set(read, places = labelPlaces(read));
  return places;
}

/** As JSON writes it by itself, or with escapes of its own. */
function mayHold(text: string, label: string): boolean {
  return text.includes(quotedInner(label)) || text.includes('\\u') || text.includes('\\/');
}

/** The same label in the lines around. */
export function labelHighlights(document: SetDocument, place: SetPlace): DocumentHighlight[] {
  const at = labelAt(place);
  if (at === undefined) return [];
  const [from, to] = [Math.max(0, place.number - NEAR), Math.min(document.lines.length, place.number + NEAR)];
  return document.lines.slice(from, to).flatMap((line, index) =>
    labelSpans(document, line, at.label, true).map(({ start, end }): DocumentHighlight => ({
      range: { start: { line: from + index, character: start }, end: { line: from + index, character: end } },
    }))
  );
}

export interface Habits {
  /** Most frequent first. */
  readonly labels: readonly string[];
  readonly prefixes: readonly string[];
}

/** What the lines around a place say again and again. */
export function habitsNear(document: SetDocument, number: number): Habits {
  const [labels, prefixes] = [new Map<string, number>(), new Map<string, number>()];
  for (const { number: other, read } of examplesIn(document, number - NEAR, number + NEAR)) {
    if (other === number) continue;
    for (const { label } of placesIn(read)) labels.set(label, (labels.get(label) ?? 0) + 1);
    if (read.prefix !== undefined) prefixes.set(read.prefix.value, (prefixes.get(read.prefix.value) ?? 0) + 1);
  }
  return { labels: byFrequency(labels), prefixes: byFrequency(prefixes) };
}

function byFrequency(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
}
