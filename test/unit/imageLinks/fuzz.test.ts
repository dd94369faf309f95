// Hostile text in every language: nothing throws, nothing takes for ever, and an edit changes the alt text alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { altWords } from '../../../server/src/imageLinks/altEdit';
import type { ImageLink } from '../../../server/src/imageLinks/imageLink';
import { imageLinks } from '../../../server/src/imageLinks/imageLinks';
import { seededRandom } from '../../support/seededRandom';
import { written } from './cursor';

const languages = [
  'markdown',
  'quarto',
  'rmd',
  'org',
  'typst',
  'mdx',
  'html',
  'vue',
  'svelte',
  'astro',
  'javascriptreact',
  'typescriptreact',
  'asciidoc',
  'restructuredtext',
  'latex',
  'css',
  'scss',
  'less',
];
const pieces = [
  '![',
  ']',
  '(',
  ')',
  '[',
  '][',
  ']:',
  '<',
  '>',
  '"',
  "'",
  '`',
  '```',
  '~~~',
  '\n',
  '\n\n',
  '\r\n',
  ' ',
  '    ',
  '\t',
  '\\',
  '{',
  '}',
  '${',
  '/>',
  '</',
  '</p>',
  '<!--',
  '-->',
  '/*',
  '*/',
  '//',
  '---\n',
  '>',
  '- ',
  '1. ',
  '<img ',
  '<Image ',
  '<script>',
  '</script>',
  '<style>',
  'src="a.png"',
  'src=',
  'alt="x"',
  'alt=',
  'alt',
  ' alt={`x`}',
  'a.png',
  'b c.png',
  '=10x',
  'url(',
  '@import',
  'image::',
  'image:',
  ':imagesdir: x',
  '[alt=',
  'width=3',
  ',',
  '.. image:: ',
  '.. figure:: ',
  ':alt: ',
  '::',
  '.. ',
  '|',
  '\\includegraphics',
  '\\includegraphics[',
  '\\begin{verbatim}',
  '\\end{verbatim}',
  '\\verb|',
  '%',
  '\\graphicspath{{x/}}',
  '&amp;',
  '&#0;',
  '&#xffffff;',
  'é',
  'שלום',
  '漢字',
  '👩‍👩‍👧',
  '\ud800',
  '\0',
  '\u2028',
  'return ',
  '=>',
  '?',
  'const x = ',
  '![[',
  ']]',
  '|200',
  '![[a.png',
  '{fig-alt="',
  '{: alt="x"}',
  '{width=3}',
  ':::image source="a.png"',
  ':::',
  '{{< figure src="a.png" ',
  '>}}',
  '{% include x.html path="a.png" ',
  '%}',
  '```{image} a.png\n',
  ':::{figure} a.png\n',
  '```{r}\n',
  '#| fig-alt: ',
  'include_graphics("a.png")',
  '[[file:a.png]]',
  '#+ATTR_HTML: :alt x\n',
  '#+BEGIN_SRC\n',
  '#image("a.png", ',
  'alt: "x"',
];

for (const languageId of languages) {
  test(`${languageId}: random text`, () => {
    const random = seededRandom(20_250_101 + languages.indexOf(languageId));
    for (let round = 0; round < 800; round++) {
      const text = Array.from({ length: 1 + random.below(30) }, () => random.pick(pieces)).join('');
      for (const link of imageLinks(text, languageId)) checkSpans(text, link);
    }
  });
}

function checkSpans(text: string, { range, targetRange, altSlot }: ImageLink): void {
  for (const span of [range, targetRange, ...(altSlot === undefined ? [] : [altSlot.range])]) {
    assert.ok(0 <= span.start && span.start <= span.end && span.end <= text.length, JSON.stringify({ text, span }));
  }
}

