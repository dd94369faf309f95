// Text that anybody may have written, in every language that is read: time grows with its length, never with its
// square.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imagesInMarkdown } from '../../paligemma/src/answers/markdown';
import { imageNamedAt } from '../../server/src/contract/imageLinks';
import { imageLinks } from '../../server/src/imageLinks/imageLinks';
import { createDocument } from '../../server/src/language/syntax/document';
import { globMatcher } from '../../server/src/util/glob';
import { parseIgnoreFile } from '../../server/src/workspace/ignoreRules';
import { growthFault } from '../support/hostile/growth';
import { seededRandom } from '../support/seededRandom';

const LENGTH = 1 << 14;
const pieces = [
  ' ',
  '\t',
  '\n',
  '\n ',
  ' \n',
  'a',
  ' a',
  '\\',
  '[',
  ']',
  '![',
  '![]',
  '](',
  '(',
  ')',
  '<',
  '>',
  '"',
  "'",
  '`',
  '{',
  '}',
  '{%',
  '&',
  '#',
  '=',
  '-',
  '*',
  '_',
  '|',
  ':',
  '::',
  ';',
  ',',
  '.',
  '/',
  '//',
  '/*',
  '%',
  '$',
  '@',
  '~',
  '!',
  '?',
  '0',
  'é',
  '<a b="',
  '<img src=a.png ',
  '<!--',
  '<style>',
  '{`',
  '${',
  'url(',
  'url( ',
  'image:',
  'image:a[',
  'image::a[x] ',
  '.. image:: a ',
  ':alt: ',
  '\\includegraphics[',
  '\\verb|',
  '\\begin{',
  '[a]: ',
  '[a]:b\n',
  '---\n',
  '@image ',
  '@set ',
  '@model ',
  '=> ',
  '<loc0001>',
  ' ; ',
  'detect ',
  '"" ',
  '\\\n',
  '# ',
  '**/',
  '*a',
  '[!',
  '{a,',
  '![[a.png|',
  '![](a){b="',
  '![](a){b ',
  ':::image source="',
  '{{< a b="',
  '{% include a b=',
  '```{image} a\n',
  '```{r}\n',
  '#| fig-alt: ',
  'include_graphics("',
  '[[file:a.png]]',
  '#+ATTR_HTML: :alt ',
  'image("',
];
const wraps: readonly (readonly [before: string, after: string])[] = [
  ['', ''],
  ['![', '](a.png)'],
  ['![a](', ')'],
  ['<img alt="', '" src="a.png">'],
  ['image::a[', ']'],
  ['image:a.png[', '] x'],
  ['.. image:: a', ' b'],
  ['.. image:: a\n   :alt: x', ' y'],
  ['\\includegraphics[', ']{a}'],
  ['\\includegraphics[alt=', ']{a}'],
  ['url(', ')'],
  ['const x = <img alt={', '} src="a.png" />'],
  ['@image ', '*.png'],
  ['detect ', ' ;'],
  ['=> ', ' cat'],
  ['---\n', '\n---'],
];
const languages = [
  'markdown',
  'quarto',
  'rmd',
  'org',
  'typst',
  'mdx',
  'html',
  'svelte',
  'typescriptreact',
  'asciidoc',
  'restructuredtext',
  'latex',
  'css',
  'scss',
];

function texts(): { readonly name: string; readonly make: (length: number) => string }[] {
  const random = seededRandom(20_260_301);
  const of = (piece: string, [before, after]: readonly [string, string]) => ({
    name: JSON.stringify([before, piece, after]),
    make: (length: number) => before + piece.repeat(Math.ceil(length / piece.length)) + after,
  });
  const mixed = Array.from(
    { length: 120 },
    () => of(Array.from({ length: 2 + random.below(3) }, () => random.pick(pieces)).join(''), random.pick(wraps)),
  );
  return [
    ...pieces.map(piece => of(piece, ['', ''])),
    ...pieces.slice(0, 40).map(piece => of(piece, ['', 'x'])),
    ...wraps.flatMap(wrap => [' ', '\t', 'a', ' a', '\n ', '\\', '"'].map(piece => of(piece, wrap))),
    ...mixed,
  ];
}

