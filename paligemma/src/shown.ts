import * as l10n from '@vscode/l10n';

/** A value of somebody's JSON inside of a sentence: short, and safe where it is nested deeper than the stack. */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? 'nothing';
  } catch {
    return l10n.t('a value that is nested too deep');
  }
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
