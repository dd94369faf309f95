import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { promptVerbs } from '../../../../server/src/cli/pictures/promptVerbs';
import { readOutput } from '../../../../server/src/cli/pictures/outputWords';
import { parseCommandLine, UsageError } from '../../../../server/src/cli/terminal/options';
import { temporaryFolder } from '../../../support/temporary';

const folder = temporaryFolder('words');
const there = path.join(folder, 'photos');
const file = path.join(folder, 'notes');
mkdirSync(there);
writeFileSync(file, '');

/** What a command line that begins with its verb comes to: form and place, then the words that are left. */
function read(
  ...argv: string[]
): readonly [form: string | undefined, place: string | undefined, words: readonly string[]] {
  const { positionals, values, wordsBehind } = parseCommandLine(argv);
  const [name, ...words] = positionals;
  const verb = promptVerbs.find(each => each.name === name) ?? assert.fail(name);
  const behind = wordsBehind.output === undefined ? undefined : wordsBehind.output - 1;
  const { output, positionals: left } = readOutput(
    values,
    words,
    behind,
    each => verb.read(each, values, () => undefined),
  );
  return [output?.form, output?.place, left];
}
const at = (name: string) => path.resolve(name);

describe('the word behind a form', () => {
  test('is its file, wherever the option stands', () => {
    assert.deepEqual(read('caption', 'a.png', '--output', 'jsonl', 'c.jsonl'), ['jsonl', at('c.jsonl'), ['a.png']]);
    assert.deepEqual(read('caption', '--output', 'markdown', 'c.md', 'a.png'), ['markdown', at('c.md'), ['a.png']]);
    assert.deepEqual(read('detect', '--output=coco', 'c.json', 'cup', 'a.png'), ['coco', at('c.json'), [
      'cup',
      'a.png',
    ]]);
    assert.deepEqual(read('caption', 'a.png', '--output', 'jsonl', 'new/')[1], at('new') + path.sep);
    assert.deepEqual(read('caption', 'a.png'), [undefined, undefined, ['a.png']]);
  });

  test('is the folder of forms with a file a picture, and may be left out', () => {
    assert.deepEqual(read('caption', 'a.png', '--output', 'sidecars'), ['sidecars', undefined, ['a.png']]);
    assert.deepEqual(read('caption', 'a.png', '--output', 'sidecars', 'out'), ['sidecars', at('out'), ['a.png']]);
    assert.deepEqual(read('caption', '--output', 'sidecars', 'out', 'a.png', 'b.png'), ['sidecars', at('out'), [
      'a.png',
      'b.png',
    ]]);
    assert.deepEqual(read('caption', '--output', 'sidecars', '--', 'out', 'a.png')[1], undefined);
    assert.deepEqual(read('caption', '--output', 'sidecars', '--recursive', 'photos')[1], undefined);
  });

  test('is a picture where it looks like one, and where nothing else would be left to run on', () => {
    for (const word of ['a.png', '*.png', 'shots/{a,b}', '-', 'file:///a', 'https://example.org/a']) {
      assert.deepEqual(read('caption', '--output', 'sidecars', word, 'b.png'), ['sidecars', undefined, [
        word,
        'b.png',
      ]]);
    }
    assert.deepEqual(read('caption', '--recursive', '--output', 'sidecars', there), ['sidecars', undefined, [there]]);
    assert.deepEqual(read('caption', '--files-from', 'list', '--output', 'sidecars', 'out'), [
      'sidecars',
      at('out'),
      [],
    ]);
  });

  test('is the word of the verb where only that makes sense', () => {
    assert.deepEqual(read('detect', '--output', 'yolo', 'labels', 'cup', 'a.png'), ['yolo', at('labels'), [
      'cup',
      'a.png',
    ]]);
    assert.deepEqual(read('detect', '--output', 'yolo', 'cup', 'a.png', 'b.png'), ['yolo', undefined, [
      'cup',
      'a.png',
      'b.png',
    ]]);
    assert.deepEqual(read('detect', '--output', 'yolo', 'cup', 'a.png'), ['yolo', undefined, ['cup', 'a.png']]);
    assert.deepEqual(read('detect', '--recursive', '--output', 'voc', 'cup', there), ['voc', undefined, [
      'cup',
      there,
    ]]);
    const long = `what is ${'very '.repeat(2000)}large?`;
    assert.deepEqual(read('ask', '--output', 'sidecars', 'out', long, 'a.png'), ['sidecars', at('out'), [
      long,
      'a.png',
    ]]);
  });

  test('that is another file is not taken for a picture, so that nothing is written beside pictures unasked', () => {
    assert.deepEqual(read('caption', 'a.png', '--output', 'sidecars', file), ['sidecars', file, ['a.png']]);
  });
});

test('what makes no sense is a mistake of usage that says what does', () => {
  const mistakes: readonly (readonly [argv: readonly string[], says: RegExp])[] = [
    [['caption', 'a.png', '--output', 'c.jsonl'], /--output jsonl answers\.jsonl/],
    [['caption', 'a.png', '--output', 'jsonl'], /needs a file/],
    [['caption', 'a.png', '--output', 'jsonl', '--json'], /needs a file/],
    [['caption', '--output', 'jsonl', 'a.png', 'b.png'], /"a\.png" is a picture/],
    [['caption', 'a.png', '--output', 'jsonl', '-'], /standard output/],
    [['caption', 'a.png', '--existing', 'skip'], /--output, which is missing/],
    [['caption', 'a.png', '--output', 'sidecars', '--output', 'voc'], /given twice/],
    [['caption', 'a.png', '--output', 'sidecars', '--existing', 'ask'], /skip, overwrite, rename/],
  ];
  for (const [argv, says] of mistakes) {
    assert.throws(
      () => read(...argv),
      (error: unknown) => error instanceof UsageError && says.test(error.message),
      argv.join(' '),
    );
  }
});
