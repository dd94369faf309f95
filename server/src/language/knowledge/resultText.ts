/** A result in words, for one line. */
import * as l10n from '@vscode/l10n';
import type { RunResult } from '../../../../paligemma/src/runResult';
import { clip } from '../text/markdown';
import { parseSuffix, summariseBoxes } from './suffix';

/** The answer shortened to `length` characters: objects by name and number, text as it is. */
export function resultLine(result: Pick<RunResult, 'suffix' | 'stopReason'>, length: number): string {
  const answer = answerLine(result.suffix, length);
  return result.stopReason === 'maxNewTokens' ? l10n.t('{0} (cut off: raise max-new-tokens)', answer) : answer;
}

/** The same of a text that may still be growing. */
export function answerLine(suffix: string, length: number): string {
  const { boxes, text } = parseSuffix(suffix);
  if (boxes.length === 0) return text === '' ? l10n.t('(nothing)') : clip(text, length);
  const summary = summariseBoxes(boxes);
  return clip(text === '' ? summary : `${summary} · ${text}`, length);
}
