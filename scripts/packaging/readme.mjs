// Markdown as it is shipped: a link into the checkout that the package does not hold becomes the text that it had. Pages
// that the editor, the Marketplace and npm show follow no link into the package at all.
import path from 'node:path';

/** Links and pictures, `[text](target)`; pictures within links do not occur. */
const links = /(!?)\[([^\]]*)\]\(([^)\s]+)\)/g;

/**
 * @param {string} from The document's path within the package.
 * @param {ReadonlySet<string>} paths What the package holds. A folder counts where it holds something.
 * @param {Readonly<Record<string, string>>} renamed New names of files in the root.
 */
export function linkedWithin(text, from, paths, renamed = {}) {
  return text.replace(links, (link, mark, words, target) => {
    if (!isRelative(target)) return link;
    const place = resolved(target, from);
    if (Object.hasOwn(renamed, place)) {
      return `${mark}[${words}](${path.posix.relative(path.posix.dirname(from), renamed[place])})`;
    }
    const isThere = paths.has(place) || [...paths].some(other => other.startsWith(`${place}/`));
    return isThere ? link : words;
  });
}

/** A paragraph that is a picture: its words alone would say nothing to the reader. */
const lonePictures = /^!\[[^\]]*\]\((?![a-z][a-z\d+.-]*:)[^)\s]+\)\n\n?/gim;

/**
 * A document for a page that shows pictures from https only, and where no link leads into the package: links into the
 * checkout get addresses, or become their words where there are none; a picture that stands alone is left out then.
 * @param {string} from The document's path within the checkout.
 * @param {import('./publishing.mjs').Publishing} addresses
 */
export function linkedOnline(text, from, { pages, pictures }) {
  const shown = pictures === undefined ? text.replace(lonePictures, '') : text;
  return shown.replace(links, (link, mark, words, target) => {
    if (!isRelative(target)) return link;
    const base = mark === '' ? pages : pictures;
    if (base === undefined) return words;
    const [, anchor = ''] = /(#.*)$/.exec(target) ?? [];
    return `${mark}[${words}](${base}${resolved(target, from)}${anchor})`;
  });
}

function isRelative(target) {
  return !/^(?:[a-z][a-z\d+.-]*:|#|\/)/i.test(target);
}

function resolved(target, from) {
  return path.posix.normalize(path.posix.join(path.posix.dirname(from), target.replace(/#.*$/, ''))).replace(/\/$/, '');
}
