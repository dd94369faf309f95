import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunPhase, RunProgress } from '../../model-host/src/contract/protocol';
import { ProgressLimit } from '../../model-host/src/wire/progressLimit';
import { ManualTimers } from '../support/manualTimers';

const at = (phase: RunPhase, done: number, total: number): RunProgress => ({ kind: 'phase', phase, done, total });
const text = (tokens: number): RunProgress => ({ kind: 'text', text: 'a'.repeat(tokens), tokens });
const turn = () => new Promise(resolve => setImmediate(resolve));

function setUp(send: () => Promise<void> = () => Promise.resolve()) {
  const sent: RunProgress[] = [];
  const timers = new ManualTimers();
  const limit = new ProgressLimit(progress => {
    sent.push(progress);
    return send();
  }, timers);
  return { sent, timers, limit };
}

test('begin and end of each phase pass, what lies between them at intervals', () => {
  const { sent, timers, limit } = setUp();
  for (let done = 1; done <= 1000; done++) {
    timers.advance(1);
    limit.push(at('convert', done, 1000));
  }
  assert.equal(sent.length, 11, `${sent.length} messages in a second`);
  assert.deepEqual([sent[0], sent.at(-1)], [at('convert', 1, 1000), at('convert', 1000, 1000)]);
  sent.length = 0;
  const rest = [at('load', 1, 3), at('load', 3, 3), text(1), at('prefill', 1, 2)];
  for (const message of rest) limit.push(message);
  assert.deepEqual(sent, rest);
});

test('the first text passes at once, then the newest at intervals', async () => {
  const { sent, timers, limit } = setUp();
  for (let tokens = 1; tokens <= 1000; tokens++) {
    limit.push(text(tokens));
    await turn();
    timers.advance(1);
  }
  assert.ok(sent.length >= 10 && sent.length <= 11, `${sent.length} messages in a second`);
  assert.deepEqual(sent[0], text(1));
  timers.advance(100);
  assert.deepEqual(sent.at(-1), text(1000), 'also where no other text follows it');
  timers.advance(10_000);
  assert.ok(sent.length <= 12);
});

test('no text is sent before the one before has left: of a thousand the newest is kept', async () => {
  let leave = () => undefined as void;
  const { sent, timers, limit } = setUp(() => new Promise(resolve => (leave = resolve)));
  for (let tokens = 1; tokens <= 1000; tokens++) {
    limit.push(text(tokens));
    timers.advance(50);
  }
  await turn();
  assert.deepEqual(sent, [text(1)]);
  leave();
  await turn();
  timers.advance(100);
  assert.deepEqual(sent, [text(1), text(1000)]);
});

test('text is put together only where it is sent', async () => {
  const { sent, timers, limit } = setUp();
  let made = 0;
  for (let tokens = 1; tokens <= 1000; tokens++) {
    limit.push({
      kind: 'text',
      get text() {
        made++;
        return 'a';
      },
      tokens,
    });
  }
  await turn();
  timers.advance(100);
  assert.deepEqual([sent.map(progress => progress.kind === 'text' && progress.text), made], [['a', 'a'], 2]);
});

test('once the run is over nothing is sent any more', async () => {
  const { sent, timers, limit } = setUp();
  limit.push(text(1));
  await turn();
  limit.push(text(2));
  limit.end();
  timers.advance(1000);
  assert.deepEqual(sent, [text(1)]);
  assert.equal(timers.pendingCount, 0);
});

test('text never comes after the phase that followed it', async () => {
  const { sent, timers, limit } = setUp();
  limit.push(text(1));
  await turn();
  limit.push(text(2));
  limit.push(at('prefill', 0, 1));
  timers.advance(1000);
  assert.deepEqual(sent, [text(1), at('prefill', 0, 1)]);
});
