import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../paligemma/src/failures';
import { crc32 } from '../../../model-host/src/util/crc32';
import { compileTokenizer } from '../../../model-host/src/tokenizer/compile';
import { sealTables } from '../../../model-host/src/tokenizer/tables';
import { Tokenizer } from '../../../model-host/src/tokenizer/tokenizer';
import { seededRandom } from '../../support/seededRandom';
import { goldenModelFolder, randomText } from '../../support/tokenizers';

const folder = goldenModelFolder('odd-896');
const isCorrupt = (error: unknown) =>
  error instanceof Failure && error.reason === 'convertedModelCorrupt' && /convert it again/.test(error.message);

test('every flipped bit is noticed', async () => {
  const bytes = await compileTokenizer(folder);
  const random = seededRandom(1);
  for (let round = 0; round < 3000; round++) {
    // Half of the flips hit the header, which is a small part of the file.
    const bit = random.below(8 * (round % 2 === 0 ? 200 : bytes.length));
    bytes[bit >>> 3]! ^= 1 << (bit & 7);
    assert.throws(() => Tokenizer.fromBytes(bytes), isCorrupt, `bit ${bit}`);
    bytes[bit >>> 3]! ^= 1 << (bit & 7);
  }
  assert.equal(Tokenizer.fromBytes(bytes).idOf('<bos>'), 2);
});

test('every truncation and every addition is noticed', async () => {
  const bytes = await compileTokenizer(folder);
  const random = seededRandom(2);
  const lengths = [
    0,
    1,
    3,
    4,
    8,
    100,
    155,
    156,
    157,
    bytes.length - 4,
    bytes.length - 1,
    ...Array.from({ length: 300 }, () => random.below(bytes.length)),
  ];
  for (const length of lengths) {
    assert.throws(() => Tokenizer.fromBytes(bytes.slice(0, length)), isCorrupt, `${length} bytes`);
  }
  for (const extra of [1, 4, 4096]) {
    assert.throws(() => Tokenizer.fromBytes(Buffer.concat([bytes, Buffer.alloc(extra)])), isCorrupt);
  }
});

test('a file with a right checksum and wrong content is refused or harmless', async () => {
  const whole = await compileTokenizer(folder);
  const random = seededRandom(3);
  const outcomes = { refused: 0, read: 0 };
  for (let round = 0; round < 1500; round++) {
    const bytes = whole.slice();
    const words = new Uint32Array(bytes.buffer);
    for (let change = random.below(30); change >= 0; change--) {
      const index = 2 + random.below(round % 3 === 0 ? 50 : words.length - 2);
      words[index] = random.pick([
        0,
        1,
        0xffffffff,
        0x7fffffff,
        words.length,
        random.below(2 ** 31),
        random.below(5000),
      ]);
    }
    words[2] = 1;
    words[3] = bytes.length;
    sealTables(bytes);
    try {
      use(Tokenizer.fromBytes(bytes), randomText(random), random.below(3000));
      outcomes.read++;
    } catch (error) {
      assert.ok(isCorrupt(error), String(error));
      outcomes.refused++;
    }
  }
  assert.ok(outcomes.refused > 100 && outcomes.read > 100, JSON.stringify(outcomes));
});

/** Whatever the tables hold, ids stay inside the vocabulary and text is text. */
function use(tokenizer: Tokenizer, text: string, id: number): void {
  const ids = tokenizer.encode(text);
  assert.ok(ids.every(value => Number.isInteger(value) && value >= 0 && value < tokenizer.vocabularySize));
  assert.equal(typeof tokenizer.decode([...ids, id], { skipSpecialTokens: true }), 'string');
  tokenizer.idOf(text);
}

test('bytes that do not start on a word boundary are read too', async () => {
  const bytes = await compileTokenizer(folder);
  for (const shifted of [new Uint8Array(bytes.length + 1).subarray(1), Buffer.alloc(bytes.length + 3).subarray(3)]) {
    shifted.set(bytes);
    assert.deepEqual(
      Tokenizer.fromBytes(shifted).encode('caption en'),
      Tokenizer.fromBytes(bytes).encode('caption en'),
    );
  }
});

// Older Node.js has no CRC-32 built in, and files are shared.
test('the checksum is CRC-32 on every Node.js', async () => {
  const bytes = await compileTokenizer(folder);
  assert.equal(new DataView(bytes.buffer).getUint32(16, true), crc32(bytes.subarray(20)));
});

test('compiling is deterministic', async () => {
  assert.deepEqual(await compileTokenizer(folder), await compileTokenizer(folder));
});
