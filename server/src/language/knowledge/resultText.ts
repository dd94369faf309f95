/** A result in words, for one line. */
import * as l10n from '@vscode/l10n';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { suffixSummary } from '../../../../paligemma/src/suffix';
import { clip } from '../text/markdown';

/** The answer shortened to `length` characters: objects by name and number, text as it is. */
export function resultLine(result: Pick<RunResult, 'suffix' | 'stopReason'>, length: number): string {
  const answer = answerLine(result.suffix, length, result.stopReason !== 'eos');
  return result.stopReason === 'maxNewTokens' ? l10n.t('{0} (cut off: raise max-new-tokens)', answer) : answer;
}

/** The same of a text that may still be growing. */
export function answerLine(suffix: string, length: number, isTruncated = false): string {
  const summary = suffixSummary(suffix, isTruncated);
  return summary === '' ? l10n.t('(nothing)') : clip(summary, length);
}
