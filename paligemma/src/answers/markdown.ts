import type { RunResult } from '../runResult';
import { altText } from './altText';

/** One answer as a link to its picture. */
export interface LinkedAnswer extends Pick<RunResult, 'text' | 'suffix' | 'regions'> {
  /** The picture's path as it is written: relative to the folder of the file that the link goes to, with `/`. */
  readonly image: string;
}

/** One picture with its alt text as an entry of a list, with its newline. */
export function markdownLine(answer: LinkedAnswer): string {
  return `- ${imageLink(answer)}\n`;
}

/** An image link with its alt text. */
export function imageLink(answer: LinkedAnswer): string {
  return `![${escapeAltText(altText(answer))}](${linkTarget(answer.image)})`;
}

/** Text between the brackets of an image link: nothing in it means anything to Markdown. */
export function escapeAltText(text: string): string {
  return text.replace(/[\\[\]*`<>|~]|_(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])_|&(?=#?\w+;)/gu, '\\$&');
}

/** The pictures, as paths, that a Markdown file links to already. */
export function imagesInMarkdown(content: string): string[] {
  const targets = [...content.matchAll(/!\[(?:\\.|[^\]\\])*\]\(([^)\s]+)\)/g)].map(match => match[1] ?? '');
  return targets.flatMap(target => {
    try {
      return [decodeURIComponent(target)];
    } catch {
      return [];
    }
  });
}

/** Source: CommonMark 0.31, section 6.3: a destination holds no space, and parentheses only in pairs. */
function linkTarget(target: string): string {
  return target.replace(
    /[%\s()<>\\?#]/g,
    character => encodeURIComponent(character).replace('(', '%28').replace(')', '%29'),
  );
}
