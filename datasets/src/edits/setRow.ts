/** What a list of a data set's lines knows of one of them. */
import { parseSuffix } from '../../../paligemma/src/suffix';
import type { Severity } from '../findings/finding';
import { readSetLine } from '../lines/setLine';
import { isDraft } from './lineEdits';
import type { LineJudgement } from './lineJudgement';

/** What was found wrong with a line, without its place. */
export interface RowFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
}

/** What a line says. */
export interface RowContent {
  /** False: no object could be read there, and everything else is empty. */
  readonly isLine: boolean;
  /** As they are written. */
  readonly images: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
  /** One for each box of the answer; empty texts where one has none. */
  readonly labels: readonly string[];
  /** Of the boxes. */
  readonly masks: number;
  readonly isDraft: boolean;
}

export interface SetRow extends RowContent {
  /** Stays when lines come and go in front of it, and when the line says something else. */
  readonly id: number;
  /** Another one whenever the line says something else. */
  readonly revision: number;
  /** Undefined while nobody has looked. */
  readonly findings: readonly RowFinding[] | undefined;
  /** Absent where no model's answer was judged by what the line says now. */
  readonly judgement?: LineJudgement;
}

const nothing: RowContent = {
  isLine: false,
  images: [],
  prefix: '',
  suffix: '',
  labels: [],
  masks: 0,
  isDraft: false,
};

/** Undefined for a blank line, which is no example. */
export function rowContent(text: string): RowContent | undefined {
  if (text.trim() === '') return undefined;
  const line = readSetLine(text);
  if (!('fields' in line)) return nothing;
  const suffix = line.suffix?.value ?? '';
  const { boxes } = parseSuffix(suffix);
  return {
    isLine: true,
    images: line.images.map(({ value }) => value),
    prefix: line.prefix?.value ?? '',
    suffix,
    labels: boxes.map(({ label }) => label),
    masks: boxes.filter(({ codes }) => codes !== undefined).length,
    isDraft: isDraft(line.fields),
  };
}

/** The folder of the first picture, as it is written: what tells splits apart. Empty beside the file. */
export function folderOf({ images: [image = ''] }: RowContent): string {
  const slashed = image.replaceAll('\\', '/');
  return slashed.slice(0, Math.max(0, slashed.lastIndexOf('/')));
}
