import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthFaultOfWaiting } from '../../support/hostile/growth';
import { eventData, StreamTooLong } from '../../../model-host/src/engines/remote/eventStream';

const longest = { event: 100, all: 1000 };
const endless = { event: Infinity, all: Infinity };

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function read(text: string, size: number): Promise<string[]> {
  const all: string[] = [];
  for await (const data of eventData(pieces(Buffer.from(text), size), longest)) all.push(data);
  return all;
}

test('events come out the same however the bytes are cut, whatever ends the lines', async () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const text = [
      ': hello',
      'data: {"a":"猫 🐈"}',
      '',
      'event: x',
      'id: 1',
      'data:second',
      'data: line',
      'data',
      '',
      '',
      'database: no',
      '',
      'data: last',
    ].join(end);
    for (let size = 1; size <= text.length; size++) {
      assert.deepEqual(
        await read(text, size),
        ['{"a":"猫 🐈"}', 'second\nline\n', 'last'],
        `${JSON.stringify(end)} ${size}`,
      );
    }
  }
});

test('a line that comes in many pieces is looked through once', async () => {
  const fault = await growthFaultOfWaiting(async size => {
    for await (const data of eventData(pieces(Buffer.from(`data: ${'x'.repeat(size)}\n\n`), 16), endless)) {
      assert.equal(data.length, size);
    }
  }, 1 << 18);
  assert.equal(fault, undefined);
});

test('an event, a line or a stream that is too long ends it', async () => {
  await assert.rejects(read(`data: ${'x'.repeat(200)}`, 7), StreamTooLong);
  await assert.rejects(read(`${'data: xxxxxxxxxx\n'.repeat(20)}`, 7), StreamTooLong);
  await assert.rejects(read(`${': ping\n\n'.repeat(200)}`, 7), StreamTooLong);
});
