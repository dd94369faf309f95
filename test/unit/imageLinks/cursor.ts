import { imageLinks, linkAt } from '../../../server/src/imageLinks/imageLinks';
import { altEdit } from '../../../server/src/imageLinks/altEdit';
import type { ImageLink } from '../../../server/src/imageLinks/imageLink';

/** `|` marks the cursor; `¦` stands for a bar that is part of the text. */
export function atCursor(
  marked: string,
  languageId: string,
): { readonly text: string; readonly link: ImageLink | undefined } {
  const offset = marked.indexOf('|');
  if (offset < 0) throw new Error(`no cursor in ${marked}`);
  const text = (marked.slice(0, offset) + marked.slice(offset + 1)).replaceAll('¦', '|');
  return { text, link: linkAt(imageLinks(text, languageId), offset) };
}

/** The whole text after the alt text of the link was written; undefined where there is nowhere to write it. */
export function written(text: string, link: ImageLink, alt: string): string | undefined {
  const edit = altEdit(link, alt);
  return edit === undefined ? undefined : text.slice(0, edit.range.start) + edit.newText + text.slice(edit.range.end);
}
