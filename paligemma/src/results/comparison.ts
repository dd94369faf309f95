/** What two answers about the same picture do not have in common. */
import { overlap } from '../boxes';
import type { ResultRow, RowRegion } from './resultRow';

/** Two boxes of one label are the same object from this overlap on. Source: PASCAL VOC 2012 development kit, 3.4.1. */
const SAME_OBJECT_IOU = 0.5;

export interface Comparison {
  /** Indices of the regions that the other answer lacks. */
  readonly onlyOne: ReadonlySet<number>;
  readonly onlyOther: ReadonlySet<number>;
  /** 0: alike; 1: nothing in common. */
  readonly difference: number;
}

/** A piece of a text; `isCommon`: it stands in the other one too, in the same order. */
export interface TextPart {
  readonly text: string;
  readonly isCommon: boolean;
}

/** Of answers that differ in kind (one failed, one is not there) everything differs. */
export function compared(one: ResultRow, other: ResultRow): Comparison {
  const { onlyOne, onlyOther } = unmatched(one.regions, other.regions);
  if (one.state !== other.state) return { onlyOne, onlyOther, difference: 1 };
  // Sentences of failures name the file and the moment; that both failed is what they have in common.
  if (one.state !== 'answered') return { onlyOne, onlyOther, difference: 0 };
  const [words, otherWords] = [wordsOf(one.text), wordsOf(other.text)];
  const all = one.regions.length + other.regions.length + words.length + otherWords.length;
  const lacking = onlyOne.size + onlyOther.size + all - one.regions.length - other.regions.length
    - 2 * sharedWords(words, otherWords);
  // Words in another order are the same words; the texts are not.
  const least = one.text === other.text ? 0 : 0.001;
  return { onlyOne, onlyOther, difference: all === 0 ? 0 : Math.max(least, lacking / all) };
}

/** Pairs of the same label, the best overlap first; each region is in one pair at most. */
function unmatched(
  one: readonly RowRegion[],
  other: readonly RowRegion[],
): Pick<Comparison, 'onlyOne' | 'onlyOther'> {
  const pairs = one.flatMap(({ label, box }, index) =>
    other.flatMap((region, otherIndex) => {
      const iou = region.label === label ? overlap(box, region.box) : 0;
      return iou >= SAME_OBJECT_IOU ? [{ index, otherIndex, iou }] : [];
    })
  ).sort((a, b) => b.iou - a.iou);
  const onlyOne = new Set(one.keys());
  const onlyOther = new Set(other.keys());
  for (const { index, otherIndex } of pairs) {
    if (!onlyOne.has(index) || !onlyOther.has(otherIndex)) continue;
    onlyOne.delete(index);
    onlyOther.delete(otherIndex);
  }
  return { onlyOne, onlyOther };
}

function sharedWords(one: readonly string[], other: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of one) left.set(word, (left.get(word) ?? 0) + 1);
  return other.filter(word => {
    const amount = left.get(word) ?? 0;
    left.set(word, amount - 1);
    return amount > 0;
  }).length;
}

/** Words of both texts beyond which they are not aligned: the time grows with the product. */
const MOST_WORDS = 300;

/** Both texts in pieces, whose joined texts are the texts again. */
export function textParts(
  one: string,
  other: string,
): { readonly one: readonly TextPart[]; readonly other: readonly TextPart[] } {
  const [pieces, otherPieces] = [piecesOf(one), piecesOf(other)];
  if (one === other) return { one: [{ text: one, isCommon: true }], other: [{ text: other, isCommon: true }] };
  if (Math.max(pieces.length, otherPieces.length) > MOST_WORDS) {
    return { one: [{ text: one, isCommon: false }], other: [{ text: other, isCommon: false }] };
  }
  const common = longestCommon(pieces.map(wordOf), otherPieces.map(wordOf));
  return { one: parts(pieces, common.one), other: parts(otherPieces, common.other) };
}

/** Each word with the white space behind it. */
function piecesOf(text: string): readonly string[] {
  return text.match(/\s*\S+\s*/g) ?? [];
}

function wordsOf(text: string): readonly string[] {
  return piecesOf(text).map(wordOf);
}

function wordOf(piece: string): string {
  return piece.trim();
}

function parts(pieces: readonly string[], common: ReadonlySet<number>): TextPart[] {
  const joined: { text: string; isCommon: boolean }[] = [];
  pieces.forEach((text, index) => {
    const isCommon = common.has(index);
    const last = joined.at(-1);
    if (last?.isCommon === isCommon) last.text += text;
    else joined.push({ text, isCommon });
  });
  return joined;
}

/** Indices of a longest common subsequence, by the table of its lengths. */
function longestCommon(
  one: readonly string[],
  other: readonly string[],
): { readonly one: ReadonlySet<number>; readonly other: ReadonlySet<number> } {
  const columns = other.length + 1;
  const lengths = new Uint16Array((one.length + 1) * columns);
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      lengths[i * columns + j] = one[i] === other[j]
        ? lengths[(i + 1) * columns + j + 1]! + 1
        : Math.max(lengths[(i + 1) * columns + j]!, lengths[i * columns + j + 1]!);
    }
  }
  const found = { one: new Set<number>(), other: new Set<number>() };
  for (let i = 0, j = 0; i < one.length && j < other.length;) {
    if (one[i] === other[j]) {
      found.one.add(i++);
      found.other.add(j++);
    } else if (lengths[(i + 1) * columns + j]! >= lengths[i * columns + j + 1]!) i++;
    else j++;
  }
  return found;
}
