import { isRecord } from '../checks';
import { jsonText } from './json';

/** What one answer is as training data. */
export interface Example {
  /** The picture's path as it is written: relative to the folder of the file, with `/`, or its name alone. */
  readonly image: string;
  readonly prompt: string;
  /** The whole answer as the model wrote it. */
  readonly suffix: string;
  /** Nobody has looked at it yet. No trainer reads the key; whoever shows the line to a person does. */
  readonly isDraft?: boolean;
}

/**
 * One example for fine-tuning, with its newline.
 * Source: big_vision 0127fb6, `datasets/jsonl.py` (one flat JSON object a line, `image` a path) and the fields of its
 * `configs/proj/paligemma/transfers/forkme.py`; Roboflow's "PaliGemma JSONL" export.
 */
export function jsonlLine({ image, prompt, suffix, isDraft = false }: Example): string {
  return `${jsonText({ image, prefix: prompt, suffix, ...(isDraft ? { draft: true } : {}) })}\n`;
}

/** The pictures, as written, that a JSONL file answers for this prompt already. Lines that are not ours are passed over. */
export function imagesInJsonl(content: string, prompt: string): string[] {
  return content.split('\n').flatMap(line => {
    const { image, prefix } = parsedLine(line);
    return typeof image === 'string' && prefix === prompt ? [image] : [];
  });
}

/** True for a line that was begun as {@link jsonlLine} does and is no JSON yet: it was cut off. */
export function cutJsonlLine(line: string): boolean {
  const start = '{"image":';
  if (!line.startsWith(start) && !start.startsWith(line)) return false;
  try {
    JSON.parse(line);
    return false;
  } catch {
    return true;
  }
}

/** Whether a file that is to be added to holds JSON Lines, as far as its first line tells; an empty one does. */
export function isJsonl(content: string): boolean {
  const [first] = /[^\s].*/.exec(content) ?? [];
  return first === undefined || cutJsonlLine(first)
    || first.startsWith('{') && Object.keys(parsedLine(first)).length > 0;
}

function parsedLine(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
