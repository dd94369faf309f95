import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextStream } from '../../../model-host/src/generation/textStream';
import type { Tokenizer } from '../../../model-host/src/tokenizer/tokenizer';
import { goldenCases } from '../../support/golden';
import { growthFault } from '../../support/hostile/growth';
import { seededRandom } from '../../support/seededRandom';
import { compiledTokenizer, goldenModelFolder, randomText, tokenizerFolders } from '../../support/tokenizers';

/** Pushes the ids and flushes; every piece must be whole characters. */
function stream(tokenizer: Tokenizer, ids: readonly number[]): string[] {
  const text = new TextStream(tokenizer);
  const pieces = [...ids.map(id => text.push(id)), text.flush()];
  for (const piece of pieces) assert.equal(Buffer.from(piece).toString(), piece);
  assert.equal(text.text, pieces.join(''));
  return pieces;
}

const bytesOf = (tokenizer: Tokenizer, text: string) =>
  [...Buffer.from(text)].map(byte => tokenizer.idOf(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)!);

test('the tokens of all reference cases give the text of the reference', async () => {
  for (const { id, model, tokens, text } of goldenCases()) {
    assert.equal(stream(await compiledTokenizer(goldenModelFolder(model)), tokens).join(''), text, id);
  }
});

test('joined pieces are the decoded text, for encoded text and for any ids', async () => {
  for (const folder of tokenizerFolders) {
    const tokenizer = await compiledTokenizer(folder);
    const random = seededRandom(11);
    const byteIds = Array.from(
      { length: 128 },
      (_, byte) => tokenizer.idOf(`<0x${(byte + 128).toString(16).toUpperCase()}>`)!,
    );
    for (let round = 0; round < 80; round++) {
      const encoded = tokenizer.encode(randomText(random));
      const arbitrary = Array.from(
        { length: random.below(40) },
        () => random.below(3) === 0 ? random.pick(byteIds) : random.below(tokenizer.vocabularySize + 50),
      );
      for (const ids of [encoded, arbitrary, [...encoded, ...arbitrary]]) {
        assert.equal(stream(tokenizer, ids).join(''), tokenizer.decode(ids, { skipSpecialTokens: true }));
      }
    }
  }
});

test('a character of several byte tokens comes whole, when another token follows', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  const cat = bytesOf(tokenizer, '🐈');
  const [dot] = tokenizer.encode('.');
  assert.deepEqual(stream(tokenizer, [...cat, dot!]), ['', '', '', '', '🐈.', '']);
  assert.deepEqual(stream(tokenizer, cat), ['', '', '', '', '🐈']);
  assert.deepEqual(stream(tokenizer, cat.slice(0, 3)), ['', '', '', '\ufffd\ufffd\ufffd']);
});

// A later byte spoils the row, so what looks whole must wait: decode() gives four U+FFFD here.
test('whole characters of a row of bytes wait for its end', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  assert.deepEqual(stream(tokenizer, bytesOf(tokenizer, '猫é').slice(0, -1)), ['', '', '', '', '\ufffd'.repeat(4)]);
});

test('text at the start keeps its space, and special tokens are left out', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  const { bos, eos, firstLoc } = tokenizer.specials;
  const space = tokenizer.encode(' ');
  assert.deepEqual(stream(tokenizer, [...space, firstLoc, bos, eos]), [' ', '<loc0000>', '', '', '']);
  assert.deepEqual(stream(tokenizer, []), ['']);
});

test('a special token inside a row of bytes does not end it', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  const [first, ...rest] = bytesOf(tokenizer, 'é');
  assert.deepEqual(stream(tokenizer, [first!, tokenizer.specials.pad, ...rest]), ['', '', '', 'é']);
});

test('a stream can go on after a flush', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  const text = new TextStream(tokenizer);
  const [first, second] = bytesOf(tokenizer, 'é');
  assert.deepEqual([text.push(first!), text.flush(), text.flush(), text.push(second!), text.flush()], [
    '',
    '\ufffd',
    '',
    '',
    '\ufffd',
  ]);
  assert.equal(text.text, '\ufffd\ufffd');
});

test('a long suffix takes linear time', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  const bytes = bytesOf(tokenizer, '猫');
  const cat = tokenizer.encode('a cat ');
  const stream = (rounds: number) => {
    const text = new TextStream(tokenizer);
    let length = 0;
    for (let round = 0; round < rounds; round++) for (const id of bytes) length += text.push(id).length;
    for (let round = 0; round < rounds; round++) for (const id of cat) length += text.push(id).length;
    assert.equal(length + text.flush().length, rounds * ('猫'.length + 'a cat '.length));
  };
  assert.equal(growthFault(stream, rounds => rounds, 50_000), undefined);
});

test('each token says where its text begins, bytes where their row does', async () => {
  const tokenizer = await compiledTokenizer(goldenModelFolder('gqa-224'));
  const text = new TextStream(tokenizer);
  const [before, after] = [tokenizer.encode('a cat '), tokenizer.encode('dog')];
  const starts = [...before, ...bytesOf(tokenizer, '猫'), ...after].map(id => {
    text.push(id);
    return text.lastStart;
  });
  const row = 'a cat '.length;
  assert.deepEqual(starts.slice(before.length, before.length + 4), [row, row, row, row + '猫'.length]);
  assert.equal(starts[0], 0);
  for (const [index, id] of before.entries()) {
    const own = tokenizer.decode([id], { skipSpecialTokens: true });
    assert.equal('a cat '.slice(starts[index], (starts[index] ?? 0) + own.length), own);
  }
});
