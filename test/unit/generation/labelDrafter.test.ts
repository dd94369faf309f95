import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LabelDrafter } from '../../../model-host/src/generation/labelDrafter';

/** Words with the space before them, and loc and seg tokens, are tokens of this tokenizer. */
const texts: string[] = [];
const tokenizer = {
  encode: (text: string) =>
    (text.match(/<(?:loc\d{4}|seg\d{3})>| ?[^ <]+| /g) ?? []).map(token => {
      if (!texts.includes(token)) texts.push(token);
      return texts.indexOf(token);
    }),
  textOf: (id: number) => texts[id],
};

/** What is guessed behind `suffix`, as text. */
function guess(prefix: string, suffix: string): string | undefined {
  return LabelDrafter.forPrefix(prefix, tokenizer)?.propose(tokenizer.encode(suffix)).map(id => texts[id]).join('');
}

const box = '<loc0001><loc0002><loc0003><loc0004>';
const codes = Array.from({ length: 16 }, (_, index) => `<seg${String(index).padStart(3, '0')}>`).join('');

test('behind the first box comes what was asked for, and a separator', () => {
  assert.equal(guess('detect cup', box), ' cup ; ');
  assert.equal(guess('detect person in red \n', box), ' person in red ; ');
});

test('behind the next box comes what stood behind the one before, as the model wrote it', () => {
  assert.equal(guess('detect cup', `${box} mug ; ${box}`), ' mug ; ');
});

test('nothing is guessed in the middle of a box, of a label, or before a box', () => {
  for (
    const suffix of [
      '',
      '<loc0001>',
      '<loc0001><loc0002><loc0003>',
      `${box} cup`,
      `${box} cup ;`,
      `${box} cup ; `,
      `${box} cup ; <loc0005>`,
    ]
  ) assert.equal(guess('detect cup', suffix), '', suffix);
});

test('of several objects, only a label that was repeated is guessed again', () => {
  assert.equal(guess('detect cup ; plate', box), '');
  assert.equal(guess('detect cup ; plate', `${box} cup ; ${box}`), '');
  assert.equal(guess('detect cup ; plate', `${box} cup ; ${box} plate ; ${box}`), '');
  assert.equal(guess('detect cup ; plate', `${box} plate ; ${box} cup ; ${box} cup ; ${box}`), ' cup ; ');
});

test('a mask has its label behind all of its tokens', () => {
  assert.equal(guess('segment cat', box), '');
  assert.equal(guess('segment cat', `${box}${codes.slice(0, -8)}`), '');
  assert.equal(guess('segment cat', `${box}${codes}`), ' cat ; ');
  assert.equal(guess('segment cat', `${box}${codes} dog ; ${box}${codes}`), ' dog ; ');
});

test('a long label is guessed in part', () => {
  assert.equal(guess('detect a b c d e f g h i', box), ' a b c d e f g');
});

test('other tasks, and detect without an object, have no guesses', () => {
  for (
    const prefix of ['caption en', 'detect', 'detect ', 'detection of cups', 'answer en detect cup', '', 'Detect cup']
  ) assert.equal(LabelDrafter.forPrefix(prefix, tokenizer), undefined, prefix);
});
