/** Names of classes, as prefixes ask for them and suffixes give them. */
import * as l10n from '@vscode/l10n';
import { oneSpaced } from '../../../paligemma/src/plainText';
import type { TextFault } from './lineReport';

/** Between two objects, exactly. Source: big_vision 0127fb6, `transfers/`; every published `detect` answer. */
export const SEPARATOR = ' ; ';

/** White space between the words of a trimmed label that is not one space. */
export const isSpacedOtherwise = /\s\s|[^\S ]/;

/** @param at Where the label begins in its text. */
export function* labelSpaces(label: string, at: number): Iterable<TextFault> {
  if (!isSpacedOtherwise.test(label)) return;
  const single = oneSpaced(label);
  yield {
    code: 'label-spaces',
    from: at,
    to: at + label.length,
    parts: [label],
    fix: { title: l10n.t('Write “{0}”', single), edits: [{ from: at, to: at + label.length, text: single }] },
  };
}
