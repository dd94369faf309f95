import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import {
  imageLink,
  imagesInJsonl,
  imagesInMarkdown,
  jsonlLine,
  markdownLine,
} from '../../../../client/src/batch/lines';
import type { AnswerLine } from '../../../../client/src/batch/lines';

const at = (...parts: string[]): string => path.resolve(path.sep, ...parts);
const line = (imagePath: string, suffix: string, more: Partial<AnswerLine> = {}): AnswerLine => ({
  imagePath,
  prompt: 'caption en',
  suffix,
  text: suffix,
  regions: [],
  ...more,
});

test('a JSONL line has exactly the three keys that trainers read, with the path relative to the file', () => {
  const text = jsonlLine(line(at('data', 'photos', 'a b.png'), 'a "cup"\non a table'), at('data', 'captions.jsonl'));
  assert.equal(text, '{"image":"photos/a b.png","prefix":"caption en","suffix":"a \\"cup\\"\\non a table"}\n');
  assert.deepEqual(JSON.parse(jsonlLine(line(at('photos', 'ü.png'), ''), at('data', 'c.jsonl'))), {
    image: '../photos/ü.png',
    prefix: 'caption en',
    suffix: '',
  });
});

test('a Markdown line is a list entry with alt text that stays alt text', () => {
  assert.equal(
    markdownLine(line(at('d', 'a (1) b#2.png'), 'a [red]\n*cup*  `x` \\ <b>'), at('d', 'c.md')),
    '- ![a \\[red\\] \\*cup\\* \\`x\\` \\\\ \\<b\\>](a%20%281%29%20b%232.png)\n',
  );
  assert.equal(imageLink(line(at('d', 'a.png'), 'a cup'), at('d', 'c.md')), '![a cup](a.png)');
});

test('regions without text are told by their labels, not by their tokens', () => {
  const suffix = '<loc0001><loc0002><loc0003><loc0004> cup ; <loc0001><loc0002><loc0003><loc0005> cup';
  assert.equal(
    imageLink(line(at('a.png'), suffix, { text: '', regions: [{ label: 'cup' }, { label: 'cup' }] }), at('c.md')),
    '![cup](a.png)',
  );
});

test('what a file holds already is read back', () => {
  const images = [at('d', 'a.png'), at('d', 'sub', 'b (1).png'), at('e', 'ü.png')];
  const jsonl = at('d', 'c.jsonl');
  const content = images.map(image => jsonlLine(line(image, 'x'), jsonl)).join('')
    + 'no json\n[1]\nnull\n{"image":"other.png","prefix":"ocr","suffix":""}\n';
  assert.deepEqual(imagesInJsonl(content, jsonl, 'caption en'), new Set(images));
  const markdown = at('d', 'c.md');
  assert.deepEqual(
    imagesInMarkdown(
      `# Title\n${images.map(image => markdownLine(line(image, 'a ] b'), markdown)).join('')}![x](%zz.png)\n`,
      markdown,
    ),
    new Set(images),
  );
});

test('what a template engine would run is words in a Markdown line', () => {
  const markdown = at('docs', 'list.md');
  const entry = markdownLine(line(at('docs', 'a.png'), 'a {{ x }} {% y %} <%= z %>'), markdown);
  assert.equal(entry, '- ![a { { x } } { % y % } \\< %= z % \\>](a.png)\n');
});

test('only the links of pictures are read from a Markdown file, whatever else stands in it', () => {
  const content =
    '[x](no.png) ![a \\] b](yes%20\u00e9.png) ![never ![c](two.png) ![d] (no.png) ![e](no space.png) \\![f](no.png)';
  const markdown = at('docs', 'list.md');
  assert.deepEqual(imagesInMarkdown(content, markdown), new Set([at('docs', 'yes \u00e9.png'), at('docs', 'two.png')]));
});
