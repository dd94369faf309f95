/** What stands at a place of a line, and where the parts of a line stand. */
import type { Position, Range } from 'vscode-languageserver-types';
import { LineText, type Span } from '../../../../datasets/src/lines/lineText';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import type { SetText } from '../../../../datasets/src/lines/setText';
import type { DocumentLine, SetDocument } from './setDocument';

export type TextRole = 'image' | 'prefix' | 'suffix';

export interface SetPlace {
  readonly number: number;
  readonly line: DocumentLine;
  readonly written: LineText;
  readonly read: SetLine;
  readonly role: TextRole;
  readonly text: SetText;
  /** UTF-16 units of the text's value in front of the place. */
  readonly unit: number;
}

/** Undefined outside of the texts of a line. */
export function placeAt(document: SetDocument, { line: number, character }: Position): SetPlace | undefined {
  const line = document.lines[number];
  const read = document.exampleAt(number);
  if (line === undefined || read === undefined) return undefined;
  const written = new LineText(line.text);
  for (const { role, text } of textsOf(read)) {
    const unit = written.unitAt(text, character);
    if (unit !== undefined) return { number, line, written, read, role, text, unit };
  }
  return undefined;
}

export function textsOf(
  { images, prefix, suffix }: SetLine,
): readonly { readonly role: TextRole; readonly text: SetText }[] {
  return [
    ...images.map(text => ({ role: 'image' as const, text })),
    ...(prefix === undefined ? [] : [{ role: 'prefix' as const, text: prefix }]),
    ...(suffix === undefined ? [] : [{ role: 'suffix' as const, text: suffix }]),
  ];
}

export function rangeIn(line: number, { start, end }: Span): Range {
  return { start: { line, character: start }, end: { line, character: end } };
}

/** Of a part of a text, in the document. */
export function rangeOf(
  { number, written }: Pick<SetPlace, 'number' | 'written'>,
  text: SetText,
  from?: number,
  to?: number,
): Range | undefined {
  const span = written.span(text, from, to);
  return span === undefined ? undefined : rangeIn(number, span);
}

/** The examples among some lines, in order. */
export function* examplesIn(
  document: SetDocument,
  from: number,
  to: number,
): Iterable<{ readonly number: number; readonly line: DocumentLine; readonly read: SetLine }> {
  for (let number = Math.max(0, from); number < Math.min(to, document.lines.length); number++) {
    const line = document.lines[number];
    const read = document.exampleAt(number);
    if (line !== undefined && read !== undefined) yield { number, line, read };
  }
}
