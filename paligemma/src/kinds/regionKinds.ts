/** Answers that are boxes or masks: what they are is drawn on the picture, and their regions are those of the suffix. */
import { plainText } from '../plainText';
import { parseSuffix } from '../suffix';
import { answerKind, type AnswerKind, type KindReading, type Reading } from './kind';

export interface RegionAnswer {
  /** The suffix without control characters, tokens included: what tools of this format take. */
  readonly text: string;
}

export const boxes: AnswerKind<RegionAnswer> = answerKind<RegionAnswer>({
  isPlain: true,
  title: t => t('Boxes'),
  about: t => t('objects with their boxes'),
  isLikely: ({ suffix }) => parseSuffix(suffix).boxes.length > 0,
  read: readRegions,
  text: data => data.text,
});

export const masks: AnswerKind<RegionAnswer> = answerKind<RegionAnswer>({
  isPlain: true,
  title: t => t('Masks'),
  about: t => t('objects with their outlines'),
  isLikely: ({ suffix }) => parseSuffix(suffix).boxes.some(({ codes }) => codes !== undefined),
  read: readRegions,
  text: data => data.text,
});

function readRegions(suffix: string, { isTruncated, t }: Reading): KindReading<RegionAnswer> {
  const data = { text: plainText(suffix) };
  if (parseSuffix(suffix, isTruncated).boxes.length > 0 || suffix.trim() === '') return { data, faults: [] };
  return { data, faults: [{ message: t('There is no box in this answer.'), start: 0, end: suffix.length }] };
}
