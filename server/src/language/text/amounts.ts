/** Numbers, sizes and lists as the client's language writes them. */
import * as l10n from '@vscode/l10n';
import { bytesText, decimal } from '../../../../paligemma/src/words';

export function sizeText(bytes: number): string {
  if (bytes === 1) return l10n.t('1 byte');
  return bytes < 1000 ? l10n.t('{0} bytes', bytes) : decimal(bytesText(bytes));
}

/** `a, b or c`. */
export function anyOf(words: readonly string[]): string {
  return l10n.t('{0} or {1}', words.slice(0, -1).join(', '), words.at(-1) ?? '');
}

/** The line below a list that was cut. */
export function andMoreImages(amount: number): string {
  return amount === 1 ? l10n.t('and 1 more image') : l10n.t('and {0} more images', amount);
}
