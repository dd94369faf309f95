/** A result in words, for one line. */
import type { RunResult } from '../../../../paligemma/src/runResult';
import { clip } from '../text/markdown';
import { parseSuffix, summariseBoxes } from './suffix';

/** The answer shortened to `length` characters: objects by name and number, text as it is. */
export function resultLine(result: Pick<RunResult, 'suffix' | 'stopReason'>, length: number): string {
  return answerLine(result.suffix, length)
    + (result.stopReason === 'maxNewTokens' ? ' (cut off: raise max-new-tokens)' : '');
}

/** The same of a text that may still be growing. */
export function answerLine(suffix: string, length: number): string {
  const { boxes, text } = parseSuffix(suffix);
  if (boxes.length === 0) return text === '' ? '(nothing)' : clip(text, length);
  const summary = summariseBoxes(boxes);
  return clip(text === '' ? summary : `${summary} · ${text}`, length);
}
