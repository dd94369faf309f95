/** The pictures that a document links to, whatever its language. */
import { pageOf, type Page, type PageScanner } from '../../../paligemma/src/answers/pageLanguages';
import { asciidocLinks } from './asciidoc';
import { cssLinks } from './css';
import { htmlLinks } from './html';
import type { ImageLink } from './imageLink';
import { jsxLinks } from './jsx';
import { latexLinks } from './latex';
import { markdownLinks } from './markdown';
import { orgLinks } from './org';
import { rstLinks } from './rst';
import { typstLinks } from './typst';

type Scanner = (text: string) => ImageLink[];

const scanners: Readonly<Record<PageScanner, Scanner>> = {
  markdown: text => markdownLinks(text, 'markdown'),
  quarto: text => markdownLinks(text, 'quarto'),
  rmarkdown: text => markdownLinks(text, 'rmarkdown'),
  mdx: text => markdownLinks(text, 'mdx'),
  html: text => htmlLinks(text, { kind: 'html', syntax: 'html', hasBraces: false }),
  svelte: text => htmlLinks(text, { kind: 'html', syntax: 'svelte', hasBraces: true }),
  astro: text => htmlLinks(text, { kind: 'html', syntax: 'html', hasBraces: true }),
  jsx: jsxLinks,
  // Many projects keep JSX in .js files.
  script: text => text.includes('</') || text.includes('/>') ? jsxLinks(text) : [],
  asciidoc: asciidocLinks,
  rst: rstLinks,
  latex: latexLinks,
  org: orgLinks,
  typst: typstLinks,
  css: text => cssLinks(text, 'css'),
  scss: text => cssLinks(text, 'scss'),
};

/** Longer files are data, not documents. */
export const MAX_TEXT = 4_000_000;

/**
 * In the order of the document. Empty for other languages. Never throws; takes time in proportion to the text.
 * @param uri The document's URI or path, whose ending tells more than some language ids; may be left out.
 */
export function imageLinks(text: string, languageId: string, uri?: string): ImageLink[] {
  const page = pageOf(languageId, uri);
  if (page === undefined || text.length > MAX_TEXT) return [];
  return scanners[page.scanner](text).map(link => forEngines(link, page));
}

/** What may read the page next is told to whoever writes into it. */
function forEngines(link: ImageLink, { engines }: Page): ImageLink {
  return link.altSlot === undefined || engines.length === 0 ? link : { ...link, altSlot: { ...link.altSlot, engines } };
}

/** The innermost link around `offset`, its end included. */
export function linkAt(links: readonly ImageLink[], offset: number): ImageLink | undefined {
  let best: ImageLink | undefined;
  for (const link of links) {
    if (!contains(link.range, offset) && !contains(link.targetRange, offset)) continue;
    if (best === undefined || link.range.end - link.range.start < best.range.end - best.range.start) best = link;
  }
  return best;
}

function contains({ start, end }: { readonly start: number; readonly end: number }, offset: number): boolean {
  return start <= offset && offset <= end;
}
