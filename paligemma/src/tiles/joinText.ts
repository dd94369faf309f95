/** The text that was read in the parts of a picture, as one text in reading order. */
import type { Box } from '../facts';
import { editDistance } from '../editDistance';
import { groupedBy } from './groups';

/** What was read in one part. */
export interface ReadTile {
  readonly box: Box;
  /** Lines from top to bottom. */
  readonly text: string;
}

/** Characters that two pieces have to share to be taken for one line: two, as in "is", are shared by chance. */
const LEAST_SHARED = 3;
/** Characters at the end of a piece that may be the half of a letter, read as another one. */
const MOST_CLIPPED = 2;
/** Most lines at a seam that are compared: the overlap has a few. */
const LINES_AT_SEAM = 12;
/** Part of its characters in which a line may differ from the same line in another part. */
const MOST_DIFFERENT = 0.25;
/** Longer lines, in characters, are the same only where they are equal: the time to compare grows like a square. */
const LONGEST_COMPARED = 1000;

/**
 * The parts are read row by row: the pieces of a line on both sides of a seam are joined where they share characters,
 * lines that both parts above and below a seam have read are taken once. Parts that do not overlap follow each other.
 */
export function joinText(tiles: readonly ReadTile[]): string {
  const rows = groupedBy(tiles, ({ box: { y1 } }) => y1);
  const texts = [...rows].sort(([a], [b]) => a - b).map(([, row]) => joinRow(row));
  return texts.reduce<TileLines>(
    (above, below) => ({
      lines: above.bottom > below.top ? joinBelow(above.lines, below.lines) : [...above.lines, ...below.lines],
      top: above.top,
      bottom: below.bottom,
    }),
    { lines: [], top: 0, bottom: 0 },
  ).lines.join('\n');
}

interface TileLines {
  readonly lines: readonly string[];
  readonly top: number;
  readonly bottom: number;
}

function joinRow(row: readonly ReadTile[]): TileLines {
  const sorted = row.toSorted((a, b) => a.box.x1 - b.box.x1);
  let lines: readonly string[] = [];
  let right = -Infinity;
  for (const { box, text } of sorted) {
    lines = right > box.x1 ? joinBeside(lines, linesOf(text)) : [...lines, ...linesOf(text)];
    right = box.x2;
  }
  const boxes = sorted.map(({ box }) => box);
  return { lines, top: Math.min(...boxes.map(({ y1 }) => y1)), bottom: Math.max(...boxes.map(({ y2 }) => y2)) };
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').map(line => line.trim()).filter(line => line !== '');
}

/**
 * Lines of two neighbours in a row, joined pairwise where they share characters. Which goes with which: the pairing, in
 * order on both sides, that shares most. Lines without a partner stay by themselves, those of the left first.
 */
export function joinBeside(left: readonly string[], right: readonly string[]): readonly string[] {
  // best[i][j]: characters shared by lines from i on at the left and from j on at the right.
  const best = Array.from({ length: left.length + 1 }, () => new Float64Array(right.length + 1));
  const joins = left.map(a => right.map(b => joinPieces(a, b)));
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const paired = best[i + 1]![j + 1]! + (joins[i]![j]?.shared ?? 0);
      best[i]![j] = Math.max(best[i + 1]![j]!, best[i]![j + 1]!, paired);
    }
  }
  const lines: string[] = [];
  for (let i = 0, j = 0; i < left.length || j < right.length;) {
    const join = joins[i]?.[j];
    if (join !== undefined && best[i]![j] === best[i + 1]![j + 1]! + join.shared) {
      lines.push(join.text);
      i++;
      j++;
    } else if (i < left.length && (j === right.length || best[i]![j] === best[i + 1]![j])) {
      lines.push(left[i++]!);
    } else {
      lines.push(right[j++]!);
    }
  }
  return lines;
}

