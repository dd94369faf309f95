/** A result in words, for one line. */
import * as l10n from '@vscode/l10n';
import { readAnswer, type KindName, type KindSource, type ReadAnswer } from '../../../../paligemma/src/kinds/kinds';
import { suffixSummary } from '../../../../paligemma/src/suffix';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { clip, codeBlock } from '../text/markdown';

interface Reading {
  readonly show: KindName | undefined;
  readonly answer: ReadAnswer;
}

/** Hints, findings and hovers ask again and again about a result that stays as it is. */
const readings = new WeakMap<KindSource, Reading>();

function readOnce(result: KindSource, show: KindName | undefined): ReadAnswer {
  const known = readings.get(result);
  if (known !== undefined && known.show === show) return known.answer;
  const answer = readAnswer(result, show, l10n.t);
  readings.set(result, { show, answer });
  return answer;
}

/**
 * The answer shortened to `length` characters: objects by name and number, text as it is, a table by its first cells.
 * @param show What the file says that the answer is.
 */
export function resultLine(result: KindSource, length: number, show?: KindName): string {
  const read = readOnce(result, show);
  const answer = read.isPlain
    ? answerLine(result.suffix, length, result.stopReason !== 'eos')
    : clip(read.line(), length) || l10n.t('(nothing)');
  return result.stopReason === 'maxNewTokens' ? l10n.t('{0} (cut off: raise max-new-tokens)', answer) : answer;
}

/** The same of a text that may still be growing. */
export function answerLine(suffix: string, length: number, isTruncated = false): string {
  const summary = suffixSummary(suffix, isTruncated);
  return summary === '' ? l10n.t('(nothing)') : clip(summary, length);
}

/** The answer as Markdown in which nothing of it means anything: a table, paragraphs, or a block as the model wrote it. */
export function answerMarkdown(result: KindSource, length: number, show?: KindName): string {
  if (result.suffix === '') return l10n.t('(nothing)');
  const read = readOnce(result, show);
  if (read.isPlain) return codeBlock(clipBlock(result.suffix, length));
  const own = read.markdown();
  // Half of a table is a table: it is cut between two lines. So are paragraphs; a block would be left open.
  if (own === undefined || own.startsWith('```')) {
    return own !== undefined && own.length <= length ? own : codeBlock(clipBlock(read.text(), length));
  }
  return own.length <= length ? own : `${own.slice(0, Math.max(own.lastIndexOf('\n', length), 0))}\n\n…`;
}

/** How many regions the answer has as what it is. */
export function regionCount(result: KindSource & Pick<RunResult, 'regions'>, show?: KindName): number {
  return (readOnce(result, show).regions ?? result.regions).length;
}

/** The beginning of a long answer, with its line ends. */
function clipBlock(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…`;
}
