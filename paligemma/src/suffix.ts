/** The model's suffix as text → boxes with labels and mask codes, and the text beside them. Pure; never throws. */
import * as l10n from '@vscode/l10n';
import { CODES_PER_MASK, SEG_CODES } from './facts';
import { hasArea, type LocBins } from './locTokens';
import { oneSpaced } from './plainText';

/** Four loc tokens that span an area, seg tokens if any, and a label. Offsets are UTF-16 units of the suffix. */
export interface SuffixBox {
  readonly start: number;
  /** Behind the label and the white space that follows it. */
  readonly end: number;
  readonly bins: LocBins;
  /** Trimmed; empty where there is none. */
  readonly label: string;
  /** Exactly 16 codes 0…127; undefined where the model wrote none, or not 16, or no such codes. */
  readonly codes: readonly number[] | undefined;
}

export interface ParsedSuffix {
  readonly boxes: readonly SuffixBox[];
  /** Everything that is not part of a box, without the separators and white space around each piece, joined by spaces. */
  readonly text: string;
}

/** Four digits beyond 1023 are no token of the model but somebody's text. */
const locToken = '<loc(0\\d{3}|10[01]\\d|102[0-3])>';
const SEG_TOKEN_LENGTH = '<seg000>'.length;

/**
 * Decides what of an answer is a region; whoever counts, draws, compares or exports regions goes by it. Accepts what
 * the checkpoints write, malformed tails included: `loc loc loc loc [ws] seg* [ws] label`, where a label ends at `;`,
 * `<` or `>`. Loc tokens in a row are taken in fours from the left. A box without an area, or upside down, is text.
 * Time grows with the length only.
 * @param isTruncated Whether generation ended without `<eos>`: a box that runs to the end may then be half of one, and
 *   is text.
 * Source: big_vision 0127fb6, `evaluators/proj/paligemma/transfers/segmentation.py`; the demo space's parser for the
 * label.
 */
export function parseSuffix(suffix: string, isTruncated = false): ParsedSuffix {
  // Nothing behind the four loc tokens can fail to match, so there is nothing to try again.
  const pattern = new RegExp(`${locToken.repeat(4)}\\s*((?:<seg\\d{3}>)*)\\s*([^;<>]*)`, 'g');
  const boxes: SuffixBox[] = [];
  const texts: string[] = [];
  let position = 0;
  for (const match of suffix.matchAll(pattern)) {
    const box = readBox(match);
    if (!hasArea(box.bins) || (isTruncated && box.end === suffix.length)) continue;
    boxes.push(box);
    texts.push(suffix.slice(position, box.start));
    position = box.end;
  }
  texts.push(suffix.slice(position));
  return { boxes, text: texts.map(trimSeparators).filter(part => part !== '').join(' ') };
}

function readBox(match: RegExpExecArray): SuffixBox {
  const [raw, , , , , segs = '', label = ''] = match;
  const codes = Array.from(
    { length: segs.length / SEG_TOKEN_LENGTH },
    (_, i) => Number(segs.slice(i * SEG_TOKEN_LENGTH + 4, i * SEG_TOKEN_LENGTH + 7)),
  );
  return {
    start: match.index,
    end: match.index + raw.length,
    bins: match.slice(1, 5).map(Number) as unknown as LocBins,
    label: label.trim(),
    codes: codes.length === CODES_PER_MASK && codes.every(code => code < SEG_CODES) ? codes : undefined,
  };
}

/** Trims white space, and one `;` at each end. */
function trimSeparators(text: string): string {
  let trimmed = text.trim();
  if (trimmed.startsWith(';')) trimmed = trimmed.slice(1);
  if (trimmed.endsWith(';')) trimmed = trimmed.slice(0, -1);
  return trimmed.trim();
}

/** An answer's regions by name and number, then its text: `cup ×2, plate · in a kitchen`, on one line. */
export function suffixSummary(suffix: string, isTruncated = false): string {
  const { boxes, text } = parseSuffix(suffix, isTruncated);
  const counts = new Map<string, number>();
  for (const { label } of boxes) counts.set(label, (counts.get(label) ?? 0) + 1);
  const names = [...counts].map(([label, amount]) => `${label || l10n.t('region')}${amount > 1 ? ` ×${amount}` : ''}`);
  return [names.join(', '), oneSpaced(text)].filter(part => part !== '').join(' · ');
}
