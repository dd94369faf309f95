/** Texts for people: Markdown that cannot be broken by file names and model output, and shortening. */
import type { MarkupContent } from 'vscode-languageserver-types';

/** Markdown, or its bare text for clients that show none. */
export function markup(markdown: string, isMarkdown: boolean): MarkupContent {
  return isMarkdown ? { kind: 'markdown', value: markdown } : { kind: 'plaintext', value: plainText(markdown) };
}

/** Text from outside as inline Markdown: nothing in it means anything, and it stays on one line. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]()#+\-.!|<>~&$:@]/g, '\\$&');
}

/** Text from outside as inline code. */
export function inlineCode(text: string): string {
  const line = text.replace(/[\r\n\t]+/g, ' ');
  const fence = '`'.repeat(longestRun(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') || line.trim() === '' ? ' ' : '';
  return fence + pad + line + pad + fence;
}

/** Text from outside as a block. */
export function codeBlock(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}text\n${text}\n${fence}`;
}

/** An image; the address is percent-encoded so that it cannot end the link. */
export function image(alt: string, uri: string, size = ''): string {
  const safe = uri.replace(/[\s<>()[\]\\]/g, char => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `![${escapeMarkdown(alt)}](${safe}${size})`;
}

/** The beginning of a text, on one line, with `…` where something was left out. Never cuts a character in half. */
export function clip(text: string, length: number): string {
  const line = text.slice(0, length * 2 + 2).replace(/\s+/g, ' ').trim();
  if (line.length <= length && text.length <= length * 2 + 2) return line;
  const end = length - 1;
  const code = line.charCodeAt(end - 1);
  return `${line.slice(0, code >= 0xd800 && code <= 0xdbff ? end - 1 : end).trimEnd()}…`;
}

/** `3 images`, `1 image`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** Bytes as people read them, in powers of ten as file managers and download pages show them. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const run of text.matchAll(/`+/g)) longest = Math.max(longest, run[0].length);
  return longest;
}

/** Our own Markdown without its marks. */
function plainText(markdown: string): string {
  return markdown
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^`{3,}.*$/gm, '')
    .replace(/\*\*|(?<!\\)`/g, '')
    .replace(/\\([\\`*_{}[\]()#+\-.!|<>~&$:@])/g, '$1')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
