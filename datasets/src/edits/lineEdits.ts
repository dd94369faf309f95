/** A line of a data set, changed where it stands: keys, their order, spaces and escapes of all else stay. Pure. */
import { LineText } from '../lines/lineText';
import { quotedInner } from '../lines/quoted';
import { readSetLine, type SetLine } from '../lines/setLine';
import type { SetText } from '../lines/setText';
import { suffixEdits, type BoxChange } from './suffixEdits';
import { differingPart, type TextEdit } from './textEdit';

/** What stands beside `draft` lines: a model wrote the answer, and nobody has looked at it. */
export const DRAFT_KEY = 'draft';

export type LineChange =
  | BoxChange
  | { readonly kind: 'text'; readonly field: 'prefix' | 'suffix'; readonly value: string }
  /** The draft is right as it stands now. */
  | { readonly kind: 'accept' };

/**
 * Offsets count the line. Nothing to do where it says so already; undefined where the line has no place for it: it is no
 * object, or its answer is no text.
 */
export function lineEdits(text: string, change: LineChange): readonly TextEdit[] | undefined {
  const line = readSetLine(text);
  if (!('fields' in line)) return undefined;
  const place = new LineText(text);
  if (change.kind === 'accept') return acceptEdits(line, place);
  const field = change.kind === 'text' ? change.field : 'suffix';
  const held = line[field];
  if (held === undefined) return newField(line, place, field, change);
  const edits = change.kind === 'text'
    ? [differingPart(held.value, change.value)].filter(edit => edit !== undefined)
    : suffixEdits(held.value, change);
  return inLine(edits, held, place);
}

export function isDraft(fields: Readonly<Record<string, unknown>>): boolean {
  return fields[DRAFT_KEY] === true;
}

function inLine(edits: readonly TextEdit[], held: SetText, place: LineText): readonly TextEdit[] | undefined {
  const placed = edits.map(({ start, end, text }) => {
    const span = place.span(held, start, end);
    return span === undefined ? undefined : { ...span, text: quotedInner(text) };
  });
  return placed.every(edit => edit !== undefined) ? placed : undefined;
}

/** With the comma that it had; what stands before and behind it stays. */
function acceptEdits({ fields }: SetLine, place: LineText): readonly TextEdit[] {
  const [key, value] = [place.place([DRAFT_KEY], 'key'), place.place([DRAFT_KEY])];
  if (!isDraft(fields) || key === undefined || value === undefined) return [];
  const behind = /^\s*,\s*/.exec(place.text.slice(value.end));
  if (behind !== null) return [{ start: key.start, end: value.end + behind[0].length, text: '' }];
  const before = place.text.slice(0, key.start).trimEnd();
  const start = before.endsWith(',') ? before.length - 1 : key.start;
  return [{ start, end: value.end, text: '' }];
}

/** A key that the line lacks comes behind all others, spaced as they are. */
function newField(
  { form, fields }: SetLine,
  place: LineText,
  field: 'prefix' | 'suffix',
  change: Exclude<LineChange, { readonly kind: 'accept' }>,
): readonly TextEdit[] | undefined {
  const value = change.kind === 'text' ? change.value : boxAsAnswer(change);
  const key = form === 'pairs' ? pairKey(fields, field) : field;
  // A turn that lacks is no key, and what is there and is no text is not written over.
  if (form === 'messages' || value === undefined || key in fields) return undefined;
  if (value === '') return [];
  const last = Object.keys(fields).map(name => place.place([name])?.end ?? 0).reduce((a, b) => Math.max(a, b), 0);
  const end = last === 0 ? place.text.indexOf('{') + 1 : last;
  const [comma, colon] = spacing(place.text);
  const written = `"${key}"${colon}"${quotedInner(value)}"`;
  return [{ start: end, end, text: last === 0 ? written : comma + written }];
}

function boxAsAnswer(change: BoxChange): string | undefined {
  const [edit] = suffixEdits('', change);
  return edit?.text;
}

function pairKey(fields: Readonly<Record<string, unknown>>, field: 'prefix' | 'suffix'): string {
  const keys = 'query' in fields && !('prompt' in fields) ? ['query', 'response'] : ['prompt', 'completion'];
  return keys[field === 'prefix' ? 0 : 1] ?? field;
}

function spacing(line: string): readonly [comma: string, colon: string] {
  const isSpaced = /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s/.test(line);
  return isSpaced ? [', ', ': '] : [',', ':'];
}
