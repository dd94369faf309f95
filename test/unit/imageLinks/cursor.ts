import assert from 'node:assert/strict';
import { test } from 'node:test';
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

/**
 * Text with cursor, target and alt text found there, and the whole text after "a cat" was written; the last two are
 * left out where there is no link, or no place for alt text.
 */
export type Row = readonly [
  text: string,
  target: string | undefined,
  alt?: string | undefined,
  after?: string | undefined,
];

/** By language id. */
export function testRows(tables: Readonly<Record<string, readonly Row[]>>): void {
  for (const [languageId, rows] of Object.entries(tables)) {
    for (const [marked, target, alt, after] of rows) {
      test(`${languageId}: ${JSON.stringify(marked)}`, () => {
        const { text, link } = atCursor(marked, languageId);
        assert.equal(link?.target, target);
        if (link === undefined) return;
        assert.equal(link.alt, alt);
        assert.equal(written(text, link, ' a\n cat '), after?.replaceAll('¦', '|'));
      });
    }
  }
}
