/**
 * The one table of the languages whose pages are read for pictures: what editors call them, how their files end, how
 * they are read, and what may read them next.
 */

/** How a page is read; one scanner each in `server/src/imageLinks`. */
export type PageScanner =
  | 'markdown'
  | 'quarto'
  | 'rmarkdown'
  | 'mdx'
  | 'html'
  | 'svelte'
  | 'astro'
  | 'jsx'
  | 'script'
  | 'asciidoc'
  | 'rst'
  | 'latex'
  | 'org'
  | 'typst'
  | 'css'
  | 'scss';

/**
 * What may read a page after the editor, by what it takes for code. Words of a model must be none of it.
 *
 * - `mustaches`: `{{ }}`, `{% %}`, `{# #}`, `{!! !!}`, `{: }`. Jinja, Django, Liquid, Nunjucks, Twig, Handlebars, Go
 *   templates, Vue, Angular, Blade, shortcodes of Hugo and Quarto, kramdown's attributes.
 * - `angles`: `<% %>`, `<? ?>`, `<# >`. ERB, EJS, EEx, ASP, JSP, Mako, PHP, FreeMarker.
 * - `dollars`: `${ }`, `#{ }`, `@{ }`, `*{ }`, `~{ }`. JSP, Thymeleaf, FreeMarker, Mako, Groovy, Haml.
 * - `braces`: a brace with something directly behind it. Smarty, Latte.
 * - `hashes`: `#word`, `$word`. Velocity, ColdFusion.
 * - `ats`: `@word`. Razor, Blade.
 * - `colons`: `:::name`. Microsoft Learn's pictures, fences of MyST, Pandoc and Docusaurus.
 * - `knitr`: code between backticks, with or without a backslash before them.
 * - `pandoc`: citations and mathematics.
 */
export const pageEngines = [
  'mustaches',
  'angles',
  'dollars',
  'braces',
  'hashes',
  'ats',
  'colons',
  'knitr',
  'pandoc',
] as const;
export type PageEngine = (typeof pageEngines)[number];

export interface PageLanguage {
  /** As VS Code and its extensions call it. The first one names the row. */
  readonly ids: readonly string[];
  /** As Vim, Neovim, Emacs, Helix, Kakoune, Sublime Text and Zed call it, in small letters, where that is another. */
  readonly names?: readonly string[];
  /** Of files, without the dot, in small letters. */
  readonly endings?: readonly string[];
  readonly scanner: PageScanner;
  readonly engines: readonly PageEngine[];
  /** The id of a more general row: an editor may say that one, and the ending of the file this. */
  readonly refines?: string;
  /** A template around a page of another kind, which a second ending may name: `page.md.erb`. */
  readonly isTemplate?: true;
  /** Captions may stand beside links; in code and templates they would be in the way. */
  readonly isProse?: true;
  /** Files with these endings are looked for when alt text is written in whole folders. */
  readonly isSwept?: true;
}

const anyTemplate = ['mustaches', 'angles', 'dollars'] as const;
const anyMarkdown = [...anyTemplate, 'colons'] as const;

