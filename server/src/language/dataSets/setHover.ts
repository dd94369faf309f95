/** Help on a place of a line: which box a token belongs to, what a prompt does, what an answer says. Markdown. */
import * as l10n from '@vscode/l10n';
import type { Range } from 'vscode-languageserver-types';
import { LOC_BINS, type LocDivisor } from '../../../../paligemma/src/facts';
import { boxFromLocBins } from '../../../../paligemma/src/locTokens';
import { parseSuffix, type SuffixBox } from '../../../../paligemma/src/suffix';
import { taskOfWord } from '../../../../paligemma/src/tasks';
import { answerMarkdown, resultLine } from '../knowledge/resultText';
import { taskHelp } from '../knowledge/taskHelp';
import { isolated } from '../text/bidi';
import { clip, escapeMarkdown, inlineCode } from '../text/markdown';
import { rangeOf, type SetPlace } from './setPlace';

export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface SetHover {
  readonly markdown: string;
  readonly range: Range | undefined;
}

const LONGEST_ANSWER = 4_000;
const LONGEST_LINE = 200;

/**
 * Undefined where nothing helps: over a picture, which the server draws.
 * @param size Of the line's picture; undefined where it is not known.
 */
export function setHover(place: SetPlace, size: PictureSize | undefined, divisor: LocDivisor): SetHover | undefined {
  switch (place.role) {
    case 'image':
      return undefined;
    case 'prefix':
      return prefixHover(place);
    case 'suffix':
      return suffixHover(place, size, divisor);
  }
}

/** The boxes that a line draws on its picture; those that its prefix names where its suffix has none. */
export function boxesOf({ prefix, suffix }: SetPlace['read']): readonly SuffixBox[] {
  const given = suffix === undefined ? [] : parseSuffix(suffix.value).boxes;
  return given.length > 0 || prefix === undefined ? given : parseSuffix(prefix.value).boxes;
}

function prefixHover(place: SetPlace): SetHover | undefined {
  const { value } = place.text;
  const task = taskOfWord(/^\s*(\S*)/.exec(value)?.[1]?.toLowerCase() ?? '');
  const range = rangeOf(place, place.text);
  if (task !== undefined) return { markdown: taskHelp(task), range };
  if (value.trim() === '') return undefined;
  return {
    markdown: l10n.t(
      '{0} is no prompt of the published models. A model learns it from these lines: ask it with exactly the same words later.',
      inlineCode(clip(value, LONGEST_LINE)),
    ),
    range,
  };
}

function suffixHover(place: SetPlace, size: PictureSize | undefined, divisor: LocDivisor): SetHover | undefined {
  const { text, unit } = place;
  const { boxes } = parseSuffix(text.value);
  const index = boxes.findIndex(({ start, end }) => start <= unit && unit < end);
  const box = boxes[index];
  if (box !== undefined) {
    return {
      markdown: boxText(box, { index, amount: boxes.length }, size, divisor),
      range: rangeOf(place, text, box.start, text.value.slice(0, box.end).trimEnd().length),
    };
  }
  // Only the size of the picture matters to how an answer is read.
  const image = { widthPx: LOC_BINS, heightPx: LOC_BINS, ...size, sha256: '', path: '' };
  const prompt = place.read.prefix?.value ?? '';
  const source = { prompt, model: '', suffix: text.value, stopReason: 'eos' as const, image };
  const line = resultLine(source, LONGEST_LINE);
  const answer = answerMarkdown(source, LONGEST_ANSWER);
  const summary = boxes.length === 0 ? [] : [`**${isolated(escapeMarkdown(line))}**`];
  return { markdown: [...summary, answer].join('\n\n'), range: rangeOf(place, text) };
}

function boxText(
  { bins, label, codes }: SuffixBox,
  { index, amount }: { readonly index: number; readonly amount: number },
  size: PictureSize | undefined,
  divisor: LocDivisor,
): string {
  const name = isolated(escapeMarkdown(clip(label === '' ? l10n.t('region') : label, 80)));
  const heading = amount === 1 ? `**${name}**` : `**${name}** ${l10n.t('(box {0} of {1})', index + 1, amount)}`;
  const lines = [heading];
  if (size !== undefined) {
    const { x1, y1, x2, y2 } = boxFromLocBins(bins, size.widthPx, size.heightPx, divisor);
    const [left, top, right, bottom] = [x1, y1, x2, y2].map(Math.round);
    lines.push(l10n.t(
      'Pixels of {0} × {1}: left {2}, top {3}, right {4}, bottom {5}',
      size.widthPx,
      size.heightPx,
      left ?? 0,
      top ?? 0,
      right ?? 0,
      bottom ?? 0,
    ));
  }
  const [top, left, bottom, right] = bins;
  lines.push(l10n.t('Bins of 1024: top {0}, left {1}, bottom {2}, right {3}', top, left, bottom, right));
  if (codes !== undefined) lines.push(l10n.t('With a mask of {0} codes', codes.length));
  return lines.join('\n\n');
}
