import { tamed } from '../plainText';
import type { RunResult } from '../runResult';
import { altText } from './altText';
import { withoutMarks } from './pageEngines';
import { pageOf } from './pageLanguages';

/** One answer as a link to its picture. */
export interface LinkedAnswer extends Pick<RunResult, 'text' | 'suffix' | 'regions'> {
  /** The picture's path as it is written: relative to the folder of the file that the link goes to, with `/`. */
  readonly image: string;
}

/** One picture with its alt text as an entry of a list, with its newline. */
export function markdownLine(answer: LinkedAnswer): string {
  return `- ${imageLink(answer)}\n`;
}

/** Of a template, a site generator and the like. */
const enginesOfMarkdown = pageOf('markdown')?.engines ?? [];

/**
 * An image link with its alt text, of which nothing runs in whatever reads the page next: knitr looks for code between
 * backticks in the raw text, with a backslash before them or not, and any page may be a part of one of its own.
 * @param languageId Of the page, where it is known.
 */
export function imageLink(answer: LinkedAnswer, languageId = 'markdown'): string {
  const words = escapeAltText(withoutMarks(altText(answer), enginesOfMarkdown)).replaceAll('\\`', '&#96;');
  // Braces are expressions in MDX.
  const written = pageOf(languageId)?.scanner === 'mdx' ? words.replace(/[{}]/g, '\\$&') : words;
  return `![${written}](${linkTarget(answer.image)})`;
}

/**
 * Text between the brackets of an image link: nothing in it means anything to Markdown. Of GFM and Obsidian, a bar ends
 * a cell of a table or begins a size, whatever stands before it.
 */
export function escapeAltText(text: string): string {
  return text.replace(/[\\[\]*`<>~]|_(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])_|&(?=#?\w+;)/gu, '\\$&').replaceAll(
    '|',
    '&#124;',
  );
}

/** The pictures, as paths, that a Markdown file links to already. */
export function imagesInMarkdown(content: string): string[] {
  const targets: string[] = [];
  let isOpen = false;
  // One pass: whichever bracket is never closed costs nothing.
  for (const match of content.matchAll(/\\.|!\[|\](?:\(([^()\s]+)\))?/g)) {
    if (match[0] === '![') {
      isOpen = true;
    } else if (match[0].startsWith(']')) {
      if (isOpen && match[1] !== undefined) targets.push(match[1]);
      isOpen = false;
    }
  }
  return targets.flatMap(target => {
    try {
      return [decodeURIComponent(target)];
    } catch {
      return [];
    }
  });
}

/**
 * True for a line that was begun as {@link markdownLine} does and has no end of a link: it was cut off. What a person has
 * added to a link, such as a title or words behind it, is theirs.
 */
export function cutMarkdownLine(line: string): boolean {
  if (!line.startsWith('- ![')) return false;
  const target = line.indexOf('](');
  return target < 0 || !line.includes(')', target);
}

/**
 * Source: CommonMark 0.31, section 6.3: a destination holds no space, and parentheses only in pairs. Braces begin what
 * template engines run.
 */
function linkTarget(target: string): string {
  const safe = target.replace(
    /[%\s()<>\\?#{}]/g,
    character => encodeURIComponent(character).replace('(', '%28').replace(')', '%29'),
  );
  return tamed(safe, character => encodeURIComponent(/\p{Surrogate}/u.test(character) ? '\ufffd' : character));
}
