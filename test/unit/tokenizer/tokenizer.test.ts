import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Tokenizer as ReferenceTokenizer } from '@huggingface/tokenizers';
import { LOC_BINS, SEG_CODES } from '../../../paligemma/src/facts';
import { compileSource } from '../../../model-host/src/tokenizer/compile';
import { Tokenizer } from '../../../model-host/src/tokenizer/tokenizer';
import { parseTokenizerJson } from '../../../model-host/src/tokenizer/tokenizerJson';
import { goldenCases } from '../../support/golden';
import { seededRandom } from '../../support/seededRandom';
import {
  compiledTokenizer,
  goldenModelFolder,
  goldenTokenizerJson,
  randomText,
  readJson,
  tokenizerFolders,
} from '../../support/tokenizers';

const all = { skipSpecialTokens: false };
const skipping = { skipSpecialTokens: true };

for (const folder of tokenizerFolders) {
  const name = path.basename(folder);

  test(`${name}: random text gets the ids and the text of @huggingface/tokenizers`, async () => {
    const tokenizer = await compiledTokenizer(folder);
    const reference = new ReferenceTokenizer(
      readJson(folder, 'tokenizer.json') as object,
      readJson(folder, 'tokenizer_config.json') as object,
    );
    const random = seededRandom(20241205);
    for (let round = 0; round < 600; round++) {
      const text = randomText(random);
      const { ids } = reference.encode(text, { add_special_tokens: false });
      assert.deepEqual(tokenizer.encode(text), ids, JSON.stringify(text));
      if (ids.length === 0) continue; // The reference refuses an empty list.
      assert.equal(
        tokenizer.decode(ids, all),
        reference.decode(ids, { skip_special_tokens: false }),
        JSON.stringify(text),
      );
      assert.equal(
        tokenizer.decode(ids, skipping),
        reference.decode(ids, { skip_special_tokens: true }),
        JSON.stringify(text),
      );
    }
  });

  test(`${name}: decoding what was encoded gives the text back`, async () => {
    const tokenizer = await compiledTokenizer(folder);
    const random = seededRandom(7);
    for (let round = 0; round < 400; round++) {
      const text = `\ufeff${randomText(random)}\ufeff`;
      assert.equal(tokenizer.decode(tokenizer.encode(text), all), text.replaceAll('\u2581', ' '));
    }
  });

  test(`${name}: special ids, loc and seg tokens are found by their text`, async () => {
    const tokenizer = await compiledTokenizer(folder);
    const { vocab } = (readJson(folder, 'tokenizer.json') as { model: { vocab: Record<string, number> } }).model;
    const { bos, eos, pad, unk, newline, image, firstLoc, firstSeg } = tokenizer.specials;
    assert.deepEqual(
      [pad, eos, bos, unk, newline],
      ['<pad>', '<eos>', '<bos>', '<unk>', '\n'].map(token => vocab[token]),
    );
    assert.equal(image, (readJson(folder, 'config.json') as { image_token_index: number }).image_token_index);
    assert.deepEqual([firstLoc, firstSeg], [vocab['<loc0000>'], vocab['<seg000>']]);
    assert.deepEqual(tokenizer.encode('<loc0000><loc1023><seg127>'), [
      firstLoc,
      firstLoc + LOC_BINS - 1,
      firstSeg + SEG_CODES - 1,
    ]);
    assert.equal(tokenizer.decode([bos, firstLoc, firstSeg + 5, image, eos], skipping), '<loc0000><seg005>');
    for (const [token, id] of Object.entries(vocab)) assert.equal(tokenizer.idOf(token), id);
    assert.equal(tokenizer.vocabularySize, 1 + Math.max(image, ...Object.values(vocab)));
  });
}

test('the suffixes of all reference cases decode as in transformers', async () => {
  for (
    const { id, model, tokens, text, text_with_special }
      of goldenCases() as (ReturnType<typeof goldenCases>[number] & { text_with_special: string })[]
  ) {
    const tokenizer = await compiledTokenizer(goldenModelFolder(model));
    assert.equal(tokenizer.decode(tokens, skipping), text, id);
    assert.equal(tokenizer.decode(tokens, all), text_with_special, id);
  }
});