for (const languageId of languages) {
  test(`links in ${languageId} take time that grows with the length only`, { timeout: 240_000 }, () => {
    const faults = texts().flatMap(({ name, make }) =>
      growthFault(text => imageLinks(text, languageId), make, LENGTH)?.concat(': ', name) ?? []
    );
    assert.deepEqual(faults, []);
  });
}

/** Text that opens many things before it closes them: what is between would be looked at once for each. */
const nested: readonly (readonly [languageId: string, make: (length: number) => string])[] = [
  ['markdown', length => '!['.repeat(length / 2) + '](a.png)'.repeat(length / 8)],
  ['markdown', length => '['.repeat(length / 2) + '](a.png)'.repeat(length / 8)],
  ['markdown', length => '!['.repeat(length / 4) + ']'.repeat(length / 2)],
  ['markdown', length => '!['.repeat(length / 4) + '][]'.repeat(length / 6)],
  ['markdown', length => '!['.repeat(length / 4) + '][a]'.repeat(length / 8) + '\n\n[a]: b.png'],
  ['markdown', length => '![a'.repeat(length / 6) + '](a.png){alt="x"}'.repeat(length / 34)],
  ['quarto', length => '!['.repeat(length / 2) + '](a.png)'.repeat(length / 8)],
  ['mdx', length => '!['.repeat(length / 2) + '](a.png)'.repeat(length / 8)],
  ['typst', length => '#figure('.repeat(length / 16) + 'image("a"'.repeat(length / 18)],
  ['org', length => '#+CAPTION: x\n'.repeat(length / 26) + '[[a.png]]\n'.repeat(length / 20)],
  ['latex', length => '\\graphicspath{{a}}'.repeat(length / 36) + '\\includegraphics{a}'.repeat(length / 40)],
  ['latex', length => `\\graphicspath{${'{a}'.repeat(1000)}}` + '\\includegraphics{a}'.repeat(length / 20)],
];
test('nested links and shared targets take time that grows with the length only', { timeout: 240_000 }, () => {
  const faults = nested.flatMap(([languageId, make]) =>
    growthFault(text => imageLinks(text, languageId), make, 1 << 17)?.concat(': ', languageId, make(40)) ?? []
  );
  assert.deepEqual(faults, []);
});

test('a Markdown file that a batch appends to is read in linear time', { timeout: 240_000 }, () => {
  for (const piece of ['![', '![](', '![\\]', '![a](b', '](', '![a]', '![](a.png)']) {
    const make = (length: number) => piece.repeat(length / piece.length);
    assert.equal(growthFault(text => imagesInMarkdown(text), make, 1 << 17), undefined, piece);
  }
});

test('prompt files are read in time that grows with their length only', { timeout: 240_000 }, () => {
  const faults = texts().flatMap(({ name, make }) =>
    growthFault(text => createDocument('file:///a.paligemma', 1, text), make, LENGTH)?.concat(': ', name) ?? []
  );
  assert.deepEqual(faults, []);
});

test('ignore files are read in time that grows with their length only', { timeout: 240_000 }, () => {
  const faults = texts().flatMap(({ name, make }) =>
    growthFault(text => parseIgnoreFile(text).ignores(['a', 'b.png'], false), make, LENGTH)?.concat(': ', name)
      ?? []
  );
  assert.deepEqual(faults, []);
});

test('globs are matched in time that grows with their length only', { timeout: 240_000 }, () => {
  const path = ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', ...Array.from({ length: 30 }, () => 'a'), 'b.png'];
  for (
    const piece of [
      '*',
      '*a',
      '**/',
      '**/*a',
      '?',
      '[a-z]',
      '[!a]',
      '{a,b}',
      '{a,',
      '{',
      '}',
      ',',
      '{a,{b,',
      '{,}',
      '{{a,b},{c,d}}',
      '*?*',
      '**',
      '/',
      '[',
    ]
  ) {
    const fault = growthFault(
      (text: string) => [globMatcher(text).matches(path), globMatcher(text).mayContain(path)],
      length => piece.repeat(Math.ceil(length / piece.length)),
      4000,
    );
    assert.equal(globMatcher(piece.repeat(1 << 20)).matches(path), false);
    assert.equal(fault, undefined, piece);
  }
});

test('a picture named in a line is found in time that grows with its length only', () => {
  for (const { name, make } of texts()) {
    assert.equal(growthFault(text => imageNamedAt(text, text.length >> 1), make, 9_000), undefined, name);
  }
});
