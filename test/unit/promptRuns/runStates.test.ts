import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunKey } from '../../../server/src/language/knowledge/context';
import { doneState, RunStates } from '../../../server/src/lsp/promptFiles/runStates';
import { done } from '../language/promptSupport';

const key = (more: Partial<RunKey> = {}): RunKey => ({
  prompt: 'ocr',
  imageUri: 'file:///a.png',
  model: undefined,
  settings: {},
  ...more,
});

test('a state belongs to picture, prompt, model and settings', () => {
  const states = new RunStates();
  states.set(key(), { kind: 'queued' });
  assert.deepEqual(states.get(key({ settings: {} })), { kind: 'queued' });
  for (
    const other of [{ prompt: 'OCR' }, { imageUri: 'file:///b.png' }, { model: 'demo' }, {
      settings: { device: 'cpu' },
    }] as const
  ) assert.equal(states.get(key(other)), undefined);
  assert.deepEqual([states.mayKnow('ocr'), states.mayKnow('x')], [true, false]);
});

test('that nothing is known is remembered, and is no knowledge', () => {
  const states = new RunStates();
  states.setNothing(key());
  assert.deepEqual([states.has(key()), states.get(key()), states.mayKnow('ocr')], [true, undefined, false]);
  states.set(key(), { kind: 'queued' });
  states.setNothing(key());
  assert.equal(states.mayKnow('ocr'), false);
  states.forget(key());
  assert.equal(states.has(key()), false);
});

test('a picture that changed takes its results with it, but not what is running', () => {
  const states = new RunStates();
  states.set(key(), done('x'));
  states.set(key({ prompt: 'running' }), { kind: 'running', phase: 'decode', text: '' });
  states.set(key({ imageUri: 'file:///a.png.png' }), done('y'));
  states.forgetImage('file:///a.png');
  assert.deepEqual([
    states.get(key()),
    states.get(key({ prompt: 'running' }))?.kind,
    states.get(key({ imageUri: 'file:///a.png.png' }))?.kind,
  ], [undefined, 'running', 'done']);
  states.forgetAll();
  assert.deepEqual([states.mayKnow('ocr'), states.mayKnow('running')], [false, true]);
});

test('a kept result holds no masks and no probabilities', () => {
  const full = done('x', {
    tokenIds: [1],
    tokenProbabilities: [0.5],
    regions: [{ label: 'cup', box: { x1: 0, y1: 0, x2: 1, y2: 1 }, mask: { width: 1, height: 1, png: 'AAAA' } }],
  });
  assert.ok(full.kind === 'done');
  const kept = doneState(full.result);
  assert.ok(kept.kind === 'done');
  assert.deepEqual([kept.result.tokenIds, kept.result.tokenProbabilities, kept.result.regions], [[], [], [{
    label: 'cup',
    box: { x1: 0, y1: 0, x2: 1, y2: 1 },
  }]]);
});
