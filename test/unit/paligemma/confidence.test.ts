import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confidenceWord, meanProbability, regionConfidence } from '../../../paligemma/src/confidence';
import { parseSuffix } from '../../../paligemma/src/suffix';

/** A suffix with a probability for each of its tokens, and where they begin. */
function written(...tokens: readonly (readonly [text: string, probability: number])[]) {
  const tokenStarts: number[] = [];
  let suffix = '';
  for (const [text] of tokens) {
    tokenStarts.push(suffix.length);
    suffix += text;
  }
  return { suffix, tokens: { tokenStarts, tokenProbabilities: tokens.map(([, probability]) => probability) } };
}

const confidences = ({ suffix, tokens }: ReturnType<typeof written>) =>
  parseSuffix(suffix).boxes.map(box => regionConfidence(suffix, box, tokens));
const loc = (bin: number, probability: number) => [`<loc${String(bin).padStart(4, '0')}>`, probability] as const;
const locs = (probability: number) => [1, 2, 300, 400].map(bin => loc(bin, probability));

test('box and label weigh the same, however many tokens the label has', () => {
  assert.deepEqual(confidences(written(...locs(0.25), [' cup', 1])), [0.5]);
  assert.deepEqual(confidences(written(...locs(0.25), [' cup', 1], [' with', 1], [' tea', 1])), [0.5]);
  assert.deepEqual(confidences(written(...locs(1), [' cup', 0.25])), [0.5]);
});

test('the separator and the tokens of other regions do not count', () => {
  const both = written(...locs(0.25), [' cup', 1], [' ;', 0.0001], [' ', 0.0001], ...locs(0.36), [' plate', 1]);
  assert.deepEqual(confidences(both), [0.5, 0.6]);
});

test('a region without a label is as sure as its box, and seg tokens do not count', () => {
  assert.deepEqual(confidences(written(...locs(0.25))), [0.25]);
  const codes = Array.from({ length: 16 }, () => ['<seg001>', 0.01] as const);
  assert.deepEqual(confidences(written(...locs(0.25), ...codes, [' cup', 1])), [0.5]);
});

test('text before a box moves nothing', () => {
  assert.deepEqual(confidences(written(['There', 0.1], [' is ', 0.1], ...locs(0.25), [' cup', 1])), [0.5]);
});

test('a model that tells no probabilities says nothing of its regions', () => {
  const { suffix } = written(...locs(1), [' cup', 1]);
  assert.deepEqual(confidences({ suffix, tokens: { tokenStarts: [], tokenProbabilities: [] } }), [undefined]);
});

test('a mean of probabilities does not fall with their number, and a token of probability 0 makes it 0', () => {
  assert.equal(meanProbability([0.5, 0.5, 0.5]), 0.5);
  assert.equal(meanProbability([0.5, 0]), 0);
  assert.equal(meanProbability([]), undefined);
});

test('words go from unsure over fairly sure to sure', () => {
  const words = [0, 0.2, 0.4, 0.6, 0.8, 1].map(confidenceWord);
  assert.equal(words[0], 'unsure');
  assert.equal(words.at(-1), 'sure');
  const order = ['unsure', 'fairlySure', 'sure'];
  assert.deepEqual(words, [...words].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
});
