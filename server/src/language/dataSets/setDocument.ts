/**
 * The lines of an open data set, changed edit by edit: an edit reads the lines that it touches and no others, so that a
 * key in a file of a hundred thousand lines costs what it costs in a short one.
 */
import type { Range } from 'vscode-languageserver-types';
import type { Finding } from '../../../../datasets/src/findings/finding';
import { readSetLine, type SetLine } from '../../../../datasets/src/lines/setLine';
import type { ContentChange } from '../syntax/document';
import { clampPosition } from '../syntax/lines';
import { splitLines, type LineEnd } from '../syntax/scanner';
import { toUtf16, type PositionEncoding } from '../text/encoding';
import { looksLikeDataSet } from './looksLikeDataSet';

export type ReadLine = ReturnType<typeof readSetLine>;

/** A line stays the same object for as long as it is not edited: what is known of it belongs to its text. */
export interface DocumentLine {
  readonly text: string;
  readonly eol: LineEnd;
  verdict?: LineVerdict;
}

/** What was found in a line. */
export interface LineVerdict {
  /** In itself; undefined where there was no room to keep anything but the amount. */
  readonly own: readonly Finding[] | undefined;
  readonly pictures: readonly Finding[];
  readonly among: readonly Finding[];
  /** That it has more tokens than the model takes. */
  readonly length: readonly Finding[];
  /** How many those are. */
  readonly amount: number;
  /** The state of the disk that `pictures` holds for. */
  readonly diskState: number;
}

/** A longer file is not read line by line. VS Code does not even send one of more than 50 MB. */
export const LONGEST_TEXT = 50_000_000;
/** A longer line is not read at every key; the check of the whole file reads it. */
export const LONGEST_LINE = 200_000;
/** The lines that say what a file is. */
const FIRST_LINES = 50;
/** Readings that are held. */
const MOST_READ = 4_000;
/** An argument list has its limits. */
const MOST_SPLICED = 10_000;

const tooLong: ReadLine = { faults: [] };

export class SetDocument {
  private all: DocumentLine[];
  private units: number;
  private isSet: boolean;
  private readings = new WeakMap<DocumentLine, ReadLine>();
  private readAmount = 0;

  constructor(readonly uri: string, public version: number, text: string) {
    this.units = text.length;
    this.all = this.isTooLong ? [] : splitLines(text);
    this.isSet = looksLikeDataSet(this.firstTexts(), false);
  }

  get lines(): readonly DocumentLine[] {
    return this.all;
  }

  /** Nothing of it is held then. */
  get isTooLong(): boolean {
    return this.units > LONGEST_TEXT;
  }

  get isDataSet(): boolean {
    return this.isSet && !this.isTooLong;
  }

  /** @returns The lines that were touched, as they are numbered now; of several edits, those around all of them. */
  change(
    changes: readonly ContentChange[],
    version: number,
    encoding: PositionEncoding,
  ): { readonly from: number; readonly to: number } {
    this.version = version;
    let [from, to] = [Infinity, 0];
    for (const change of changes) {
      const touched = change.range === undefined
        ? this.replace(change.text)
        : this.edit(change.range, change.text, encoding);
      from = Math.min(from, touched.from);
      to = Math.max(to, touched.to);
    }
    if (from < FIRST_LINES) this.isSet = looksLikeDataSet(this.firstTexts(), this.isSet);
    return { from, to };
  }

  /** What a line says that can be read as an object; undefined for others. */
  exampleAt(number: number): SetLine | undefined {
    const line = this.all[number];
    return line === undefined ? undefined : this.exampleOf(line);
  }

  /** @param isKept Whether the reading is worth holding. */
  exampleOf(line: DocumentLine, isKept = true): SetLine | undefined {
    if (!isKept) return asExample(this.readOnce(line));
    return asExample(this.read(line));
  }

  /** What a line says. Without faults and without values where it is too long to be read here. */
  read(line: DocumentLine): ReadLine {
    const known = this.readings.get(line);
    if (known !== undefined) return known;
    const reading = this.readOnce(line);
    if (++this.readAmount > MOST_READ) {
      this.readings = new WeakMap();
      this.readAmount = 1;
    }
    this.readings.set(line, reading);
    return reading;
  }

  /** The same for whoever goes through all lines: what is read is not held. */
  readOnce(line: DocumentLine): ReadLine {
    return this.readings.get(line) ?? (line.text.length > LONGEST_LINE ? tooLong : readSetLine(line.text));
  }

  private replace(text: string): { readonly from: number; readonly to: number } {
    this.units = text.length;
    this.all = this.isTooLong ? [] : splitLines(text);
    return { from: 0, to: this.all.length };
  }

  private edit(
    range: Range,
    text: string,
    encoding: PositionEncoding,
  ): { readonly from: number; readonly to: number } {
    // The text is not held any more: how long it is now cannot be told. Only a whole new one can make it short again.
    if (this.isTooLong) return { from: 0, to: 0 };
    const lines = this.all;
    const [a, b] = [range.start, range.end].map(position => clampPosition(lines, toUtf16(lines, position, encoding)));
    if (a === undefined || b === undefined) return this.replace(text);
    const isTurned = a.line > b.line || (a.line === b.line && a.character > b.character);
    const [start, end] = isTurned ? [b, a] : [a, b];
    const [first, last] = [lines[start.line], lines[end.line]];
    if (first === undefined || last === undefined) return this.replace(text);
    const joined = first.text.slice(0, start.character) + text + last.text.slice(end.character) + last.eol;
    return this.splice(start.line, end.line, joined);
  }

  private splice(from: number, to: number, joined: string): { readonly from: number; readonly to: number } {
    let [first, text] = [from, joined];
    const above = this.all[first - 1];
    // A line feed right behind a lone carriage return makes one line end of the two.
    if (above?.eol === '\r' && text.startsWith('\n')) {
      text = above.text + above.eol + text;
      first--;
    }
    const parts: DocumentLine[] = splitLines(text);
    // The part behind the last line end is the line that follows, unless the document ends there.
    if (to + 1 < this.all.length) parts.pop();
    const before = lengthOf(this.all, first, to + 1);
    if (parts.length <= MOST_SPLICED) this.all.splice(first, to + 1 - first, ...parts);
    else this.all = [...this.all.slice(0, first), ...parts, ...this.all.slice(to + 1)];
    this.units += lengthOf(parts, 0, parts.length) - before;
    if (this.isTooLong) this.all = [];
    return { from: first, to: first + parts.length };
  }

  private firstTexts(): readonly string[] {
    return this.all.slice(0, FIRST_LINES).map(({ text }) => text).filter(text =>
      text.trim() !== '' && text.length <= LONGEST_LINE
    );
  }
}

function asExample(read: ReadLine): SetLine | undefined {
  return 'form' in read ? read : undefined;
}

function lengthOf(lines: readonly DocumentLine[], from: number, to: number): number {
  let units = 0;
  for (let at = from; at < to; at++) units += (lines[at]?.text.length ?? 0) + (lines[at]?.eol.length ?? 0);
  return units;
}