const documents: Readonly<Record<string, readonly string[]>> = {
  markdown: [
    '# T\n\n![old](a.png) b ![](c.png)\n',
    '![a][r]\n\n[r]: a.png\n',
    '![r]\n\n[r]: a.png\n',
    '| ![](a.png) | x |\n|-|-|\n',
    'x <img src="a.png"> y `code`\n',
    '![x `y`](a.png) `z`\n',
    '![|100](a.png) ![x|100x50](b.png)\n',
    '![[a.png]] ![[b.png|x]] ![[c.png|100]] ![[d.png|y|100]]\n',
    '| ![[a.png\\|100]] |\n',
    '![x](a.png){: alt="y" width=3} z `code`\n',
    ':::image type="content" source="a.png" alt-text="":::\n',
    '{{< figure src="a.png" >}} {{% img src="b.png" alt="x" %}} z\n',
    '{% include figure.html path="a.png" alt="" %} z\n',
    '```{image} a.png\n:width: 3\n```\n\n:::{figure} b.png\n:alt: x\n\nThe caption `c`.\n:::\n',
    '```{figure} a.png\n---\nwidth: 3\n---\n```\n',
  ],
  quarto: [
    '![](a.png) and ![c](b.png){width=3}\n',
    '![c](a.png){#fig-x fig-alt="y"} `code`\n',
    '```{r}\n#| fig-cap: "c"\nknitr::include_graphics("a.png")\n```\n\n![](b.png)\n',
    '```{r}\n#| fig-alt: x\ninclude_graphics("a.png")\n```\n',
  ],
  rmd: [
    '![](a.png)\n',
    '```{r x, echo=FALSE}\nknitr::include_graphics("a.png")\n```\n',
    "```{r, fig.alt='x', fig.cap=\"c\"}\nknitr::include_graphics('a.png')\n```\n",
  ],
  org: [
    '[[file:a.png]]\n\n#+CAPTION: c\n#+ATTR_HTML: :alt x :width 3\n[[./b.png]]\n\n#+ATTR_HTML: :width 3\n[[./c.png]]\n',
  ],
  typst: ['#image("a.png")\n#figure(image("b.png", width: 3cm, alt: "x"), caption: [c])\n'],
  'jinja-html': ['<p><img src="a.png"> {{ x }}</p>'],
  razor: ['<p>@x <img src="~/a.png" alt=""></p>'],
  smarty: ['<p>{$x} <img src="a.png" alt=""></p>'],
  velocity: ['<p>$x <img src="a.png" alt=""></p>'],
  mdx: ['![](a.png) {x}\n', 'x <Image src="a.png" /> y\n'],
  html: ["<p><img src=\"a.png\"> <img src='b.png' alt='x'></p>", '<img src=a.png alt=x>'],
  vue: ['<template><img src="a.png"></template>'],
  svelte: ['<img src="a.png"> {#if x}<img src="b.png" alt="o">{/if}'],
  typescriptreact: [
    'const x = <p><img src="a.png" />{y}</p>;',
    'const x = <img src={"a.png"} alt={"x"} />;',
    "const x = <img src='a.png' alt={'x'} />;",
  ],
  asciidoc: [
    'image::a.png[]\n',
    'a image:b.png[x,200] c\n',
    'image::a.png[alt="x",width=2]\n',
    'a image:b.png[] c image:d.png[y]\n',
  ],
  restructuredtext: ['.. image:: a.png\n   :width: 3\n\nx\n', '.. figure:: a.png\n   :alt: x\n     y\n\n   z\n'],
  latex: ['\\includegraphics{a} x', '\\includegraphics[width=3cm]{a} \\includegraphics[alt={y}]{b}'],
};
const nasty = [
  'a "quoted" cat',
  "it's [a] (cat) {here}",
  '<b>&amp;</b> & &lt;',
  'back\\slash\\',
  '\\',
  ']',
  '](evil.png)',
  '"><script>alert(1)</script>',
  '{evil()}',
  '${evil}',
  '*bold* _it_ __x__ a_b ~~s~~ `c`',
  '`',
  '``x',
  '--> -->',
  '*/ */',
  'a, b = c',
  '100% $5 #1 a_b ~ ^',
  '}}}',
  '{{{',
  '|',
  'a | b',
  'line\nbreak\r\nand\ttab',
  'שלום "עולם"',
  '漢字「引用」',
  '👩‍👩‍👧',
  'a\u202eb',
  '\ud800x',
  '://',
  '..',
  ':alt:',
  '--',
  '\u2028',
  'x'.repeat(2000),
  '!',
  '![',
  '&',
  '#{x}',
  'a|200',
  '200',
  '{{ x }} {% y %} <% z %> <?php',
  ' :alt x',
  '- : # x: y #z',
  '{: .x}',
  "`r system('id')`",
  '}"{',
  ':::',
  'src_sh{id}',
  ']]',
  '[[a]]',
  '=',
  "'",
  '"',
  'a"',
  "'a'",
];

