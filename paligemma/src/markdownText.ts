/** Texts from outside as parts of a Markdown text for a person: nothing in them means anything, and nothing controls. */
import { plainText, tameText } from './plainText';

/** As inline text, on one line. */
export function escapeMarkdown(text: string): string {
  return tameText(text.replace(/[\r\n]+/g, ' ')).replace(/[\\`*_{}[\]()#+\-.!|<>~&$:@]/g, '\\$&');
}

/** As part of a line that is read as it is written too: only what means something within a line is escaped. */
export function plainMarkdown(text: string): string {
  return tameText(text).replace(/[\\`*_{}[\]<>#~]|&(?=#?\w+;)/g, '\\$&');
}

/** As inline code, on one line, also with backticks in it. Source: CommonMark 0.31, section 6.1. */
export function inlineCode(text: string): string {
  const line = plainText(text).replace(/[\n\t]+/g, ' ');
  const fence = '`'.repeat(longestRun(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') || line.trim() === '' ? ' ' : '';
  return fence + pad + line + pad + fence;
}

/** As a block with its own lines. @param language Of what is in it, for its colours. */
export function codeBlock(text: string, language = 'text'): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${plainText(text)}\n${fence}`;
}

/** As text of an HTML element or a quoted attribute. */
export function escapeHtml(text: string): string {
  const written: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, character => written[character] ?? character);
}

function longestRun(text: string): number {
  let longest = 0;
  for (const run of text.matchAll(/`+/g)) longest = Math.max(longest, run[0].length);
  return longest;
}
