import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunPhase, RunProgress } from '../../model-host/src/contract/protocol';
import { limitProgress } from '../../model-host/src/wire/progressLimit';

const at = (phase: RunPhase, done: number, total: number): RunProgress => ({ kind: 'phase', phase, done, total });

test('begin and end of each phase and all text pass, what lies between them at intervals', () => {
  const sent: RunProgress[] = [];
  let time = 0;
  const progress = limitProgress(message => sent.push(message), () => time);
  for (let done = 1; done <= 1000; done++) {
    time = done;
    progress(at('convert', done, 1000));
  }
  assert.equal(sent.length, 11, `${sent.length} messages in a second`);
  assert.deepEqual([sent[0], sent.at(-1)], [at('convert', 1, 1000), at('convert', 1000, 1000)]);
  sent.length = 0;
  const rest: RunProgress[] = [at('load', 1, 3), at('load', 3, 3), { kind: 'text', text: 'a', tokens: 1 }, {
    kind: 'text',
    text: 'ab',
    tokens: 2,
  }, at('prefill', 1, 2)];
  for (const message of rest) progress(message);
  assert.deepEqual(sent, rest);
});
