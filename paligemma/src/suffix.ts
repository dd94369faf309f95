/** The model's suffix as text → boxes with labels and mask codes, and the text between. Pure; never throws. */
import { CODES_PER_MASK, LOC_BINS, SEG_CODES } from './facts';
import type { LocBins } from './locTokens';

/** What is odd about an entry. Only an empty or inverted box makes it useless. */
export type SuffixIssue = 'empty-or-inverted-box' | `seg-count-${number}` | 'seg-out-of-range' | 'missing-label';

/** Four loc tokens, seg tokens if any, and a label. Offsets are UTF-16 units of the suffix. */
export interface SuffixEntry {
  readonly start: number;
  /** Behind the label and the white space that follows it. */
  readonly end: number;
  readonly raw: string;
  readonly bins: LocBins;
  /** Trimmed; empty where there is none. */
  readonly label: string;
  /** Exactly 16 codes 0…127; undefined where the model wrote none, or not 16, or no such codes. */
  readonly codes: readonly number[] | undefined;
  readonly issues: readonly SuffixIssue[];
  /** Whether the box has an area. */
  readonly keep: boolean;
}

export interface ParsedSuffix {
  readonly entries: readonly SuffixEntry[];
  /**
   * What stands before, between and behind the entries: always one more than there are entries, together the whole
   * suffix.
   */
  readonly between: readonly string[];
  /** `between` without stray tokens and separators, joined by spaces. */
  readonly freeText: string;
  /** Whether loc or seg tokens are left that belong to no entry. */
  readonly hasStrayTokens: boolean;
}

/**
 * Accepts what the checkpoints write, malformed tails included: `loc loc loc loc [ws] seg* [ws] label`, where a label
 * ends at `;`, `<` or `>`. Loc tokens in a row are taken in fours from the left. Time grows with the length only.
 * Source: big_vision 0127fb6, `evaluators/proj/paligemma/transfers/segmentation.py`; the demo space's parser for the
 * label.
 */
export function parseSuffix(suffix: string): ParsedSuffix {
  // Nothing behind the four loc tokens can fail to match, so there is nothing to try again.
  const pattern = /<loc(\d{4})><loc(\d{4})><loc(\d{4})><loc(\d{4})>\s*((?:<seg\d{3}>)*)\s*([^;<>]*)/g;
  const entries: SuffixEntry[] = [];
  const between: string[] = [];
  let position = 0;
  for (const match of suffix.matchAll(pattern)) {
    const bins = match.slice(1, 5).map(Number) as unknown as LocBins;
    // Four digits beyond 1023 are no token of the model: somebody's text.
    if (bins.some(bin => bin >= LOC_BINS)) continue;
    between.push(suffix.slice(position, match.index));
    position = match.index + match[0].length;
    entries.push(entry(match, bins));
  }
  between.push(suffix.slice(position));
  return {
    entries,
    between,
    freeText: between.map(part => trimSeparators(part.replaceAll(tokens, ''))).filter(part => part !== '').join(' '),
    hasStrayTokens: between.some(part => part.search(tokens) >= 0),
  };
}

const tokens = /<loc\d{4}>|<seg\d{3}>/g;
const SEG_TOKEN_LENGTH = '<seg000>'.length;

/** Trims white space, and one `;` at each end. */
export function trimSeparators(text: string): string {
  let trimmed = text.trim();
  if (trimmed.startsWith(';')) trimmed = trimmed.slice(1);
  if (trimmed.endsWith(';')) trimmed = trimmed.slice(0, -1);
  return trimmed.trim();
}

function entry(match: RegExpExecArray, bins: LocBins): SuffixEntry {
  const [raw, , , , , segs = '', rawLabel = ''] = match;
  const label = rawLabel.trim();
  const codes = Array.from(
    { length: segs.length / SEG_TOKEN_LENGTH },
    (_, i) => Number(segs.slice(i * SEG_TOKEN_LENGTH + 4, i * SEG_TOKEN_LENGTH + 7)),
  );
  const [yMin, xMin, yMax, xMax] = bins;
  const hasArea = yMax > yMin && xMax > xMin;
  const areInRange = codes.every(code => code < SEG_CODES);
  const issues: SuffixIssue[] = [];
  if (!hasArea) issues.push('empty-or-inverted-box');
  if (codes.length > 0 && codes.length !== CODES_PER_MASK) issues.push(`seg-count-${codes.length}`);
  if (!areInRange) issues.push('seg-out-of-range');
  if (label === '') issues.push('missing-label');
  return {
    start: match.index,
    end: match.index + raw.length,
    raw,
    bins,
    label,
    issues,
    keep: hasArea,
    codes: codes.length === CODES_PER_MASK && areInRange ? codes : undefined,
  };
}
