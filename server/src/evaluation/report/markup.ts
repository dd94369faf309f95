/** Markup of a page in which no text means anything. */
import { tameText } from '../../../../paligemma/src/plainText';

/** What may stand in a page as it is. */
export class Markup {
  constructor(readonly text: string) {}
}

/** A template of markup: what is put into it is text, unless it is markup or a list of it. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Markup | readonly Markup[])[]
): Markup {
  return new Markup(parts.reduce((whole, part, index) => whole + part + written(values[index]), ''));
}

function written(value: string | number | Markup | readonly Markup[] | undefined): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(part => part.text).join('');
  return escaped(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** With line ends and tabs of its own; other characters that control something are written out. */
function escaped(text: string): string {
  const tame = text.split('\n').map(line => line.split('\t').map(tameText).join('\t')).join('\n');
  return tame.replace(/[&<>"']/g, character => entities[character] ?? '');
}
