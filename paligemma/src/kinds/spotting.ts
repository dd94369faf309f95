/** Texts with their places: words that were read on a picture, or a caption whose parts are shown on it. */
import type { LocBins } from '../locTokens';
import { plainLine } from '../plainText';
import { parseSuffix } from '../suffix';
import { answerKind } from './kind';

export interface PlacedText {
  /** One line, not empty. */
  readonly text: string;
  /** Which of the suffix's regions it is; absent for text of a caption that has no place. */
  readonly region?: number;
}

export interface SpottingAnswer {
  /** In reading order, line by line. */
  readonly lines: readonly (readonly PlacedText[])[];
}

interface Word {
  readonly text: string;
  readonly region: number;
  readonly bins: LocBins;
}

export const spotting = answerKind<SpottingAnswer>({
  title: t => t('Text with Places'),
  about: t => t('words at their places in the picture, in reading order'),
  isLikely: ({ suffix }) => parseSuffix(suffix).boxes.some(({ label }) => label !== ''),
  read(suffix, { isTruncated, t }) {
    const { boxes, text } = parseSuffix(suffix, isTruncated);
    const empty = boxes.filter(({ label }) => plainLine(label) === '');
    const faults = empty.slice(0, 1).map(({ start, end }) => ({
      message: empty.length === 1 ? t('A place has no text.') : t('{0} places have no text.', empty.length),
      start,
      end,
    }));
    if (boxes.length === 0 && suffix.trim() !== '') {
      faults.push({ message: t('There is no text with a place in this answer.'), start: 0, end: suffix.length });
    }
    const words = boxes.flatMap(({ label, bins }, region): Word[] => {
      const word = plainLine(label);
      return word === '' ? [] : [{ text: word, region, bins }];
    });
    const isCaption = /[\p{L}\p{N}]/u.test(text);
    return { data: { lines: isCaption ? [captionParts(suffix, isTruncated)] : readingOrder(words) }, faults };
  },
  text: spottedText,
  json: data => ({ lines: spottedLines(data) }),
  exports: {
    text: { title: t => t('Plain Text'), ending: '.text.txt', write: data => `${spottedText(data)}\n` },
  },
});

function spottedLines({ lines }: SpottingAnswer): string[] {
  return lines.map(line => line.map(({ text }) => text).join(' '));
}

function spottedText(data: SpottingAnswer): string {
  return spottedLines(data).join('\n');
}

/** Text around boxes is a sentence, whose order is its own. */
function captionParts(suffix: string, isTruncated: boolean): PlacedText[] {
  const parts: PlacedText[] = [];
  let position = 0;
  const addText = (text: string) => {
    const line = plainLine(text);
    if (line !== '') parts.push({ text: line });
  };
  for (const [region, { start, end, label }] of parseSuffix(suffix, isTruncated).boxes.entries()) {
    addText(suffix.slice(position, start));
    const text = plainLine(label);
    if (text !== '') parts.push({ text, region });
    position = end;
  }
  addText(suffix.slice(position));
  return parts;
}

/** Columns from left to right where they are clear, in each lines from the top, in each words from the left. */
function readingOrder(words: readonly Word[]): PlacedText[][] {
  return columns(words).flatMap(linesOf).map(line => line.map(({ text, region }) => ({ text, region })));
}

/** A word is of the line above it where its middle lies within that line's mean height. */
function linesOf(words: readonly Word[]): Word[][] {
  const sorted = [...words].sort((a, b) => middle(a) - middle(b));
  const lines: { words: Word[]; top: number; bottom: number }[] = [];
  for (const word of sorted) {
    const [top, , bottom] = word.bins;
    const line = lines.at(-1);
    const count = line?.words.length ?? 0;
    if (line === undefined || middle(word) > line.bottom / count || middle(word) < line.top / count) {
      lines.push({ words: [word], top, bottom });
      continue;
    }
    line.words.push(word);
    line.top += top;
    line.bottom += bottom;
  }
  return lines.map(line => line.words.sort((a, b) => a.bins[1] - b.bins[1] || a.region - b.region));
}

/**
 * Columns are clear where an empty strip parts them from top to bottom, wider than the words are high, and each holds
 * lines of running text: a price list, whose lines go across the strip, is none.
 */
function columns(words: readonly Word[]): Word[][] {
  const heights = words.map(({ bins }) => bins[2] - bins[0]).sort((a, b) => a - b);
  const gap = Math.max(20, (heights[Math.floor(heights.length / 2)] ?? 0) * 1.2);
  const sorted = [...words].sort((a, b) => a.bins[1] - b.bins[1]);
  const found: Word[][] = [];
  let right = -Infinity;
  for (const word of sorted) {
    if (word.bins[1] - right > gap) found.push([]);
    found.at(-1)?.push(word);
    right = Math.max(right, word.bins[3]);
  }
  return found.length > 1 && found.every(isRunningText) ? found : [[...words]];
}

function isRunningText(words: readonly Word[]): boolean {
  const lines = linesOf(words).length;
  const pieces = words.reduce((sum, { text }) => sum + text.split(' ').length, 0);
  return lines >= 2 && pieces / lines >= 2.5;
}

function middle({ bins: [top, , bottom] }: Word): number {
  return (top + bottom) / 2;
}
