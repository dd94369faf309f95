/** The lines that a batch adds to its one file. Free of the editor. */
import path from 'node:path';
import type { Region } from '../../../model-host/src/contract/paligemma';
import { withoutMarks } from '../../../server/src/contract/pageEngines';
import { pageOf } from '../../../server/src/contract/pageLanguages';

export interface AnswerLine {
  /** Absolute. */
  readonly imagePath: string;
  readonly prompt: string;
  readonly suffix: string;
  /** What of the suffix is not part of a region. */
  readonly text: string;
  readonly regions: readonly Pick<Region, 'label'>[];
}

/**
 * One example for fine-tuning, with its newline.
 * Source: big_vision 0127fb6, big_vision/datasets/jsonl.py (flat object, `image` a path); Roboflow's "PaliGemma JSONL"
 * export.
 * @param filePath Absolute path of the file that the line goes to: the picture's path is relative to its folder.
 */
export function jsonlLine({ imagePath, prompt, suffix }: AnswerLine, filePath: string): string {
  return `${JSON.stringify({ image: relativePath(imagePath, filePath), prefix: prompt, suffix })}\n`;
}

/** One picture with its alt text as an entry of a list, with its newline. */
export function markdownLine(line: AnswerLine, filePath: string): string {
  return `- ![${altText(line)}](${linkTarget(relativePath(line.imagePath, filePath))})\n`;
}

/** An image link, for a document at `filePath`. */
export function imageLink(line: AnswerLine, filePath: string): string {
  return markdownLine(line, filePath).slice(2, -1);
}

/**
 * Absolute paths of the pictures that a JSONL file answers for this prompt already. Lines that are not ours are passed
 * over.
 */
export function imagesInJsonl(content: string, filePath: string, prompt: string): Set<string> {
  const images = content.split('\n').flatMap(line => {
    const { image, prefix } = parsedLine(line);
    return typeof image === 'string' && prefix === prompt ? [path.resolve(path.dirname(filePath), image)] : [];
  });
  return new Set(images);
}

/** Absolute paths of the pictures that a Markdown file links to already. */
export function imagesInMarkdown(content: string, filePath: string): Set<string> {
  const targets: string[] = [];
  let isOpen = false;
  // One pass: whichever bracket is never closed costs nothing.
  for (const match of content.matchAll(/\\.|!\[|\](?:\(([^()\s]+)\))?/g)) {
    if (match[0] === '![') isOpen = true;
    else if (match[0].startsWith(']')) {
      if (isOpen && match[1] !== undefined) targets.push(match[1]);
      isOpen = false;
    }
  }
  return new Set(targets.flatMap(target => {
    try {
      return [path.resolve(path.dirname(filePath), decodeURIComponent(target))];
    } catch {
      return [];
    }
  }));
}

/** With forward slashes on every platform; absolute where there is no way between two drives. */
function relativePath(imagePath: string, filePath: string): string {
  return path.relative(path.dirname(filePath), imagePath).split(path.sep).join('/');
}

/** Of a template, a site generator and the like. */
const enginesOfMarkdown = pageOf('markdown')?.engines ?? [];

/**
 * One line without what would end the brackets, or run in whatever reads the page next. Regions without text are told by
 * their labels.
 */
function altText({ text, suffix, regions }: AnswerLine): string {
  const labels = [...new Set(regions.map(({ label }) => label).filter(label => label !== ''))].join(', ');
  const plain = regions.length > 0 ? (text.trim() || labels) : (text || suffix);
  return withoutMarks(plain.replace(/\s+/g, ' ').trim(), enginesOfMarkdown).replace(/[\\[\]<>`*_]/g, '\\$&');
}

/** Source: CommonMark 0.31, section 6.3: a destination holds no space, and parentheses only in pairs. */
function linkTarget(target: string): string {
  return target.replace(
    /[%\s()<>\\?#]/g,
    character => encodeURIComponent(character).replace('(', '%28').replace(')', '%29'),
  );
}

function parsedLine(line: string): { readonly image?: unknown; readonly prefix?: unknown } {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