test('a lone surrogate counts as U+FFFD', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  assert.deepEqual(tokenizer.encode('A\ud83dB'), tokenizer.encode('A\ufffdB'));
  assert.deepEqual(tokenizer.encode('\udc00\ud800'), tokenizer.encode('\ufffd\ufffd'));
});

// The expected texts are what huggingface/tokenizers 0.23.3 (Rust) gives.
test('a row of bytes is text as a whole or not at all', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  const bytes = (...values: number[]) =>
    values.map(value => tokenizer.idOf(`<0x${value.toString(16).toUpperCase().padStart(2, '0')}>`)!);
  const { eos } = tokenizer.specials;
  const dog = tokenizer.encode('dog');
  assert.equal(tokenizer.decode(bytes(0xf0, 0x9f, 0x90, 0x88), all), '🐈');
  assert.equal(tokenizer.decode(bytes(0xc3, 0xa9, 0xe2), all), '\ufffd\ufffd\ufffd');
  assert.equal(tokenizer.decode([...bytes(0xc3, 0xa9), ...dog, ...bytes(0xe2)], all), 'édog\ufffd');
  assert.equal(tokenizer.decode([...bytes(0xe5, 0x8f), eos, ...bytes(0xab)], all), '\ufffd\ufffd<eos>\ufffd');
  assert.equal(tokenizer.decode([...bytes(0xe5, 0x8f), eos, ...bytes(0xab)], skipping), '叫');
  assert.equal(tokenizer.decode(bytes(0xef, 0xbb, 0xbf), all), '\ufeff');
  assert.equal(tokenizer.decode(bytes(0xed, 0xa0, 0x80), all), '\ufffd\ufffd\ufffd');
});

test('ids without a token say nothing', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  const [cat] = tokenizer.encode('cat');
  assert.equal(
    tokenizer.decode([-1, 1e9, cat!, 0.5, NaN, tokenizer.vocabularySize], all),
    tokenizer.decode([cat!], all),
  );
  assert.deepEqual([-1, 1e9, 0.5, NaN, tokenizer.vocabularySize].map(id => tokenizer.isKnownId(id)), [
    false,
    false,
    false,
    false,
    false,
  ]);
  assert.equal(tokenizer.isKnownId(tokenizer.vocabularySize - 1), true);
  assert.equal(tokenizer.idOf('no such token'), undefined);
  assert.equal(tokenizer.idOf('\ud800'), undefined);
});

test('flags of added tokens are kept', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  for (const { id, special } of goldenTokenizerJson().added_tokens) {
    assert.equal(tokenizer.isAdded(id), true);
    assert.equal(tokenizer.isSpecial(id), special);
  }
  assert.equal(tokenizer.isAdded(tokenizer.idOf('a')!), false);
});

// A tokenizer that transformers' add_tokens has written marks loc and seg tokens as normalized.
test('normalized added tokens are looked for after spaces are marked, and after the others', () => {
  const json = goldenTokenizerJson();
  const id = 1 + Math.max(...json.added_tokens.map(token => token.id));
  const token = { single_word: false, lstrip: false, rstrip: false, special: false };
  json.added_tokens = json.added_tokens.map(added =>
    /^<(loc|seg)/.test(added.content) ? { ...added, normalized: true } : added
  );
  json.added_tokens.push({ ...token, id, content: 'q z', normalized: true }, {
    ...token,
    id: id + 1,
    content: 'x y',
    normalized: false,
  }, { ...token, id: id + 2, content: 'zx', normalized: true });
  const tokenizer = Tokenizer.fromBytes(compileSource(parseTokenizerJson(json, 'test'), 'test'));
  const loc = tokenizer.specials.firstLoc;
  assert.deepEqual(tokenizer.encode('<loc0003><loc0004>'), [loc + 3, loc + 4]);
  assert.deepEqual(tokenizer.encode('q z'), [id]);
  assert.deepEqual(tokenizer.encode('q\u2581z'), [id]);
  assert.deepEqual(tokenizer.encode('x y'), [id + 1]);
  assert.notDeepEqual(tokenizer.encode('x\u2581y'), [id + 1]);
  // "x y" is taken out first, so the "zx" before it never comes to be.
  assert.deepEqual(tokenizer.encode('q zx y'), [id, id + 1]);
  assert.equal(tokenizer.decode([id, id + 1], all), 'q zx y');
});

