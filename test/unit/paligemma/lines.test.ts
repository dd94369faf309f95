import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  imageLink,
  imagesInJsonl,
  imagesInMarkdown,
  jsonlLine,
  markdownLine,
} from '../../../paligemma/src/answers/lines';
import type { AnswerLine } from '../../../paligemma/src/answers/lines';

const line = (image: string, suffix: string, more: Partial<AnswerLine> = {}): AnswerLine => ({
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
    '- ![a \\[red\\] \\*cup\\* \\`x\\` \\\\ \\<b\\>](a%20%281%29%20b%232.png)\n',
  );
  assert.equal(imageLink(line('a.png', 'a cup')), '![a cup](a.png)');
});

test('regions without text are told by their labels, not by their tokens', () => {
  const suffix = '<loc0001><loc0002><loc0003><loc0004> cup ; <loc0001><loc0002><loc0003><loc0005> cup';
  assert.equal(
    imageLink(line('a.png', suffix, { text: '', regions: [{ label: 'cup' }, { label: 'cup' }] })),
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
