/** Pictures in HTML, Vue and Svelte files. */
import { cssLinks } from './css';
import { Finder } from './imageLink';
import type { ImageLink } from './imageLink';
import { linksOfTag, readTag, type TagDialect } from './tags';

/** Their content is no markup; the end tag ends it. */
const rawText = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'noembed', 'iframe']);

export function htmlLinks(text: string, dialect: TagDialect): ImageLink[] {
  const links: ImageLink[] = [];
  const finder = new Finder(text);
  const ends = new Map<string, { readonly from: number; readonly at: number }>();
  const endOf = (name: string, from: number): number => {
    const known = ends.get(name);
    if (known !== undefined && known.from <= from && from <= known.at) return known.at;
    const pattern = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
    pattern.lastIndex = from;
    const at = pattern.exec(text)?.index ?? text.length;
    ends.set(name, { from, at });
    return at;
  };
  let position = 0;
  while (position < text.length) {
    const at = finder.next('<', position);
    if (at >= text.length) break;
    if (text.startsWith('<!--', at)) {
      position = Math.max(finder.next('-->', at + 4), at + 4);
      continue;
    }
    const tag = readTag(text, at, text.length, dialect, finder);
    if (tag === undefined) {
      position = at + 1;
      continue;
    }
    links.push(...linksOfTag(text, tag, dialect));
    position = tag.range.end;
    const name = tag.name.toLowerCase();
    if (!rawText.has(name) || text[position - 2] === '/') continue;
    const end = endOf(name, position);
    if (name === 'style') links.push(...shifted(cssLinks(text.slice(position, end), 'scss'), position));
    position = end;
  }
  return links;
}

function shifted(links: readonly ImageLink[], by: number): ImageLink[] {
  return links.map(link => ({
    ...link,
    range: { start: link.range.start + by, end: link.range.end + by },
    targetRange: { start: link.targetRange.start + by, end: link.targetRange.end + by },
  }));
}