export const pageLanguages: readonly PageLanguage[] = [
  {
    ids: ['markdown'],
    names: [
      'md',
      'gfm',
      'commonmark',
      'multimarkdown',
      'myst',
      'vimwiki',
      'telekasten',
      'obsidian',
      'ghmarkdown',
    ],
    endings: ['md', 'markdown', 'mkd', 'mdown', 'mdwn', 'livemd'],
    scanner: 'markdown',
    engines: anyMarkdown,
    isProse: true,
    isSwept: true,
  },
  {
    ids: ['quarto'],
    names: ['qmd'],
    endings: ['qmd'],
    scanner: 'quarto',
    engines: [...anyMarkdown, 'knitr', 'pandoc'],
    refines: 'markdown',
    isProse: true,
    isSwept: true,
  },
  {
    ids: ['rmd'],
    names: ['rmarkdown', 'pandoc'],
    endings: ['rmd', 'rmarkdown'],
    scanner: 'rmarkdown',
    engines: [...anyMarkdown, 'knitr', 'pandoc'],
    refines: 'markdown',
    isProse: true,
    isSwept: true,
  },
  {
    ids: ['mdx'],
    endings: ['mdx'],
    scanner: 'mdx',
    engines: anyMarkdown,
    refines: 'markdown',
    isProse: true,
    isSwept: true,
  },
  { ids: ['jinja-md'], scanner: 'markdown', engines: anyMarkdown, isProse: true },
  {
    ids: ['html'],
    names: ['mhtml', 'xhtml', 'sgml-html', 'web'],
    endings: ['html', 'htm', 'xhtml'],
    scanner: 'html',
    engines: anyTemplate,
    isProse: true,
    isSwept: true,
  },
  {
    ids: ['vue'],
    names: ['vue.js', 'vue-html'],
    endings: ['vue'],
    scanner: 'html',
    engines: ['mustaches'],
    refines: 'html',
    isSwept: true,
  },
  { ids: ['svelte'], endings: ['svelte'], scanner: 'svelte', engines: [], refines: 'html', isSwept: true },
  { ids: ['astro'], endings: ['astro'], scanner: 'astro', engines: [], refines: 'html', isSwept: true },
  {
    ids: ['handlebars', 'mustache'],
    names: ['hbs', 'glimmer', 'ember'],
    endings: ['hbs', 'handlebars', 'mustache'],
    scanner: 'html',
    engines: anyTemplate,
    isTemplate: true,
  },
  {
    ids: ['php'],
    names: ['phtml'],
    endings: ['php', 'phtml'],
    scanner: 'html',
    engines: anyTemplate,
    isTemplate: true,
  },
  {
    ids: ['blade'],
    names: ['laravel-blade'],
    endings: ['blade.php'],
    scanner: 'html',
    engines: [...anyTemplate, 'ats'],
    isTemplate: true,
  },
  {
    ids: ['razor', 'aspnetcorerazor'],
    names: ['cshtml'],
    endings: ['cshtml', 'razor', 'vbhtml'],
    scanner: 'html',
    engines: [...anyTemplate, 'ats'],
    isTemplate: true,
  },
  {
    ids: ['erb', 'ejs', 'html-eex', 'phoenix-heex', 'jsp'],
    names: [
      'eruby',
      'embedded_template',
      'eex',
      'heex',
      'leex',
      'eelixir',
      'aspvbs',
      'aspperl',
      'mako',
      'mason',
      'etlua',
    ],
    endings: ['erb', 'rhtml', 'ejs', 'eex', 'heex', 'leex', 'jsp', 'asp', 'aspx', 'mako'],
    scanner: 'html',
    engines: anyTemplate,
    isTemplate: true,
  },
  {
    ids: ['django-html', 'jinja-html', 'jinja', 'njk', 'nunjucks', 'liquid', 'twig'],
    names: [
      'htmldjango',
      'htmlangular',
      'angular',
      'django',
      'jinja2',
      'tera',
      'vento',
      'askama',
      'gotmpl',
      'gohtmltmpl',
      'gohtml',
      'go-template',
      'template',
    ],
    endings: ['jinja', 'jinja2', 'j2', 'njk', 'nunjucks', 'liquid', 'twig', 'tera', 'vto', 'tmpl', 'gohtml', 'gotmpl'],
    scanner: 'html',
    engines: anyTemplate,
    isTemplate: true,
  },
  {
    ids: ['smarty', 'latte'],
    endings: ['tpl', 'latte'],
    scanner: 'html',
    engines: [...anyTemplate, 'braces'],
    isTemplate: true,
  },
  {
    ids: ['velocity', 'cfml'],
    names: ['vtl', 'vm', 'cf', 'html-cfml'],
    endings: ['vm', 'vtl', 'cfm'],
    scanner: 'html',
    engines: [...anyTemplate, 'hashes'],
    isTemplate: true,
  },
  {
    ids: ['ftl', 'freemarker'],
    endings: ['ftl', 'ftlh'],
    scanner: 'html',
    engines: anyTemplate,
    isTemplate: true,
  },
  { ids: ['xml'], names: ['nxml', 'svg', 'docbk'], endings: ['xml'], scanner: 'html', engines: anyTemplate },
  {
    ids: ['javascriptreact'],
    names: ['jsx', 'js-jsx', 'rjsx'],
    endings: ['jsx'],
    scanner: 'jsx',
    engines: [],
    isSwept: true,
  },
  { ids: ['typescriptreact'], names: ['tsx'], endings: ['tsx'], scanner: 'jsx', engines: [], isSwept: true },
  { ids: ['javascript'], names: ['js', 'js2', 'js3'], endings: ['js', 'mjs', 'cjs'], scanner: 'script', engines: [] },
  {
    ids: ['asciidoc'],
    names: ['adoc', 'asciidoctor'],
    endings: ['adoc', 'asciidoc'],
    scanner: 'asciidoc',
    engines: anyTemplate,
    isProse: true,
    isSwept: true,
  },
  {
    ids: ['restructuredtext'],
    names: ['rst', 'rest', 'rrst'],
    endings: ['rst', 'rrst'],
    scanner: 'rst',
    engines: anyTemplate,
    isProse: true,
    isSwept: true,
  },
  {
    ids: ['latex', 'tex', 'latex-expl3', 'rsweave'],
    names: ['plaintex', 'plain-tex', 'context', 'rnoweb', 'texlab', 'auctex'],
    endings: ['tex', 'ltx', 'latex', 'rnw'],
    scanner: 'latex',
    engines: anyTemplate,
    isProse: true,
    isSwept: true,
  },
  {
    ids: ['org'],
    names: ['org-mode', 'orgmode'],
    endings: ['org'],
    scanner: 'org',
    engines: anyTemplate,
    isProse: true,
    isSwept: true,
  },
  {
    ids: ['typst'],
    names: ['typ'],
    endings: ['typ'],
    scanner: 'typst',
    engines: anyTemplate,
    isProse: true,
    isSwept: true,
  },
  { ids: ['css'], endings: ['css'], scanner: 'css', engines: [] },
  { ids: ['scss', 'less', 'sass'], endings: ['scss', 'less', 'sass'], scanner: 'scss', engines: [] },
];

