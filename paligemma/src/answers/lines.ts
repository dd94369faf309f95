/** The lines that the answers of many pictures add to one file. */
import type { Region } from '../facts';

export interface AnswerLine {
  /** The picture's path as it is written: relative to the folder of the file that the line goes to, with `/`. */
  readonly image: string;
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
 */
export function jsonlLine({ image, prompt, suffix }: Pick<AnswerLine, 'image' | 'prompt' | 'suffix'>): string {
  return `${JSON.stringify({ image, prefix: prompt, suffix })}\n`;
}

/** One picture with its alt text as an entry of a list, with its newline. */
export function markdownLine(line: AnswerLine): string {
  return `- ${imageLink(line)}\n`;
}

/** An image link with its alt text. */
export function imageLink(line: AnswerLine): string {
  return `![${altText(line)}](${linkTarget(line.image)})`;
}

/** The pictures, as written, that a JSONL file answers for this prompt already. Lines that are not ours are passed over. */
export function imagesInJsonl(content: string, prompt: string): string[] {
  return content.split('\n').flatMap(line => {
    const { image, prefix } = parsedLine(line);
    return typeof image === 'string' && prefix === prompt ? [image] : [];
  });
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

/** One line without what would end the brackets. Regions without text are told by their labels. */
function altText({ text, suffix, regions }: AnswerLine): string {
  const labels = [...new Set(regions.map(({ label }) => label).filter(label => label !== ''))].join(', ');
  const plain = regions.length > 0 ? (text.trim() || labels) : (text || suffix);
  return plain.replace(/\s+/g, ' ').trim().replace(/[\\[\]<>`*_]/g, '\\$&');
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
