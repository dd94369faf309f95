/** Texts with their places: words that were read on a picture, or a caption whose parts are shown on it. */
import { firstWord } from '../firstWord';
import type { LocBins } from '../locTokens';
import { plainLine } from '../plainText';
import { parseSuffix } from '../suffix';
import { answerKind } from './kind';
import { hasWord } from './prompts';

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
  isLikely: ({ prompt, suffix }) => {
    if (['detect', 'segment'].includes(firstWord(prompt))) return false;
    const parts = partsOf(suffix, false);
    return parts.some(({ region }) => region !== undefined)
      && (hasWord(prompt, readingWords) || parts.some(({ text, region }) => region === undefined && isSentence(text)));
  },
  read(suffix, { isTruncated, t }) {
    const { boxes } = parseSuffix(suffix, isTruncated);
    const parts = partsOf(suffix, isTruncated);
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
    const isCaption = parts.some(({ text, region }) => region === undefined && isSentence(text));
    return { data: { lines: isCaption ? [parts] : readingOrder(words) }, faults };
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

/** What a prompt that asks for text says; of other prompts, names with boxes are objects. */
const readingWords = ['ocr', 'read', 'reading', 'text', 'texts', 'word', 'words', 'spot', 'spotting', 'transcribe'];

/** Whether what stands beside the boxes says something. */
function isSentence(beside: string): boolean {
  return /[\p{L}\p{N}]/u.test(beside);
}

/** The texts in the order of the suffix, those with places and those beside them, such as the words of a caption. */
function partsOf(suffix: string, isTruncated: boolean): PlacedText[] {
  const parts: PlacedText[] = [];
  let position = 0;
  for (const [region, { start, end, label }] of parseSuffix(suffix, isTruncated).boxes.entries()) {
    parts.push({ text: beside(suffix.slice(position, start)) }, { text: plainLine(label), region });
    position = end;
  }
  const rest = suffix.slice(position);
  // Half of a place at the end has half of a text.
  parts.push({ text: beside(isTruncated ? rest.replace(/<loc[^]*$/, '') : rest) });
  return parts.filter(({ text }) => text !== '');
}

/** Text between two places, without the separators and what is left of broken ones. */
function beside(text: string): string {
  return plainLine(text.replace(/<(?:loc|seg)\d*>?/g, ' ')).replace(/^; ?|(?:^| );$/g, '');
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
