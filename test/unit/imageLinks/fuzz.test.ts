// Hostile text in every language: nothing throws, nothing takes for ever, and an edit changes the alt text alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainLine } from '../../../paligemma/src/plainText';
import type { ImageLink } from '../../../server/src/imageLinks/imageLink';
import { imageLinks } from '../../../server/src/imageLinks/imageLinks';
import { seededRandom } from '../../support/seededRandom';
import { written } from './cursor';

const languages = [
  'markdown',
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
  ],
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
  if (plainLine(alt) === '') return assert.equal(after, undefined);
  const why = JSON.stringify({ text, alt, after });
  const links = imageLinks(after ?? assert.fail(), languageId);
  assert.deepEqual(links.map(({ target }) => target), before.map(({ target }) => target), why);
  assert.equal(links[index]?.alt, plainLine(alt), why);
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
