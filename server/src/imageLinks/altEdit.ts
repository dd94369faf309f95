/** Writes alt text into a document: only the alt text, and as the language wants it. */
import { escapeAltText } from '../../../paligemma/src/answers/markdown';
import { plainLine } from '../../../paligemma/src/plainText';
import type { AltSyntax, ImageLink, Span } from './imageLink';

export interface AltEdit {
  readonly range: Span;
  readonly newText: string;
}

/** Undefined where the link has no place for alt text, or the text is empty. */
export function altEdit({ altSlot }: ImageLink, newAlt: string): AltEdit | undefined {
  const alt = plainLine(newAlt);
  if (altSlot === undefined || alt === '') return undefined;
  return { range: altSlot.range, newText: altSlot.before + escapes[altSlot.syntax](alt) + altSlot.after };
}

const html = (alt: string) => alt.replace(/[&<>"']/g, char => references[char] ?? char);
const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
  '{': '&#123;',
  '}': '&#125;',
  '\\': '&#92;',
  '[': '&#91;',
  ']': '&#93;',
};
const referred = (alt: string, which: RegExp) => alt.replace(which, char => references[char] ?? char);

const escapes: Readonly<Record<AltSyntax, (alt: string) => string>> = {
  markdown: escapeAltText,
  // Braces are expressions in MDX.
  mdx: alt => escapeAltText(alt).replace(/[{}]/g, '\\$&'),
  html,
  // Backticks would open code, brackets a link.
  htmlInMarkdown: alt => referred(html(alt), /[`[\]\\]/g),
  svelte: alt => referred(html(alt), /[{}]/g),
  scriptDouble: alt => alt.replace(/["\\]/g, '\\$&').replace(/[\u2028\u2029]/g, ' '),
  scriptSingle: alt => alt.replace(/['\\]/g, '\\$&').replace(/[\u2028\u2029]/g, ' '),
  asciidocBlock: alt => asciidoc(alt),
  // An inline macro ends at the first bracket that is not escaped.
  asciidocInline: alt => asciidoc(alt).replaceAll(']', '\\]'),
  rst: alt => alt,
  latex: alt => alt.replace(/[\\{}#$%&_~^]/g, char => commands[char] ?? `\\${char}`),
};
const commands: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

/**
 * Commas and equals signs mean something outside of quotes; `&` and `\` are written as references, because they cannot
 * be escaped.
 */
function asciidoc(alt: string): string {
  const safe = referred(alt, /[&{}\\]/g);
  return /[,="']/.test(safe) ? `"${safe.replaceAll('"', '\\"')}"` : safe;
}
