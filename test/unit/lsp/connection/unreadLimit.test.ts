import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnreadLimit } from '../../../../server/src/lsp/connection/unreadLimit';
import { ManualTimers } from '../../../support/manualTimers';

const MB = 1 << 20;

function setUp() {
  const timers = new ManualTimers();
  const state = { waiting: 0, taken: 0 };
  const given = { up: 0 };
  const limit = new UnreadLimit(() => state, timers, () => void given.up++);
  const at = (waiting: number, taken: number): number => {
    Object.assign(state, { waiting, taken });
    limit.look();
    return given.up;
  };
  return { timers, state, given, at };
}

test('a client that takes nothing of much is given up after a while, or at once where more and more comes', () => {
  const patient = setUp();
  assert.equal(patient.at(65 * MB, 0), 0);
  patient.timers.advance(9_000);
  assert.equal(patient.given.up, 0);
  patient.timers.advance(2_000);
  assert.equal(patient.given.up, 1);

  const flooded = setUp();
  for (let waiting = 65; waiting <= 256; waiting++) assert.equal(flooded.at(waiting * MB, 0), 0);
  assert.equal(flooded.at(257 * MB, 0), 1);
  assert.equal(flooded.at(258 * MB, 0), 1, 'once');
});

test('a client that reads slowly, or reads on after a while, is not given up', () => {
  const { timers, given, at } = setUp();
  for (let second = 0; second < 100; second++) {
    at(200 * MB, second);
    timers.advance(1_000);
  }
  assert.equal(given.up, 0);
  at(10 * MB, 200);
  timers.advance(100_000);
  assert.equal(given.up, 0);
  assert.equal(timers.pendingCount, 0);
});

test('a large answer is not taken for one that nobody reads', () => {
  const { timers, state, given, at } = setUp();
  at(400 * MB, 0);
  for (let second = 0; second < 20; second++) {
    // Nothing more is written meanwhile.
    state.taken += 20 * MB;
    state.waiting -= 20 * MB;
    timers.advance(1_000);
  }
  assert.equal(given.up, 0);
  timers.advance(100_000);
  assert.equal(given.up, 0, 'it was read');
});

test('what grows without end is too much, however steadily it is read', () => {
  const { at } = setUp();
  let up = 0;
  for (let waiting = 65; waiting <= 1030 && up === 0; waiting++) up = at(waiting * MB, waiting);
  assert.equal(up, 1);
});
