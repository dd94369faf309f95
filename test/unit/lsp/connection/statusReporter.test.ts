import type { RunResult } from '../../../../paligemma/src/runResult';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../../paligemma/src/failures';
import type { ServerStatus } from '../../../../server/src/contract/protocol';
import { StatusReporter } from '../../../../server/src/lsp/connection/statusReporter';
import { CancelledError } from '../../../../server/src/util/cancellation';

const timings = { loadMs: 1, imageMs: 1, visionMs: 1, prefillMs: 1, decodeMs: 1, tokens: 1 };
const result = { model: 'mix', device: 'webgpu', timings, fromStore: false } as RunResult;

function setUp() {
  const sent: ServerStatus[] = [];
  return {
    sent,
    reporter: new StatusReporter(status => sent.push(status)),
    states: () => sent.map(({ state }) => state),
  };
}

test('the course of a first run', () => {
  const { reporter, sent, states } = setUp();
  reporter.modelChosen('mix', undefined);
  reporter.hostChanged('starting');
  reporter.hostChanged('ready');
  reporter.progress('mix', { kind: 'phase', phase: 'load', done: 1, total: 2 });
  reporter.progress('mix', { kind: 'phase', phase: 'load', done: 2, total: 2 });
  reporter.progress('mix', { kind: 'phase', phase: 'prefill', done: 1, total: 2 });
  reporter.progress('mix', { kind: 'text', text: 'a', tokens: 1 });
  reporter.done(result);
  reporter.hostChanged('stopped');
  assert.deepEqual(
    states(),
    ['idle', 'starting', 'ready', 'loading', 'running', 'ready', 'idle'],
    'only changes are told',
  );
  assert.deepEqual(sent.at(-2), { state: 'ready', model: 'mix', device: 'webgpu', lastTimings: timings });
  assert.deepEqual(sent.at(-1), { state: 'idle', model: 'mix' });
});

test('a note about the demo model stays until another model is chosen', () => {
  const { reporter, sent } = setUp();
  reporter.modelChosen('demo', 'the demo model knows shapes only');
  reporter.hostChanged('ready');
  reporter.done({ ...result, model: 'demo' });
  assert.equal(sent.at(-1)?.detail, 'the demo model knows shapes only');
  reporter.modelChosen('mix', undefined);
  assert.equal(sent.at(-1)?.detail, undefined);
});

test('a failure of the machine shows until something works again; a bad picture and a cancelled run do not', () => {
  const { reporter, sent } = setUp();
  reporter.hostChanged('ready');
  reporter.failed('mix', new Failure('imageMissing', 'no picture'));
  reporter.failed('mix', new CancelledError());
  assert.equal(sent.at(-1)?.state, 'ready');
  reporter.failed('mix', new Failure('outOfMemory', 'too large'));
  assert.deepEqual([sent.at(-1)?.state, sent.at(-1)?.detail], ['failed', 'too large']);
  reporter.done(result);
  assert.equal(sent.at(-1)?.state, 'ready');
});

test('a host that is given up is a failure, whatever was running', () => {
  const { reporter, sent } = setUp();
  reporter.hostChanged('ready');
  reporter.progress('mix', { kind: 'text', text: 'a', tokens: 1 });
  reporter.hostChanged('failed');
  assert.equal(sent.at(-1)?.state, 'failed');
});

test('an answer from the store says nothing about what is loaded', () => {
  const { reporter, sent } = setUp();
  reporter.modelChosen('pt', undefined);
  reporter.done({ ...result, fromStore: true });
  assert.deepEqual(sent, [{ state: 'idle', model: 'pt' }]);
});

test('why the device is another one than preferred is told until the host ends or a run is on another device', () => {
  const { reporter } = setUp();
  reporter.modelChosen('mix', 'A note.');
  reporter.hostChanged('ready');
  reporter.deviceFellBack('Running on the CPU. There is no adapter.');
  reporter.done({ ...result, device: 'cpu' });
  assert.equal(reporter.status.detail, 'A note. Running on the CPU. There is no adapter.');
  reporter.done(result);
  assert.equal(reporter.status.detail, 'A note.');
  reporter.deviceFellBack('Running on the CPU.');
  reporter.hostChanged('stopped');
  assert.equal(reporter.status.detail, 'A note.');
});
