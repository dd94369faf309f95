import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promptIds, sanitizePrefix } from '../../../model-host/src/generation/prompt';
import { goldenCases, goldenFolder } from '../../support/golden';
import { growthFault } from '../../support/hostile/growth';
import {
  compiledTokenizer,
  goldenModelFolder,
  goldenModels,
  readJson,
  tokenizerFolders,
} from '../../support/tokenizers';

interface ProcessorRow {
  readonly prompt: string;
  readonly sanitised_prompt: string;
  readonly sanitised_ids_rle: readonly (number | string)[];
}

const { rows } = readJson(goldenFolder, 'processor.json') as { rows: ProcessorRow[] };

test('prompts typed with newlines, <bos> and <image> get the ids of the reference after sanitising', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  assert.ok(rows.length >= 15);
  for (const { prompt, sanitised_prompt, sanitised_ids_rle: [imageTokens, ...ids] } of rows) {
    assert.equal(imageTokens, 'image*256');
    assert.equal(sanitizePrefix(prompt), sanitised_prompt, JSON.stringify(prompt));
    assert.deepEqual(promptIds(tokenizer, prompt), ids, JSON.stringify(prompt));
  }
});

for (const model of goldenModels) {
  test(`${model}: the text ids of its reference cases`, async () => {
    const tokenizer = await compiledTokenizer(goldenModelFolder(model));
    const cases = goldenCases().filter(({ id, model: name }) => name === model && id !== 'trailing-newline-literal');
    assert.ok(cases.length > 0);
    for (const { id, prompt, text_ids } of cases) assert.deepEqual(promptIds(tokenizer, prompt), text_ids, id);
  });
}

// transformers tokenises the prompt and its own newline as one text: "…\n" + "\n" is the single token "\n\n", which the
// model has not seen in training. The host takes the newline off, so that one of its own follows, as in big_vision.
test('a newline that ends the prefix differs from the unsanitised reference on purpose', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  const { prompt, text_ids } = goldenCases().find(({ id }) => id === 'trailing-newline-literal')!;
  assert.equal(prompt, 'caption en\n');
  assert.deepEqual([tokenizer.specials.bos, ...tokenizer.encode(`${prompt}\n`)], text_ids);
  assert.equal(text_ids.at(-1), tokenizer.idOf('\n\n'));
  assert.deepEqual(promptIds(tokenizer, prompt), [...text_ids.slice(0, -1), tokenizer.idOf('\n')]);
});

const sanitized: [prefix: string, expected: string][] = [
  ['cap<image>tion en', 'caption en'],
  ['a <image> b', 'a  b'],
  ['<im<image>age>caption', 'caption'],
  ['<b<bos>os><<bos>image>x', 'x'],
  ['<image><image><bos>', ''],
  ['x\n<image>\n', 'x'],
  ['x\r\n\r\n', 'x'],
  ['a\nb\n c\n', 'a\nb\n c'],
  ['x \n', 'x '],
  ['\n\n', ''],
  ['<Image> <eos> <loc0001> > <', '<Image> <eos> <loc0001> > <'],
  ['😀<image>\ud83d', '😀\ud83d'],
];
for (const [prefix, expected] of sanitized) {
  test(`sanitizing ${JSON.stringify(prefix)}`, () => assert.equal(sanitizePrefix(prefix), expected));
}

test('no prefix puts <image> or a second <bos> into the ids', async () => {
  for (const folder of tokenizerFolders) {
    const tokenizer = await compiledTokenizer(folder);
    const { bos, image, newline } = tokenizer.specials;
    for (const [prefix] of sanitized) {
      const ids = promptIds(tokenizer, prefix);
      assert.deepEqual(
        [ids.indexOf(bos), ids.lastIndexOf(bos), ids.indexOf(image), ids.at(-1)],
        [0, 0, -1, newline],
        JSON.stringify(prefix),
      );
    }
    assert.deepEqual(promptIds(tokenizer, ''), [bos, newline]);
  }
});

test('a long hostile prefix is sanitised in linear time', () => {
  const sanitize = (depth: number) => {
    const nested = `${'<image'.repeat(depth)}${'>'.repeat(depth)}${'\n'.repeat(depth)}x`;
    assert.equal(sanitizePrefix(nested).length, depth + 1);
    assert.equal(sanitizePrefix('<im'.repeat(depth) + 'age>'.repeat(depth)), '');
  };
  assert.equal(growthFault(sanitize, depth => depth, 100_000), undefined);
});
