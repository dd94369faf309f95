/** A result in words, for one line. */
import type { RunResult } from '../../../../paligemma/src/runResult';
import { suffixSummary } from '../../../../paligemma/src/suffix';
import { clip } from '../text/markdown';

/** The answer shortened to `length` characters: objects by name and number, text as it is. */
export function resultLine(result: Pick<RunResult, 'suffix' | 'stopReason'>, length: number): string {
  return answerLine(result.suffix, length, result.stopReason !== 'eos')
    + (result.stopReason === 'maxNewTokens' ? ' (cut off: raise max-new-tokens)' : '');
}

/** The same of a text that may still be growing. */
export function answerLine(suffix: string, length: number, isTruncated = false): string {
  const summary = suffixSummary(suffix, isTruncated);
  return summary === '' ? '(nothing)' : clip(summary, length);
}
