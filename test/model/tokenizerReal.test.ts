// The real Gemma 2 vocabulary with PaliGemma's tokens, against ids and texts of huggingface/tokenizers 0.23.3.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, test, type TestContext } from 'node:test';
import { promptIds } from '../../model-host/src/generation/prompt';
import { TextStream } from '../../model-host/src/generation/textStream';
import { compileTokenizer } from '../../model-host/src/tokenizer/compile';
import { Tokenizer } from '../../model-host/src/tokenizer/tokenizer';
import { realTokenizerFolder, type VocabularyChecksums } from '../support/gemmaVocabulary';
import { goldenFolder } from '../support/golden';
import { seededRandom } from '../support/seededRandom';
import { randomText, readJson } from '../support/tokenizers';

interface Decoded {
  readonly ids: readonly number[];
  readonly decoded: string;
  readonly decoded_skip_special: string;
}

const golden = readJson(goldenFolder, 'tokenizer/strings.json') as VocabularyChecksums & {
  readonly strings: readonly (Decoded & { readonly text: string })[];
  readonly lone_surrogates: readonly { readonly utf16_units: readonly number[]; readonly ids: readonly number[] }[];
  readonly decode: readonly Decoded[];
};

const state: { folder?: string; tokenizer?: Tokenizer; bytes?: Uint8Array; reason?: string } = {};

before(async () => {
  const found = await realTokenizerFolder(golden);
  if ('reason' in found) {
    state.reason = found.reason;
    return;
  }
  state.folder = found.folder;
  state.bytes = await compileTokenizer(found.folder);
  state.tokenizer = Tokenizer.fromBytes(state.bytes);
});

/** A test that needs the vocabulary; skipped with the reason where it cannot be fetched. */
function testReal(name: string, body: (tokenizer: Tokenizer, bytes: Uint8Array) => void): void {
  test(name, (context: TestContext) => {
    if (state.tokenizer === undefined || state.bytes === undefined) {
      return context.skip(state.reason ?? 'the vocabulary was not compiled');
    }
    return body(state.tokenizer, state.bytes);
  });
}

testReal('185 strings get the ids of the reference', tokenizer => {
  assert.equal(golden.strings.length, 185);
  for (const { text, ids } of golden.strings) assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
});

testReal('3 strings with lone surrogates get the ids of the well-formed text', tokenizer => {
  assert.equal(golden.lone_surrogates.length, 3);
  for (const { utf16_units, ids } of golden.lone_surrogates) {
    assert.deepEqual(tokenizer.encode(String.fromCharCode(...utf16_units)), ids);
  }
});

testReal(
  '44 rows of ids, bytes that are no UTF-8 among them, and all strings decode as in the reference',
  tokenizer => {
    assert.equal(golden.decode.length, 44);
    for (const { ids, decoded, decoded_skip_special } of [...golden.decode, ...golden.strings]) {
      assert.equal(tokenizer.decode(ids, { skipSpecialTokens: false }), decoded, ids.join());
      assert.equal(tokenizer.decode(ids, { skipSpecialTokens: true }), decoded_skip_special, ids.join());
      const stream = new TextStream(tokenizer);
      assert.equal(ids.map(id => stream.push(id)).join('') + stream.flush(), decoded_skip_special, ids.join());
    }
  },
);

// Ids: big_vision 0127fb6, `pp/proj/paligemma/ops.py` and README.
testReal('the ids of PaliGemma are where its checkpoints have them', tokenizer => {
  assert.deepEqual(tokenizer.specials, {
    bos: 2,
    eos: 1,
    pad: 0,
    unk: 3,
    newline: 108,
    image: 257152,
    firstLoc: 256000,
    firstSeg: 257024,
  });
  assert.equal(tokenizer.vocabularySize, 257153);
  assert.equal(tokenizer.idOf('<unused0>'), 7);
  assert.equal(tokenizer.idOf('<end_of_turn>'), 107);
});

// Ids: docstring of `PaliGemmaForConditionalGeneration.forward` in transformers.
testReal('the example of the transformers documentation', tokenizer => {
  assert.deepEqual(promptIds(tokenizer, 'Where is the cow standing?'), [2, 6006, 603, 573, 13910, 9980, 235336, 108]);
  assert.deepEqual(tokenizer.encode('on the beach'), [477, 573, 8318]);
});

testReal('decoding what was encoded gives the text back', tokenizer => {
  const random = seededRandom(257153);
  for (let round = 0; round < 1500; round++) {
    const text = randomText(random);
    assert.equal(
      tokenizer.decode(tokenizer.encode(text), { skipSpecialTokens: false }),
      text.replaceAll('\u2581', ' '),
    );
  }
});

testReal(
  'the compiled vocabulary loads in a small part of the time that reading tokenizer.json as JSON takes',
  (_, bytes) => {
    const text = readFileSync(path.join(state.folder ?? assert.fail(), 'tokenizer.json'), 'utf8');
    const quickest = (times: number, work: () => unknown) =>
      Math.min(...Array.from({ length: times }, () => {
        const started = process.cpuUsage();
        work();
        return process.cpuUsage(started).user;
      }));
    const compiled = quickest(10, () => Tokenizer.fromBytes(bytes));
    const json = quickest(1, () => JSON.parse(text) as unknown);
    assert.ok(compiled * 5 < json, `${compiled} µs and ${json} µs`);
  },
);
