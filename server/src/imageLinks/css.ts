/** Pictures in CSS, SCSS and LESS: `url(…)`, and strings that end like a picture. There is no alt text. */
import { isImageTarget } from '../../../paligemma/src/pictureTypes';
import { Finder } from './imageLink';
import type { ImageLink } from './imageLink';

const MAX_ADDRESS = 4096;

export function cssLinks(text: string, languageId: string): ImageLink[] {
  const links: ImageLink[] = [];
  const finder = new Finder(text);
  const hasLineComments = languageId !== 'css';
  const marks = /\/\*|\/\/|["']|url\(\s*/gi;
  for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
    const at = match.index;
    const after = at + match[0].length;
    if (match[0] === '/*') marks.lastIndex = Math.min(finder.next('*/', after) + 2, text.length);
    else if (match[0] === '//') marks.lastIndex = hasLineComments ? finder.next('\n', after) : after;
    else if (match[0] === '"' || match[0] === "'") {
      const end = stringEnd(text, at);
      if (end === undefined) continue;
      marks.lastIndex = end + 1;
      add(links, text, { at, start: after, end, close: end + 1 }, isImageTarget);
    } else marks.lastIndex = readUrl(links, text, at, after, finder);
  }
  return links;
}

/** @returns Where to go on. */
function readUrl(links: ImageLink[], text: string, at: number, start: number, finder: Finder): number {
  const quote = text[start];
  if (quote === '"' || quote === "'") {
    const end = stringEnd(text, start);
    if (end === undefined) return start + 1;
    add(links, text, { at, start: start + 1, end, close: end + 1 }, () => true);
    return end + 1;
  }
  const end = finder.next(')', start);
  if (end >= text.length || end - start > MAX_ADDRESS || text.slice(start, end).includes('\n')) return start;
  const trimmed = text.slice(start, end).trimEnd();
  add(links, text, { at, start, end: start + trimmed.length, close: end + 1 }, () => true);
  return end + 1;
}

/** An address between its marks: the link goes from `at` to `close`, what it names from `start` to `end`. */
interface Address {
  readonly at: number;
  readonly start: number;
  readonly end: number;
  readonly close: number;
}

function add(
  links: ImageLink[],
  text: string,
  { at, start, end, close }: Address,
  fits: (target: string) => boolean,
): void {
  const target = text.slice(start, end).replace(
    /\\(?:([0-9a-fA-F]{1,6})\s?|([^]))/g,
    (_, hex: string | undefined, char: string | undefined) =>
      hex === undefined
        ? char ?? ''
        : parseInt(hex, 16) > 0 && parseInt(hex, 16) <= 0x10ffff
        ? String.fromCodePoint(parseInt(hex, 16))
        : '\ufffd',
  );
  // Interpolation of SCSS and LESS: only the compiler knows the path.
  if (target === '' || /#\{|@\{|\$/.test(target) || !fits(target)) return;
  links.push({
    kind: 'css',
    range: { start: at, end: close },
    target,
    targetRange: { start, end },
    alt: undefined,
    altSlot: undefined,
  });
}

/** Where the string that starts at `at` ends: at its closing quote, on the same line. */
function stringEnd(text: string, at: number): number | undefined {
  const quote = text[at];
  const limit = Math.min(text.length, at + MAX_ADDRESS);
  for (let position = at + 1; position < limit; position++) {
    const char = text[position];
    if (char === '\\') position++;
    else if (char === '\n') return undefined;
    else if (char === quote) return position;
  }
  return undefined;
}