/** A line of which each of two parts has read a piece; undefined where they share too little to say so. */
export function joinPieces(
  left: string,
  right: string,
): { readonly text: string; readonly shared: number } | undefined {
  let found: { readonly text: string; readonly shared: number } | undefined;
  for (let endless = 0; endless <= MOST_CLIPPED; endless++) {
    for (let startless = 0; startless <= MOST_CLIPPED; startless++) {
      const [head, tail] = [left.slice(0, left.length - endless), right.slice(startless)];
      const shared = sharedLength(head, tail);
      if (shared < LEAST_SHARED || shared <= (found?.shared ?? 0)) continue;
      const [before, behind] = [head.slice(0, head.length - shared), tail.slice(shared)];
      // What one piece has at the seam is left out only where the other has something in its place.
      if (before.length < startless || behind.length < endless) continue;
      // Pieces that differ by their last letters only, "row 1" and "row 2", are two lines.
      if (endless > 0 && before.length <= startless) continue;
      if (startless > 0 && behind.length <= endless) continue;
      if (shared === LEAST_SHARED && isWithinWord(before, behind)) continue;
      found = { text: head + behind, shared };
    }
  }
  return found;
}

/** Whether a whole piece, of which this stands in the other one only, is no whole word there: "the" in "theory". */
function isWithinWord(before: string, behind: string): boolean {
  return (before === '' && /^[\p{L}\p{N}]/u.test(behind)) || (behind === '' && /[\p{L}\p{N}]$/u.test(before));
}

/** Length of the longest end of `head` that `tail` begins with. */
function sharedLength(head: string, tail: string): number {
  for (let length = Math.min(head.length, tail.length); length > 0; length--) {
    if (head.endsWith(tail.slice(0, length))) return length;
  }
  return 0;
}

/**
 * Lines of a part and of the one below it, those that both have read taken once. A line through which the seam goes, the
 * last above or the first below, is left out where the other part has what stands beside it.
 */
export function joinBelow(above: readonly string[], below: readonly string[]): readonly string[] {
  const most = Math.min(above.length, below.length, LINES_AT_SEAM);
  for (let shared = most; shared > 0; shared--) {
    for (const [clippedAbove, clippedBelow] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) {
      const upper = above.slice(0, above.length - clippedAbove);
      const lower = below.slice(clippedBelow);
      if (shared > Math.min(upper.length, lower.length)) continue;
      const seen = upper.slice(upper.length - shared);
      // The half of a line may be clipped beside two that are shared; of a single one it is more likely a line of its own.
      if (clippedAbove + clippedBelow > 0 && shared < 2 && seen.join('').length < 2 * LEAST_SHARED) continue;
      if (seen.every((line, i) => isSameLine(line, lower[i]!))) return [...upper, ...lower.slice(shared)];
    }
  }
  return [...above, ...below];
}

/** Letters may be read in two ways; other numbers are another line: those of a list of invoices differ in nothing else. */
function isSameLine(a: string, b: string): boolean {
  const [plainA, plainB] = [plain(a), plain(b)];
  if (plainA === plainB) return true;
  const longer = Math.max(plainA.length, plainB.length);
  const shorter = Math.min(plainA.length, plainB.length);
  const most = MOST_DIFFERENT * shorter;
  if (longer - shorter > most || longer > LONGEST_COMPARED) return false;
  return numbersOf(plainA) === numbersOf(plainB) && editDistance([...plainA], [...plainB]) <= most;
}

/** The digits of the words that are made of digits for the most part: in "1ines" there are none. */
function numbersOf(line: string): string {
  return line.split(' ').flatMap(word => {
    const digits = word.replace(/\P{Nd}/gu, '');
    const letters = word.replace(/\P{L}/gu, '');
    return digits.length >= Math.max(1, letters.length) ? digits : [];
  }).join(' ');
}

function plain(line: string): string {
  return line.toLowerCase().replace(/\s+/g, ' ');
}

/** Fewer repetitions may be meant: "ha ha ha". */
const LEAST_REPEATED = 4;
/** Longer phrases are not looked for. */
const LONGEST_PHRASE = 200;

/**
 * A text that ran into its limit saying one thing over and over, with that thing said once: where the model cannot read
 * on, it falls into such loops. Anything else stays as it is.
 */
export function withoutLoop(text: string): string {
  for (let phrase = 1; phrase <= Math.min(LONGEST_PHRASE, Math.floor(text.length / LEAST_REPEATED)); phrase++) {
    let start = text.length - phrase;
    while (start > 0 && text[start - 1] === text[start - 1 + phrase]) start--;
    // A run of one letter or digit is a loop only where it is long.
    if (text.length - start >= phrase * LEAST_REPEATED && text.length - start > 2 * LEAST_REPEATED) {
      return text.slice(0, start + phrase).trimEnd();
    }
  }
  return text;
}