test('loc and seg tokens may be absent', () => {
  const json = goldenTokenizerJson();
  const isRange = (text: string) => /^<(loc|seg)\d/.test(text) || text === '<image>';
  json.model.vocab = Object.fromEntries(Object.entries(json.model.vocab).filter(([text]) => !isRange(text)));
  json.added_tokens = json.added_tokens.filter(token => !isRange(token.content));
  const { specials } = Tokenizer.fromBytes(compileSource(parseTokenizerJson(json, 'test'), 'test'));
  assert.deepEqual([specials.firstLoc, specials.firstSeg, specials.image], [-1, -1, -1]);
});

test('ids without a token between the others are unknown, and do not hide the next one', () => {
  const json = goldenTokenizerJson();
  const next = 1 + Math.max(...json.added_tokens.map(token => token.id));
  Object.assign(json.model.vocab, { 'q%': next + 3, 'q%%': next + 7 });
  const tokenizer = Tokenizer.fromBytes(compileSource(parseTokenizerJson(json, 'test'), 'test'));
  assert.deepEqual([tokenizer.idOf('q%'), tokenizer.idOf('q%%'), tokenizer.vocabularySize], [
    next + 3,
    next + 7,
    next + 8,
  ]);
  assert.deepEqual([next + 2, next + 3, next + 4, next + 7, next + 8].map(id => tokenizer.isKnownId(id)), [
    false,
    true,
    false,
    true,
    false,
  ]);
  assert.equal(tokenizer.decode([next, next + 3, next + 5, next + 7], all), 'q%q%%');
});

test('merges as strings and as pairs are the same', () => {
  const json = goldenTokenizerJson();
  const pairs = compileSource(parseTokenizerJson(json, 'test'), 'test');
  json.model.merges = json.model.merges.map(merge => typeof merge === 'string' ? merge : merge.join(' '));
  assert.ok(json.model.merges.every(merge => typeof merge === 'string'));
  json.model.merges.unshift('#version: 0.2');
  assert.deepEqual(compileSource(parseTokenizerJson(json, 'test'), 'test'), pairs);
});

test('of a merge that is listed twice the later place counts', () => {
  const json = goldenTokenizerJson();
  const next = 1 + Math.max(...json.added_tokens.map(token => token.id));
  Object.assign(json.model.vocab, { 'q%': next, '%^': next + 1 });
  const encode = (...merges: [string, string][]) => {
    const changed = { ...json, model: { ...json.model, merges: [...json.model.merges, ...merges] } };
    const ids = Tokenizer.fromBytes(compileSource(parseTokenizerJson(changed, 'test'), 'test')).encode('q%^');
    const reference = new ReferenceTokenizer(changed, {});
    assert.deepEqual(ids, reference.encode('q%^', { add_special_tokens: false }).ids);
    return ids;
  };
  assert.deepEqual(encode(['q', '%'], ['%', '^']), [next, json.model.vocab['^']]);
  assert.deepEqual(encode(['q', '%'], ['%', '^'], ['q', '%']), [json.model.vocab['q'], next + 1]);
});

test('a long stretch without a break is encoded in reasonable time', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  const text = 'the cat sat '.repeat(20_000);
  const started = performance.now();
  assert.equal(tokenizer.decode(tokenizer.encode(text), all), text);
  // About 0.4 s where it was written; a quadratic algorithm needs hours.
  assert.ok(performance.now() - started < 20_000);
});
