import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchText, progressText } from '../../../client/src/progress/progressText';
import type { RunPhase, RunProgress } from '../../../model-host/src/contract/protocol';

const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) => String(args[Number(index)]));
const phase = (name: RunPhase, done = 0, total = 1): RunProgress => ({ kind: 'phase', phase: name, done, total });

test('phases are told in words of every day', () => {
  const words = (['convert', 'load', 'image', 'vision', 'prefill', 'decode'] as const).map(name =>
    progressText(phase(name), t)
  );
  assert.deepEqual(words, [
    'Preparing the model for its first use',
    'Loading model',
    'Looking at the picture',
    'Looking at the picture',
    'Looking at the picture',
    'Writing',
  ]);
});

test('a percentage stands where the end is known, and only there', () => {
  assert.equal(progressText(phase('load', 1, 3), t), 'Loading model (33 %)');
  assert.equal(progressText(phase('convert', 0, 8_000_000), t), 'Preparing the model for its first use (0 %)');
  assert.equal(progressText(phase('prefill', 4, 4), t), 'Looking at the picture (100 %)');
  assert.equal(progressText(phase('vision', 1, 1), t), 'Looking at the picture');
  assert.equal(progressText(phase('load', 9, 3), t), 'Loading model (100 %)');
  assert.equal(progressText(phase('load', Number.NaN, 3), t), 'Loading model');
});

test('text that arrives means writing', () => {
  assert.equal(progressText({ kind: 'text', text: 'a cat', tokens: 2 }, t), 'Writing');
});

test('a batch says which picture of how many', () => {
  const step = (index: number, progress?: RunProgress) => ({ index, total: 5, imageName: 'cat.png', progress });
  assert.equal(batchText(step(1), t), '2 of 5 · cat.png');
  assert.equal(batchText(step(4, phase('vision')), t), '5 of 5 · cat.png, Looking at the picture');
  assert.equal(
    batchText({ ...step(0, phase('vision')), secondsLeft: 180 }, t),
    '1 of 5 · cat.png, Looking at the picture · 3 min left',
  );
});
