import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MarkupContent } from 'vscode-languageserver-types';
import type { LanguageContext } from '../../../server/src/language/knowledge/context';
import { promptHover } from '../../../server/src/language/features/hover';
import { contextWith, done, parseWithCursor, textIn } from './promptSupport';

const context = contextWith({
  files: {
    'a.png': {},
    'b_[1]*.png': {},
    'shots/*.png': {
      uris: ['file:///workspace/prompts/shots/1.png', 'file:///workspace/prompts/shots/2.png'],
      isGlob: true,
    },
  },
  imageFacts: uri =>
    uri.endsWith('a.png') ? { widthPx: 640, heightPx: 480, thumbnailUri: 'file:///cache/a.png' } : undefined,
});

function hover(text: string, given: LanguageContext = context): { text: string; over: string } | undefined {
  const { document, position } = parseWithCursor(text);
  const found = promptHover(document, position, given);
  if (found?.range === undefined) return undefined;
  return { text: (found.contents as MarkupContent).value, over: textIn(document, found.range) };
}

test('a hover explains tasks and languages, and nothing in free text', () => {
  assert.match(hover('det|ect cup')?.text ?? '', /draws a box around each/);
  assert.equal(hover('det|ect cup')?.over, 'detect');
  assert.match(hover('caption d|e')?.text ?? '', /German \(Deutsch\)/);
  assert.match(hover('cap|tion <loc0001><loc0002><loc0003><loc0004>')?.text ?? '', /inside a box/);
  assert.equal(hover('what is th|is'), undefined);
  assert.equal(hover('\\det|ect cup'), undefined);
  assert.equal(hover('# no|te'), undefined);
});

test('a hover explains location, mask and special tokens', () => {
  const box = 'caption <loc0256><loc0000><loc1023><loc0512>';
  for (
    const [at, corner, percent] of [[10, 'top', '25'], [20, 'left', '0'], [30, 'bottom', '99.9'], [
      40,
      'right',
      '50',
    ]] as const
  ) {
    const found = hover(`${box.slice(0, at)}|${box.slice(at)}`);
    assert.match(found?.text ?? '', new RegExp(`\\*\\*${corner}\\*\\* edge of a box, ${percent} %`));
  }
  assert.match(hover('detect x <seg0|01>')?.text ?? '', /16 codes/);
  assert.match(hover('<ima|ge> x')?.text ?? '', /must not be typed/);
  assert.match(hover('a\n  => <loc0512><loc0|512><loc1023><loc1023> cup')?.text ?? '', /\*\*left\*\*/);
  assert.match(hover('a\n  =|> x')?.text ?? '', /expect from the prompt above/);
});

test('a hover explains directives, models and settings', () => {
  assert.match(hover('@im|age a.png')?.text ?? '', /until the next `@image`/);
  assert.match(hover('@model google/paligemma2-3b-mix-|448')?.text ?? '', /On this machine/);
  assert.match(hover('@model google/paligemma2-28b-pt-|224')?.text ?? '', /55\.3 GB/);
  assert.match(hover('@set dev|ice cpu')?.text ?? '', /Where the model runs/);
  assert.match(hover('@set device c|pu')?.text ?? '', /works everywhere/);
});

test('a hover over a picture shows its thumbnail, its size and what is known about it', () => {
  const known = { ...context, runState: () => done('a cat on a sofa') };
  const found = hover('@image a|.png\ncaption en', known);
  assert.equal(found?.over, 'a.png');
  assert.match(
    found?.text ?? '',
    /!\[a\\\.png\]\(file:\/\/\/cache\/a\.png\)[^]*640 × 480 px[^]*`caption en` → a cat on a sofa/,
  );
  assert.match(hover('@image shots/*|.png')?.text ?? '', /2 pictures[^]*`shots\/1\.png`/);
  assert.match(hover('@image miss|ing.png')?.text ?? '', /there is no such file/);
});

test('a prompt that was run shows its answer and the picture with boxes', () => {
  const known = {
    ...context,
    runState: () => done('<loc0001><loc0002><loc0003><loc0004> cup'),
    preview: () => 'file:///cache/boxes 1.png',
  };
  const found = hover('@image a.png\ndetect c|up', known);
  assert.equal(found?.over, 'detect cup');
  assert.match(found?.text ?? '', /\(file:\/\/\/cache\/boxes%201\.png\)[^]*```text\n<loc0001>/);
  assert.match(hover('@image a.png\n"|"', known)?.text ?? '', /```text/);
  assert.match(hover('"|"')?.text ?? '', /The empty prompt/);
});

test('a table is shown as one, a report as paragraphs, a formula as code; nothing in them means anything', () => {
  const answered = (suffix: string, setting = '') => {
    const known = { ...context, runState: () => done(suffix) };
    return hover(`@image a.png\n${setting}what| is this`, known)?.text ?? '';
  };
  assert.match(answered('<tr><td>a|b</td><td>[x](y)</td></tr>'), /^\| a\\\|b \| \\\[x\\\]\(y\) \|$/m);
  assert.match(answered('FINDINGS: *clear*'), /^## FINDINGS\n\n\\\*clear\\\*$/m);
  assert.match(answered('\\frac{a}{b}', '@set show latex\n'), /^```latex\n\\frac\{a\}\{b\}\n```$/m);
  assert.match(answered('<tr><td>a</td></tr>', '@set show text\n'), /```text\n<tr>/);
  const large = answered(`<tr>${'<td>wide cell</td>'.repeat(5)}</tr>`.repeat(500));
  assert.ok(large.length < 4000 && /\|\n\n…\n\n/.test(large), 'a large one is cut between two rows');
});

test('names and answers cannot break out of the text around them', () => {
  const evil = contextWith({
    files: { 'x](command:evil).png': {} },
    runState: () => done('``` [click](command:evil) ```'),
  });
  const text = hover('@image x](command:evil).png\nocr| me', evil)?.text ?? '';
  assert.ok(text.startsWith('**x\\]\\(command\\:evil\\)\\.png**'), text);
  assert.match(text, /````text\n``` \[click\]\(command:evil\) ```\n````/);
});

test('plain clients get bare text', () => {
  const found = hover('det|ect cup', { ...context, client: { ...context.client, markdown: false } });
  assert.doesNotMatch(found?.text ?? '', /\*\*|`|\\/);
});
