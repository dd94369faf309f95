/** Texts for people: Markdown that cannot be broken by file names and model output, and shortening. */
import { escapeMarkdown } from '../../../../paligemma/src/markdownText';
import { plainLine } from '../../../../paligemma/src/plainText';
import type { MarkupContent } from 'vscode-languageserver-types';

export { codeBlock, escapeMarkdown, inlineCode } from '../../../../paligemma/src/markdownText';

/** Markdown, or its bare text for clients that show none. */
export function markup(markdown: string, isMarkdown: boolean): MarkupContent {
  return isMarkdown ? { kind: 'markdown', value: markdown } : { kind: 'plaintext', value: withoutMarks(markdown) };
}

/** An image; the address is percent-encoded so that it cannot end the link. */
export function image(alt: string, uri: string, size = ''): string {
  const safe = uri.replace(/[\s<>()[\]\\]/g, char => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `![${escapeMarkdown(alt)}](${safe}${size})`;
}

/** The beginning of a text, on one line, with `…` where something was left out. Never cuts a character in half. */
export function clip(text: string, length: number): string {
  const line = plainLine(text.slice(0, length * 2 + 2));
  if (line.length <= length && text.length <= length * 2 + 2) return line;
  const end = length - 1;
  const code = line.charCodeAt(end - 1);
  return `${line.slice(0, code >= 0xd800 && code <= 0xdbff ? end - 1 : end).trimEnd()}…`;
}

/** `3 images`, `1 image`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** Our own Markdown without its marks. */
function withoutMarks(markdown: string): string {
  return markdown
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^`{3,}.*$/gm, '')
    .replace(/\*\*|(?<!\\)`/g, '')
    .replace(/\\([\\`*_{}[\]()#+\-.!|<>~&$:@])/g, '$1')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
