import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imagesInJsonl, jsonlLine, type Example } from '../../../paligemma/src/answers/jsonl';
import { imageLink, imagesInMarkdown, markdownLine, type LinkedAnswer } from '../../../paligemma/src/answers/markdown';

const line = (image: string, suffix: string, more: Partial<LinkedAnswer> = {}): Example & LinkedAnswer => ({
  image,
  prompt: 'caption en',
  suffix,
  text: suffix,
  regions: [],
  ...more,
});

test('a JSONL line has exactly the three keys that trainers read, with the path relative to the file', () => {
  const text = jsonlLine(line('photos/a b.png', 'a "cup"\non a table'));
  assert.equal(text, '{"image":"photos/a b.png","prefix":"caption en","suffix":"a \\"cup\\"\\non a table"}\n');
  assert.deepEqual(JSON.parse(jsonlLine(line('../photos/ü.png', ''))), {
    image: '../photos/ü.png',
    prefix: 'caption en',
    suffix: '',
  });
});

test('a Markdown line is a list entry with alt text that stays alt text', () => {
  assert.equal(
    markdownLine(line('a (1) b#2.png', 'a [red]\n*cup*  `x` \\ <b>')),
    '- ![a \\[red\\] \\*cup\\* &#96;x&#96; \\\\ \\<b\\>](a%20%281%29%20b%232.png)\n',
  );
  assert.equal(imageLink(line('a.png', 'a cup')), '![a cup](a.png)');
});

const box = { x1: 0, y1: 0, x2: 1, y2: 1 };

test('regions without text are told by their labels, not by their tokens', () => {
  const suffix = '<loc0001><loc0002><loc0003><loc0004> cup ; <loc0001><loc0002><loc0003><loc0005> cup';
  assert.equal(
    imageLink(line('a.png', suffix, { text: '', regions: [{ label: 'cup', box }, { label: 'cup', box }] })),
    '![cup](a.png)',
  );
});

test('what a file holds already is read back', () => {
  const images = ['a.png', 'sub/b (1).png', '../e/ü.png'];
  const content = images.map(image => jsonlLine(line(image, 'x'))).join('')
    + 'no json\n[1]\nnull\n{"image":"other.png","prefix":"ocr","suffix":""}\n';
  assert.deepEqual(imagesInJsonl(content, 'caption en'), images);
  const markdown = `# Title\n${images.map(image => markdownLine(line(image, 'a ] b'))).join('')}![x](%zz.png)\n`;
  assert.deepEqual(imagesInMarkdown(markdown), images);
});

test('what a template engine would run is words in a Markdown line', () => {
  const entry = markdownLine(line('a.png', 'a {{ x }} {% y %} <%= z %>'));
  assert.equal(entry, '- ![a { { x } } { % y % } \\< %= z % \\>](a.png)\n');
});

test('what knitr or MDX would run is words in a link, and so is the name of a picture', () => {
  const code = "`r system('id')` {1+1}";
  assert.equal(imageLink(line('a.png', code), 'rmd'), "![&#96;r system('id')&#96; {1+1}](a.png)");
  assert.equal(imageLink(line('a.png', code), 'mdx'), "![&#96;r system('id')&#96; \\{1+1\\}](a.png)");
  assert.equal(imageLink(line('{{ x }}.png', 'a')), '![a](%7B%7B%20x%20%7D%7D.png)');
  assert.deepEqual(imagesInMarkdown(markdownLine(line('{{ x }}.png', 'a'))), ['{{ x }}.png']);
});

test('only the links of pictures are read from a Markdown file, whatever else stands in it', () => {
  const content =
    '[x](no.png) ![a \\] b](yes%20\u00e9.png) ![never ![c](two.png) ![d] (no.png) ![e](no space.png) \\![f](no.png)';
  assert.deepEqual(imagesInMarkdown(content), ['yes \u00e9.png', 'two.png']);
});
