import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StopWatch, type WatchedHost } from '../../../server/src/host/stopWatch';
import { ManualTimers } from '../../support/manualTimers';

const LOOK_MS = 5_000;
const turn = () => new Promise(resolve => setImmediate(resolve));

function setUp() {
  const timers = new ManualTimers();
  const state = { host: { pid: 1, messagesHeard: 0 } as WatchedHost | undefined, isStopped: false };
  const found = { stopped: 0, looks: 0 };
  const watch = new StopWatch({
    timers,
    isStopped: () => {
      found.looks++;
      return Promise.resolve(state.isStopped);
    },
    lookMs: LOOK_MS,
    host: () => state.host,
    onStopped: () => void found.stopped++,
  });
  const pass = async () => {
    timers.advance(LOOK_MS);
    await turn();
  };
  return { timers, state, found, watch, pass };
}

test('a host that is found stopped twice in a row is told of', async () => {
  const { state, found, watch, pass } = setUp();
  watch.start();
  await pass();
  assert.deepEqual(found, { stopped: 0, looks: 1 });
  state.isStopped = true;
  await pass();
  assert.equal(found.stopped, 0);
  await pass();
  assert.equal(found.stopped, 1);
});

test('one that works, speaks, goes on, or is another one by then, is not', async () => {
  const { state, found, watch, pass } = setUp();
  watch.start();
  for (let look = 0; look < 100; look++) await pass();
  assert.deepEqual(found, { stopped: 0, looks: 100 }, 'a run may take as long as it does');
  state.isStopped = true;
  await pass();
  state.isStopped = false;
  await pass();
  state.isStopped = true;
  await pass();
  state.host = { pid: 2, messagesHeard: 0 };
  await pass();
  await pass();
  assert.equal(found.stopped, 0);
  const before = found.looks;
  for (let heard = 1; heard < 5; heard++) {
    state.host = Object.assign(state.host, { messagesHeard: heard });
    await pass();
  }
  assert.ok(found.looks <= before + 1, 'who has spoken is not looked at');
  state.host = undefined;
  await pass();
  assert.equal(found.stopped, 0);
});

test('nobody looks while nobody waits', async () => {
  const { timers, found, watch, pass } = setUp();
  watch.start();
  watch.start();
  watch.stop();
  await pass();
  assert.deepEqual([found.looks, timers.pendingCount], [0, 0]);
  watch.start();
  await pass();
  assert.equal(found.looks, 1);
});
