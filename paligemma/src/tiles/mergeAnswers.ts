/** The answers of the parts of a picture as one answer about the whole of it. */
import { LOC_BINS, type Box, type LocDivisor, type Mask, type Region } from '../facts';
import { given } from '../given';
import { locText, type LocBins } from '../locTokens';
import type { Answer, Tile } from '../runResult';
import { parseSuffix, type SuffixBox } from '../suffix';
import { joinText, withoutLoop } from './joinText';
import type { TileKind } from './kind';
import { mergeRegions, type MergedRegion, type SeenRegion } from './mergeRegions';
import type { PictureSize } from './plan';

/** A part, and what the model said of it; its regions are in pixels of the whole picture. */
export interface AnsweredTile {
  readonly box: Box;
  /** Undefined for a part of one colour, which the model does not see. */
  readonly answer: Pick<Answer, 'suffix' | 'stopReason' | 'regions' | 'text'> | undefined;
  /** This is the whole picture, looked at beside its parts. */
  readonly isWhole: boolean;
}

export interface MergeOptions {
  readonly kind: TileKind;
  readonly picture: PictureSize;
  readonly locDivisor: LocDivisor;
}

export interface MergedAnswer {
  /** What says the same as `regions` and `text` of the whole picture, see `RunResult.tiles`. */
  readonly suffix: string;
  readonly text: string;
  /** `masks`: those of the pieces, to be united where there are several. */
  readonly regions: readonly (Omit<Region, 'mask'> & { readonly masks: readonly Mask[] })[];
  readonly stopReason: Answer['stopReason'];
  readonly tiles: readonly Tile[];
}

interface Seen extends SeenRegion {
  readonly confidence: number | undefined;
  readonly mask: Mask | undefined;
  readonly codes: SuffixBox['codes'];
}

export function mergeAnswers(answered: readonly AnsweredTile[], options: MergeOptions): MergedAnswer {
  const { kind } = options;
  const tiles = answered.map(({ box, answer }) => ({ ...box, suffix: answer?.suffix ?? '' }));
  const stopReason =
    answered.map(({ answer }) => answer?.stopReason).find(reason => reason !== undefined && reason !== 'eos')
      ?? 'eos';
  const parts = answered.filter(({ isWhole }) => !isWhole);
  const regions = mergeRegions({
    inParts: parts.flatMap(seenIn),
    inWhole: answered.filter(({ isWhole }) => isWhole).flatMap(seenIn),
    tiles: parts.map(({ box }) => box),
    kind,
  });
  const text = kind === 'text'
    ? joinText(parts.map(({ box, answer }) => ({ box, text: readText(answer) })))
    : [...new Set(parts.map(({ answer }) => readText(answer)))].filter(said => said !== '').join(' ');
  return {
    suffix: suffixOf(regions, text, stopReason !== 'eos', options),
    text,
    regions: regions.map(({ label, box, pieces }) => ({
      label,
      box,
      ...given({ confidence: surest(pieces) }),
      masks: pieces.flatMap(({ mask }) => mask === undefined ? [] : [mask]),
    })),
    stopReason,
    tiles,
  };
}

function readText(answer: AnsweredTile['answer']): string {
  if (answer === undefined) return '';
  return answer.stopReason === 'eos' ? answer.text : withoutLoop(answer.text);
}

function seenIn({ box: tile, answer }: AnsweredTile): readonly Seen[] {
  if (answer === undefined) return [];
  // The regions of an answer are the boxes of its suffix, one for each.
  const { boxes } = parseSuffix(answer.suffix, answer.stopReason !== 'eos');
  return answer.regions.map(({ label, box, confidence, mask }, i) => ({
    label,
    box,
    confidence,
    mask,
    tile,
    codes: boxes[i]?.codes,
  }));
}

/** An object that is cut by a seam is surely there where one of its pieces is. */
function surest(pieces: readonly Seen[]): number | undefined {
  const known = pieces.flatMap(({ confidence }) => confidence ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

function suffixOf(
  regions: readonly MergedRegion<Seen>[],
  text: string,
  isTruncated: boolean,
  { picture, locDivisor }: MergeOptions,
): string {
  const named = regions.map(({ label, box, pieces }) => {
    const codes = pieces.length === 1 ? pieces[0]?.codes ?? [] : [];
    return [locText(binsOf(box, picture, locDivisor)) + codes.map(segText).join(''), label].filter(Boolean).join(' ');
  });
  const suffix = [...named, ...(text === '' ? [] : [text])].join(' ; ');
  // Of an answer that was cut off, a reader takes the last box for half of one: here it is a whole one.
  return isTruncated && regions.length > 0 && text === '' ? `${suffix} ;` : suffix;
}

function segText(code: number): string {
  return `<seg${String(code).padStart(3, '0')}>`;
}

/** The bins that come back as this box, to half a bin, with at least one between its sides: a box without area is none. */
function binsOf({ x1, y1, x2, y2 }: Box, { widthPx, heightPx }: PictureSize, divisor: LocDivisor): LocBins {
  const [xMin, xMax] = binsBetween(x1 / widthPx, x2 / widthPx, divisor);
  const [yMin, yMax] = binsBetween(y1 / heightPx, y2 / heightPx, divisor);
  return [yMin, xMin, yMax, xMax];
}

function binsBetween(from: number, to: number, divisor: LocDivisor): readonly [number, number] {
  const low = Math.min(Math.max(Math.round(from * divisor), 0), LOC_BINS - 2);
  return [low, Math.min(Math.max(Math.round(to * divisor), low + 1), LOC_BINS - 1)];
}
