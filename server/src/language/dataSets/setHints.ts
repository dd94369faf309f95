/** What stands behind the lines in view: what the model answered, where that is something else. */
import * as l10n from '@vscode/l10n';
import { InlayHintKind, type InlayHint } from 'vscode-languageserver-types';
import type { SetLine } from '../../../../datasets/src/lines/setLine';
import { answerLine } from '../knowledge/resultText';
import { codeBlock } from '../text/markdown';
import type { SetDocument } from './setDocument';
import { examplesIn } from './setPlace';

/** Lines in view; a client that asks for more gets the first of them. */
export const MOST_HINT_LINES = 100;
const LONGEST_HINT = 60;
const LONGEST_ANSWER = 2_000;

export interface AnsweredLine {
  readonly suffix: string;
  /** Who answered, in words. */
  readonly model: string;
}

/** @param answerOf What is known by now to the question of a line. */
export function setHints(
  document: SetDocument,
  lines: { readonly from: number; readonly to: number },
  answerOf: (read: SetLine) => AnsweredLine | undefined,
): InlayHint[] {
  const hints: InlayHint[] = [];
  const to = Math.min(lines.to, lines.from + MOST_HINT_LINES);
  for (const { number, line, read } of examplesIn(document, lines.from, to)) {
    const answer = read.suffix === undefined ? undefined : answerOf(read);
    if (answer === undefined || answer.suffix.trim() === read.suffix?.value.trim()) continue;
    hints.push({
      position: { line: number, character: line.text.length },
      label: `≠ ${answerLine(answer.suffix, LONGEST_HINT)}`,
      kind: InlayHintKind.Type,
      paddingLeft: true,
      tooltip: {
        kind: 'markdown',
        value: `${l10n.t('{0} answered otherwise than this line:', answer.model)}\n\n${
          codeBlock(answer.suffix.slice(0, LONGEST_ANSWER))
        }`,
      },
    });
  }
  return hints;
}
