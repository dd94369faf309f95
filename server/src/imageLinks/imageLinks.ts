/** The pictures that a document links to, whatever its language. */
import type { imageLinkLanguages } from '../contract/imageLinks';
import { asciidocLinks } from './asciidoc';
import { cssLinks } from './css';
import { htmlLinks } from './html';
import type { ImageLink } from './imageLink';
import { jsxLinks } from './jsx';
import { latexLinks } from './latex';
import { markdownLinks } from './markdown';
import { rstLinks } from './rst';

type Scanner = (text: string) => ImageLink[];

const html: Scanner = text => htmlLinks(text, { kind: 'html', syntax: 'html', hasBraces: false });
const scanners: Readonly<Record<(typeof imageLinkLanguages)[number], Scanner>> = {
  markdown: text => markdownLinks(text, 'markdown'),
  quarto: text => markdownLinks(text, 'markdown'),
  rmd: text => markdownLinks(text, 'markdown'),
  mdx: text => markdownLinks(text, 'mdx'),
  html,
  vue: html,
  handlebars: html,
  php: html,
  erb: html,
  razor: html,
  'django-html': html,
  'jinja-html': html,
  njk: html,
  xml: html,
  svelte: text => htmlLinks(text, { kind: 'html', syntax: 'svelte', hasBraces: true }),
  astro: text => htmlLinks(text, { kind: 'html', syntax: 'html', hasBraces: true }),
  javascriptreact: jsxLinks,
  typescriptreact: jsxLinks,
  // Many projects keep JSX in .js files.
  javascript: text => text.includes('</') || text.includes('/>') ? jsxLinks(text) : [],
  asciidoc: asciidocLinks,
  restructuredtext: rstLinks,
  latex: latexLinks,
  tex: latexLinks,
  css: text => cssLinks(text, 'css'),
  scss: text => cssLinks(text, 'scss'),
  less: text => cssLinks(text, 'less'),
  sass: text => cssLinks(text, 'scss'),
};

/** Longer files are data, not documents. */
export const MAX_TEXT = 4_000_000;

export function hasImageLinks(languageId: string): languageId is keyof typeof scanners {
  return Object.hasOwn(scanners, languageId);
}

/** In the order of the document. Empty for other languages. Never throws; takes time in proportion to the text. */
export function imageLinks(text: string, languageId: string): ImageLink[] {
  if (!hasImageLinks(languageId) || text.length > MAX_TEXT) return [];
  return scanners[languageId](text);
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
