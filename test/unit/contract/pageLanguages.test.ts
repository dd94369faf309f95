// What other editors call languages, and what the endings of files add to it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageLanguages, pageOf } from '../../../paligemma/src/answers/pageLanguages';

/** Language and file name as editors give them, and how the page is read. */
const pages: readonly (readonly [languageId: string, uri: string, scanner: string | undefined])[] = [
  // Vim and Neovim.
  ['rst', 'a.rst', 'rst'],
  ['plaintex', 'a.tex', 'latex'],
  ['tex', 'a.tex', 'latex'],
  ['htmldjango', 'a.html', 'html'],
  ['eruby', 'a.html.erb', 'html'],
  ['typescript.tsx', 'a.tsx', 'jsx'],
  ['javascript.jsx', 'a.jsx', 'jsx'],
  ['markdown.mdx', 'a.mdx', 'mdx'],
  ['html.handlebars', 'a.hbs', 'html'],
  ['asciidoctor', 'a.adoc', 'asciidoc'],
  // Emacs.
  ['gfm', 'a.md', 'markdown'],
  ['mhtml', 'a.html', 'html'],
  ['web', 'a.vue', 'html'],
  ['web', 'a.svelte', 'svelte'],
  ['LaTeX', 'a.tex', 'latex'],
  ['js-jsx', 'a.jsx', 'jsx'],
  // Helix and Zed.
  ['tsx', 'a.tsx', 'jsx'],
  ['jsx', 'a.jsx', 'jsx'],
  ['typst', 'a.typ', 'typst'],
  ['html+erb', 'a.html.erb', 'html'],
  ['vue.js', 'a.vue', 'html'],
  ['HEEx', 'a.heex', 'html'],
  // The ending tells more than the language, or all there is.
  ['markdown', 'file:///x/a.qmd', 'quarto'],
  ['markdown', 'file:///x/a.Rmd', 'rmarkdown'],
  ['erb', 'a.md.erb', 'markdown'],
  ['plaintext', 'file:///x/a.rst', 'rst'],
  ['', 'file:///x.md/a.org', 'org'],
  ['', 'a.blade.php', 'html'],
  ['plaintext', 'file:///x.md/a.txt', undefined],
  ['typescript', 'a.ts', undefined],
  ['__proto__', 'constructor', undefined],
];
for (const [languageId, uri, scanner] of pages) {
  test(`${languageId} ${uri} is read as ${scanner ?? 'no page'}`, () => {
    assert.equal(pageOf(languageId, uri)?.scanner, scanner);
  });
}

test('the name of a language and the ending of its file both tell what may read the page next', () => {
  assert.deepEqual(pageOf('svelte', 'a.svelte')?.engines, []);
  assert.ok(pageOf('php', 'a.blade.php')?.engines.includes('ats'));
  assert.ok(pageOf('markdown', 'a.Rmd')?.engines.includes('knitr'));
  assert.ok(pageOf('vue', 'a.vue.ejs')?.engines.includes('angles'));
});

test('a name stands for one language, and so does an ending', () => {
  const names = pageLanguages.flatMap(({ ids, names: others = [] }) => [...ids, ...others]);
  const endings = pageLanguages.flatMap(({ endings: own = [] }) => own);
  assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
  assert.deepEqual(endings.filter((ending, index) => endings.indexOf(ending) !== index), []);
  assert.deepEqual([...names, ...endings].filter(name => name !== name.toLowerCase()), []);
});
