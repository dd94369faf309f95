/** The text that Markdown stands for, as far as it comes in paths and alt texts. */
import { decodeEntities } from './entities';

/** Backslash escapes and entities resolved. */
export function decodeMarkdown(raw: string): string {
  return decodeEntities(
    raw.replace(/\\([!-/:-@[-`{-~])/g, (_, char: string) => char === '&' ? '&amp;' : char).split('\n').map(oneLine)
      .filter(isKept).join(' '),
  );
}

/** Blanks around line ends go: an expression for them would take time by the square of a long row of blanks. */
function oneLine(part: string, index: number, parts: readonly string[]): string {
  const start = index > 0 ? part.trimStart() : part;
  return index < parts.length - 1 ? start.trimEnd() : start;
}

function isKept(part: string, index: number, parts: readonly string[]): boolean {
  return part !== '' || index === 0 || index === parts.length - 1;
}