/** Ids of VS Code whose documents have to be sent. */
export const imageLinkLanguages: readonly string[] = pageLanguages.flatMap(({ ids }) => ids);

/** A document, as its language and its file name tell. */
export interface Page {
  readonly scanner: PageScanner;
  readonly engines: readonly PageEngine[];
  readonly isProse: boolean;
}

const byName = new Map(
  pageLanguages.flatMap(row => [...row.ids, ...row.names ?? []].map(name => [name, row] as const)),
);
const byEnding = new Map(pageLanguages.flatMap(row => row.endings?.map(ending => [ending, row] as const) ?? []));
const pages = new Map<string, Page>();

/**
 * How a document is read. The language that the editor names decides, in any editor's spelling, also joined as in Vim
 * (`markdown.mdx`); where it is not one of ours, the ending of the file does. Whatever either names may read the page
 * next.
 * @param uri The document's URI or path; may be left out.
 * @returns Undefined for a document that is not read for pictures.
 */
export function pageOf(languageId: string, uri = ''): Page | undefined {
  const language = languageId.toLowerCase();
  const known = byName.get(language);
  const named = known === undefined ? rowsOf(language.split(/[.+\s]/), byName) : [known];
  const ended = endingsOf(uri);
  const rows = [...named, ...ended];
  const [first] = rows;
  if (first === undefined) return undefined;
  const general = named.findLast(row => row.isTemplate === undefined) ?? ended.find(row => row.isTemplate === undefined)
    ?? first;
  const row = ended.find(({ refines }) => refines !== undefined && refines === general.ids[0]) ?? general;
  const engines = pageEngines.filter(engine => rows.some(each => each.engines.includes(engine)));
  const key = `${row.ids[0]} ${engines.join(' ')}`;
  let page = pages.get(key);
  if (page === undefined) pages.set(key, page = { scanner: row.scanner, engines, isProse: row.isProse === true });
  return page;
}

/** The language of a file that is looked for when alt text is written in whole folders; undefined for others. */
export function sweptLanguage(name: string): string | undefined {
  return endingsOf(name).find(({ isSwept }) => isSwept === true)?.ids[0];
}

/** Rows of the endings at the end of a name, the innermost first: for `page.md.erb` those of `md` and `erb`. */
function endingsOf(uri: string): PageLanguage[] {
  const [, ...endings] = uri.slice(-100).toLowerCase().replace(/^.*[\\/]/s, '').split('.').slice(-4);
  const joined = byEnding.get(endings.slice(-2).join('.'));
  if (joined !== undefined) return [joined];
  const firstKnown = endings.findLastIndex(ending => !byEnding.has(ending)) + 1;
  return rowsOf(endings.slice(firstKnown), byEnding);
}

function rowsOf(names: readonly string[], rows: ReadonlyMap<string, PageLanguage>): PageLanguage[] {
  return names.flatMap(name => rows.get(name) ?? []);
}