for (const [languageId, texts] of Object.entries(documents)) {
  test(`${languageId}: whatever is written as alt text is read again as it was, and nothing else changes`, () => {
    const random = seededRandom(7);
    const alts = [
      ...nasty,
      ...Array.from(
        { length: 100 },
        () => Array.from({ length: 1 + random.below(6) }, () => random.pick([...pieces, ...nasty])).join(''),
      ),
    ];
    for (const text of texts) {
      for (const [index, link] of imageLinks(text, languageId).entries()) {
        if (link.altSlot !== undefined) { for (const alt of alts) checkWritten(text, languageId, index, alt); }
      }
    }
  });
}

function checkWritten(text: string, languageId: string, index: number, alt: string): void {
  const before = imageLinks(text, languageId);
  const link = before[index] ?? assert.fail();
  const after = written(text, link, alt);
  const words = altWords(link.altSlot ?? assert.fail(), alt);
  if (words === '') return assert.equal(after, undefined);
  const why = JSON.stringify({ text, alt, after });
  const links = imageLinks(after ?? assert.fail(), languageId);
  assert.deepEqual(links.map(({ target }) => target), before.map(({ target }) => target), why);
  assert.equal(links[index]?.alt, words, why);
  for (const [other, { alt: same }] of before.entries()) {
    if (other !== index) assert.equal(links[other]?.alt, same, why);
  }
}

const LENGTH = 1 << 16;
const repeated = [
  '![',
  '![]',
  '![](',
  '](<',
  '![a](b',
  '![a](b "',
  '[',
  ']',
  '`',
  '` ',
  '``` ',
  '<a b="',
  '<a b=',
  '<a/b=',
  '<a {',
  '<a b={',
  '<img src="a.png" ',
  '<!--',
  '<',
  '</',
  '{',
  '${',
  '`${',
  '/*',
  '/',
  'url(',
  'url("',
  '"',
  "'",
  'image:',
  'image:a[',
  'image:a b',
  'image::a[x]x',
  '.. image:: a\n   :alt: b\n',
  '.. x\n',
  ' ',
  '\n ',
  '> ',
  '- ',
  '[a]: b\n',
  '[a]:',
  '\\includegraphics[',
  '\\includegraphics{',
  '\\includegraphics[{',
  '\\begin{verbatim}',
  '\\verb|',
  '\\',
  '%',
  '(',
  'a',
  '\0',
  '![a](b(',
  '![a](b())',
  '<a b c d ',
  '=> <a>',
  '<style>',
  '<script>',
  '&',
  '-',
  '---\n',
  '_',
  '\t>',
  '\n\t> \t',
];

for (const languageId of languages) {
  test(`${languageId}: a long file of one thing finishes`, { timeout: 120_000 }, () => {
    for (const piece of repeated) {
      assert.ok(Array.isArray(imageLinks(piece.repeat(Math.ceil(LENGTH / piece.length)), languageId)), piece);
    }
  });
}
