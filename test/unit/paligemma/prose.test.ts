import assert from 'node:assert/strict';
import { test } from 'node:test';
import { altText, altTextFault } from '../../../paligemma/src/answers/altText';
import { proseFault } from '../../../paligemma/src/answers/prose';
import { growthFault } from '../../support/hostile/growth';

const prose = [
  'a blue circle',
  'ein Hund im Gras',
  'ha ha ha',
  'a dog, a dog, a dog and a cat',
  '12',
  '草の上の犬',
  'Chapter 1 ........................ 3',
  'a < b and c > d, see <div> and <location>',
  'row of houses: red, red, blue, red, blue, red, red, blue',
  'very very very very good',
];
for (const text of prose) {
  test(`prose: ${text}`, () => assert.equal(proseFault(text), undefined));
}

const faults = [
  ['', 'nothing'],
  [' … !? --', 'nothing'],
  ['green text N NJMJ <loc0616>', 'tokens'],
  ['<loc0001><loc0002><loc0003><loc0004>', 'tokens'],
  ['a cat <seg012>', 'tokens'],
  ['<unused12> cat', 'tokens'],
  ['Sorry, as a base VLM I am not trained to answer this question.', 'refusal'],
  ['a cat and a cat and a cat and a cat and a cat and', 'loop'],
  ['the sign says stop. the sign says stop. the sign says stop. the', 'loop'],
  ['A photo of NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN', 'loop'],
  ['犬と猫と犬と猫と犬と猫と犬と猫と犬と猫と犬と猫と犬と猫と', 'loop'],
  [`a long beginning that says what there is to see in the picture, ${'then a cup, '.repeat(5)}`, 'loop'],
] as const;
for (const [text, fault] of faults) {
  test(`no prose, ${fault}: ${text}`, () => assert.equal(proseFault(text), fault));
}

test('the names of regions stand where the text beside them is no prose', () => {
  const regions = [{ label: 'cup' }, { label: 'cup' }, { label: 'plate' }] as never;
  const answer = { text: '<loc0001>', suffix: '<loc0001>', regions };
  assert.deepEqual([altText(answer), altTextFault(answer)], ['cup, plate', undefined]);
  assert.deepEqual([altText({ ...answer, regions: [] }), altTextFault({ ...answer, regions: [] })], ['', 'tokens']);
});

test('the time grows with the length only', () => {
  assert.equal(growthFault(proseFault, size => 'a cat, '.repeat(size) + 'and ever '.repeat(size), 400), undefined);
  assert.equal(
    growthFault(proseFault, size => Array.from({ length: size }, (_, at) => `w${at}`).join(' '), 400),
    undefined,
  );
});
