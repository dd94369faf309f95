// What an inference server may stream and refuse with: read, or refused with a reason of the table, and never more than
// was asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../paligemma/src/failures';
import { ChatReader } from '../../model-host/src/engines/remote/chat';
import { eventData, StreamTooLong } from '../../model-host/src/engines/remote/eventStream';
import { refusalOf } from '../../model-host/src/engines/remote/refusals';
import { DialectRefused, Setback } from '../../model-host/src/engines/remote/setback';
import { growthFault } from '../support/hostile/growth';
import { mutated } from '../support/hostile/pictures';
import { seededRandom } from '../support/seededRandom';

const CASES = 3000;
const MAX_NEW_TOKENS = 8;
const LONGEST = { event: 4096, all: 16_384 };
const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const stream = Buffer.from([
  event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }], prompt_token_ids: [5, 5, 2, 9, 108] }),
  event({ choices: [{ index: 0, delta: { content: '<loc0670>' }, token_ids: [257_822] }] }),
  event({ choices: [{ index: 0, delta: { content: ' cat' }, token_ids: [4433], finish_reason: 'stop' }] }),
  event({ choices: [], usage: { completion_tokens: 3 } }),
  'data: [DONE]\n\n',
].join(''));

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function read(bytes: Buffer, size: number): Promise<string> {
  const reader = new ChatReader('host', MAX_NEW_TOKENS);
  for await (const data of eventData(pieces(bytes, size), LONGEST)) {
    if (data === '[DONE]') break;
    reader.push(data);
  }
  return reader.finish().suffix;
}

test('a streamed answer is read in pieces of any size, and read or refused when changed', async () => {
  for (const size of [1, 2, 3, 7, 64, 4096]) assert.equal(await read(stream, size), '<loc0670> cat');
  const random = seededRandom(20_260_401);
  let refused = 0;
  for (let count = 0; count < CASES; count++) {
    try {
      const suffix = await read(mutated(stream, random), 1 + random.below(64));
      assert.ok(suffix.length <= LONGEST.all);
    } catch (error) {
      refused++;
      assert.ok(
        error instanceof StreamTooLong || (error instanceof Failure && error.reason === 'serverAnswerInvalid'),
        String(error),
      );
    }
  }
  assert.ok(refused > 100, `${refused} of ${CASES}`);
});

test('an answer in single characters takes time by its length, however often it is asked how far it has come', () => {
  const data = JSON.stringify({ choices: [{ delta: { content: 'a' } }] });
  const read = (pieces: number) => {
    const reader = new ChatReader('host', pieces);
    for (let piece = 0; piece < pieces; piece++) {
      reader.push(data);
      assert.equal(reader.progress.kind, 'text');
    }
    return reader.progress;
  };
  const { kind, ...rest } = read(1000);
  assert.deepEqual([kind, { ...rest }], ['text', { text: 'a'.repeat(1000), tokens: 1000 }]);
  assert.equal(growthFault(read, pieces => pieces, 1 << 15), undefined);
});

test('a refusal of any status with any body becomes a failure of the table', () => {
  const random = seededRandom(20_260_402);
  const bodies = [
    '{"error":{"message":"The model `x` does not exist.","param":"model","code":404}}',
    '{"error":"Unauthorized"}',
    '{"detail":"Not Found"}',
    '{"error":{"message":null}}',
    '[[[[',
    '<html>',
    '',
  ].map(body => Buffer.from(body));
  for (let count = 0; count < CASES; count++) {
    const body = mutated(random.pick(bodies), random).toString('utf8');
    const failure = refusalOf({
      status: 300 + random.below(300),
      body,
      retryAfter: random.pick([undefined, '', '-1', '9'.repeat(400), 'Tue', '2']),
    }, { host: 'host', apiKey: undefined, isConfidential: true, hasExtras: random.below(2) === 0 });
    assert.ok(failure instanceof Failure || failure instanceof Setback || failure instanceof DialectRefused);
    assert.ok(failure.message.length < 2000);
  }
});
