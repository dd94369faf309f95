import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthFault } from '../../support/hostile/growth';
import { parse } from './promptSupport';

const prompts = (text: string) => parse(text).prompts.map(prompt => prompt.text);

test('the example of the format reads as it is described', () => {
  const document = parse(`# a comment
@model google/paligemma2-3b-mix-448
@image photos/kitchen.jpg, shots/*.png
@set max-new-tokens 128

caption en
detect cup ; plate ; person in red
  => <loc0412><loc0102><loc0734><loc0920> cup
""
\\# not a comment
Question: which one?\\
Answer:
`);
  assert.deepEqual(document.prompts.map(prompt => prompt.text), [
    'caption en',
    'detect cup ; plate ; person in red',
    '',
    '# not a comment',
    'Question: which one?\nAnswer:',
  ]);
  assert.deepEqual(document.prompts[1]?.expectations.map(expectation => expectation.text), [
    '<loc0412><loc0102><loc0734><loc0920> cup',
  ]);
  for (const prompt of document.prompts) {
    assert.equal(prompt.state.model?.model, 'google/paligemma2-3b-mix-448');
    assert.deepEqual(prompt.state.images?.items.map(item => item.text), ['photos/kitchen.jpg', 'shots/*.png']);
    assert.deepEqual(prompt.state.settings, { maxNewTokens: 128 });
  }
});

test('a prompt is sent as it stands, spaces included', () => {
  assert.deepEqual(prompts('answer en  two\tspaces '), ['answer en  two\tspaces ']);
  assert.deepEqual(prompts('  caption en'), ['  caption en']);
});

test('a leading backslash makes the rest literal', () => {
  assert.deepEqual(prompts('\\@image a\n\\""\n\\  => x\n\\\\frac\n\\ends with \\\n\\'), [
    '@image a',
    '""',
    '  => x',
    '\\frac',
    'ends with \\',
    '',
  ]);
});

test('a backslash at the end joins any next line with a newline', () => {
  assert.deepEqual(prompts('a\\\n# b\\\n\nc'), ['a\n# b\n', 'c']);
  assert.deepEqual(prompts('a\\\r\n@image b\r\nc'), ['a\n@image b', 'c']);
  assert.deepEqual(prompts('a\\'), ['a']);
  assert.deepEqual(prompts('a\\\\\nb'), ['a\\\nb']);
});

test('directives hold until the next of their kind, settings each by its key', () => {
  const document = parse(
    'one\n@image a.png\n@set device cpu\ntwo\n@image b.png\n@set weights f32\n@set device webgpu\nthree',
  );
  assert.deepEqual(document.prompts.map(prompt => [prompt.state.images?.items[0]?.text, prompt.state.settings]), [
    [undefined, {}],
    ['a.png', { device: 'cpu' }],
    ['b.png', { device: 'webgpu', weights: 'f32' }],
  ]);
});

test('a bad setting leaves the one before in force', () => {
  assert.deepEqual(parse('@set max-new-tokens 64\n@set max-new-tokens many\np').prompts[0]?.state.settings, {
    maxNewTokens: 64,
  });
});

test('expectations belong to the prompt above, over blank lines and comments, not over directives', () => {
  const document = parse('a\n\n# note\n  => 1\n\t=> 2\\\nmore\n@set device cpu\n  => 3');
  assert.deepEqual(document.prompts[0]?.expectations.map(expectation => expectation.text), ['1', '2\nmore']);
  assert.deepEqual(document.strayExpectations.map(expectation => expectation.text), ['3']);
});

test('an expectation may be empty, and ends without white space', () => {
  assert.deepEqual(
    parse('detect bird\n  =>\n  =>   none  ').prompts[0]?.expectations.map(expectation => expectation.text),
    ['', 'none'],
  );
});

test('a line end, a byte order mark and indentation change nothing', () => {
  const document = parse('\ufeff@image a.png\r\ncaption en\r  @set device cpu\nocr');
  assert.deepEqual(document.prompts.map(prompt => prompt.text), ['caption en', 'ocr']);
  assert.equal(document.prompts[1]?.state.settings.device, 'cpu');
  assert.deepEqual(prompts('\ufeffcaption en'), ['caption en']);
});

const items = (value: string) =>
  parse(`@image ${value}`).directives.flatMap(directive =>
    directive.kind === 'image' ? directive.items.map(item => item.text) : []
  );

test('image lists: commas, quotes, braces', () => {
  assert.deepEqual(items('a.png,b c.jpg ,  d.png'), ['a.png', 'b c.jpg', 'd.png']);
  assert.deepEqual(items('"a, b.png", \'c, d.png\''), ['a, b.png', 'c, d.png']);
  assert.deepEqual(items('"say ""hi"".png"'), ['say "hi".png']);
  assert.deepEqual(items("it's.png, 'tis.png"), ["it's.png", "'tis.png"]);
  assert.deepEqual(items('shots/*.{png,jpg}, b.png'), ['shots/*.{png,jpg}', 'b.png']);
  assert.deepEqual(items('odd{name.png, b.png'), ['odd{name.png', 'b.png']);
  assert.deepEqual(items('a.png, , b.png,'), ['a.png', '', 'b.png', '']);
  assert.deepEqual(items('C:\\pics\\a.png, photo #1 50%.png, 猫😀.png'), [
    'C:\\pics\\a.png',
    'photo #1 50%.png',
    '猫😀.png',
  ]);
  assert.deepEqual(items('"never closed, b.png'), ['never closed, b.png']);
  assert.deepEqual(items(''), []);
});

test('settings take a space, an equals sign or a colon', () => {
  for (const line of ['@set max-new-tokens 64', '@set max-new-tokens=64', '@set max-new-tokens: 64']) {
    assert.deepEqual(parse(`${line}\np`).prompts[0]?.state.settings, { maxNewTokens: 64 }, line);
  }
});

test('long runs of anything are read in time that grows with their length only', () => {
  for (const piece of [' ', '\\', ',', '{,', '[', "'", '"', '<loc', ' ;']) {
    for (const prefix of ['', '@image ', 'detect ', '  => ', '@set ', '@model ']) {
      const fault = growthFault(parse, length => `${prefix}${piece.repeat(length / piece.length)}x`, 1_000_000);
      assert.equal(fault, undefined, `${prefix}${piece}…`);
    }
  }
});
