// Text that anybody may have written, in every language that is read: time grows with its length, never with its
// square.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageNamedAt } from '../../server/src/contract/imageLinks';
import { imageLinks } from '../../server/src/imageLinks/imageLinks';
import { createDocument } from '../../server/src/language/syntax/document';
import { globMatcher } from '../../server/src/util/glob';
import { parseIgnoreFile } from '../../server/src/workspace/ignoreRules';
import { growthFault } from '../support/hostile/growth';
import { seededRandom } from '../support/seededRandom';

const LENGTH = 1 << 14;
/**
 * What is done within this is good enough, whatever its growth: patterns that read up to a bound for each quote or
 * bracket take 75 ms on a slow machine.
 */
const FAIR_MS = 150;
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
  test(`image links in ${languageId}`, { timeout: 240_000 }, () => {
    const faults = texts().flatMap(({ name, make }) =>
      growthFault(text => imageLinks(text, languageId), make, LENGTH, FAIR_MS)?.concat(': ', name) ?? []
    );
    assert.deepEqual(faults, []);
  });
}

test('prompt files', { timeout: 240_000 }, () => {
  const faults = texts().flatMap(({ name, make }) =>
    growthFault(text => createDocument('file:///a.paligemma', 1, text), make, LENGTH, FAIR_MS)?.concat(': ', name) ?? []
  );
  assert.deepEqual(faults, []);
});

test('ignore files', { timeout: 240_000 }, () => {
  const faults = texts().flatMap(({ name, make }) =>
    growthFault(text => parseIgnoreFile(text).ignores(['a', 'b.png'], false), make, LENGTH, FAIR_MS)?.concat(': ', name)
      ?? []
  );
  assert.deepEqual(faults, []);
});

test('globs', { timeout: 240_000 }, () => {
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
      text => [globMatcher(text).matches(path), globMatcher(text).mayContain(path)],
      length => piece.repeat(Math.ceil(length / piece.length)),
      4000,
      FAIR_MS,
    );
    assert.equal(globMatcher(piece.repeat(1 << 20)).matches(path), false);
    assert.equal(fault, undefined, piece);
  }
});

test('the text of a line that names a picture', () => {
  for (const { name, make } of texts()) {
    assert.equal(growthFault(text => imageNamedAt(text, text.length >> 1), make, 9_000, FAIR_MS), undefined, name);
  }
});
