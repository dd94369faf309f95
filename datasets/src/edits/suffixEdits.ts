/**
 * Boxes of an answer, changed where they stand: an edit takes exactly the tokens that it is about, so that the order of
 * the boxes, their masks and the text beside them stay as they were written. Pure.
 */
import { locText, type LocBins } from '../../../paligemma/src/locTokens';
import { plainLine } from '../../../paligemma/src/plainText';
import { parseSuffix, type SuffixBox } from '../../../paligemma/src/suffix';
import { movedBins } from './boxBins';
import type { TextEdit } from './textEdit';

export type BoxChange =
  /** Moved or resized. */
  | { readonly kind: 'bins'; readonly box: number; readonly bins: LocBins }
  | { readonly kind: 'label'; readonly box: number; readonly label: string }
  | { readonly kind: 'delete'; readonly box: number }
  /** The copy, with its mask, stands behind it and lies a little beside it. */
  | { readonly kind: 'duplicate'; readonly box: number }
  /** At the end of the answer. */
  | { readonly kind: 'add'; readonly bins: LocBins; readonly label: string };

const SEPARATOR = ' ; ';
/** Four tokens like `<loc0000>`. */
const LOC_LENGTH = 4 * '<loc0000>'.length;
const COPY_SHIFT = 16;

/**
 * @param change `box` counts the boxes that `parseSuffix` finds.
 * @returns Nothing to do where the answer has no such box, or has it so already.
 */
export function suffixEdits(suffix: string, change: BoxChange): readonly TextEdit[] {
  const { boxes } = parseSuffix(suffix);
  if (change.kind === 'add') return [added(suffix, boxes, `${locText(change.bins)}${labelBehind(change.label)}`)];
  const box = boxes[change.box];
  if (box === undefined) return [];
  switch (change.kind) {
    case 'bins':
      return [rebinned(box, change.bins)].filter(({ start, end, text }) => suffix.slice(start, end) !== text);
    case 'label':
      return renamed(suffix, box, change.label);
    case 'delete':
      return [removed(suffix, box)];
    case 'duplicate':
      return [copied(suffix, box)];
  }
}

/** As it can stand behind a box: on one line, without the signs that end a label. */
export function plainLabel(label: string): string {
  return plainLine(label.replace(/[;<>]/g, ' '));
}

function rebinned({ start }: SuffixBox, bins: LocBins): TextEdit {
  return { start, end: start + LOC_LENGTH, text: locText(bins) };
}

function renamed(suffix: string, box: SuffixBox, label: string): readonly TextEdit[] {
  const written = plainLabel(label);
  if (written === box.label) return [];
  const codesEnd = endOfCodes(suffix, box);
  const labelStart = codesEnd + leadingSpace(suffix.slice(codesEnd, box.end));
  if (box.label === '') return [{ start: codesEnd, end: codesEnd, text: ` ${written}` }];
  return written === ''
    ? [{ start: codesEnd, end: contentEnd(suffix, box), text: '' }]
    : [{ start: labelStart, end: labelStart + box.label.length, text: written }];
}

/** With the separator behind it; of the last one, with the separator in front of it. */
function removed(suffix: string, box: SuffixBox): TextEdit {
  const [behind = ''] = /^;\s*/.exec(suffix.slice(box.end)) ?? [];
  const isLast = suffix.slice(box.end + behind.length) === '';
  const separator = separatorBefore(suffix, box.start);
  if (isLast && separator > 0) return { start: box.start - separator, end: contentEnd(suffix, box), text: '' };
  return { start: box.start, end: behind === '' ? contentEnd(suffix, box) : box.end + behind.length, text: '' };
}

/** How long white space and the one `;` in front of a place are. Read backwards, so that time grows with them only. */
function separatorBefore(suffix: string, at: number): number {
  let start = at;
  while (isSpace(suffix[start - 1])) start--;
  if (suffix[start - 1] !== ';') return 0;
  start--;
  while (isSpace(suffix[start - 1])) start--;
  return at - start;
}

function copied(suffix: string, box: SuffixBox): TextEdit {
  const end = contentEnd(suffix, box);
  const beside = movedBins(box.bins, { x: COPY_SHIFT, y: COPY_SHIFT });
  const isBeside = beside.some((bin, at) => bin !== box.bins[at]);
  const bins = isBeside ? beside : movedBins(box.bins, { x: -COPY_SHIFT, y: -COPY_SHIFT });
  return { start: end, end, text: `${SEPARATOR}${locText(bins)}${suffix.slice(box.start + LOC_LENGTH, end)}` };
}

/** Behind what is there, in front of white space at its end. */
function added(suffix: string, boxes: readonly SuffixBox[], written: string): TextEdit {
  const last = boxes.at(-1);
  const text = suffix.trimEnd();
  // A separator that leads to nothing waits for this box.
  if (text.endsWith(';')) return { start: text.length, end: text.length, text: ` ${written}` };
  const at = last?.end === suffix.length ? contentEnd(suffix, last) : text.length;
  return { start: at, end: at, text: text === '' ? written : `${SEPARATOR}${written}` };
}

function labelBehind(label: string): string {
  const written = plainLabel(label);
  return written === '' ? '' : ` ${written}`;
}

/** Behind the last of the mask's codes; of a box without a mask, behind its last location. */
function endOfCodes(suffix: string, { start, end }: SuffixBox): number {
  const rest = suffix.slice(start + LOC_LENGTH, end);
  const [codes = ''] = /^\s*(?:<seg\d{3}>)+/.exec(rest) ?? [];
  return start + LOC_LENGTH + codes.length;
}

/** Without the white space that follows the box. */
function contentEnd(suffix: string, { start, end }: SuffixBox): number {
  return start + suffix.slice(start, end).trimEnd().length;
}

function leadingSpace(text: string): number {
  return text.length - text.trimStart().length;
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && character.trim() === '';
}
