import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerRestarts } from '../../../client/src/connection/serverRestarts';

/** The values of vscode-languageclient 10, whose module needs the editor. */
const library = { CloseAction: { DoNotRestart: 1, Restart: 2 }, ErrorAction: { Continue: 1, Shutdown: 2 } } as const;

function setUp() {
  const clock = { time: 0 };
  const gaveUp = { times: 0 };
  const restarts = new ServerRestarts({ library, onGiveUp: () => void gaveUp.times++, now: () => clock.time });
  return { clock, gaveUp, end: () => Number(restarts.closed().action), restarts };
}

test('a message that cannot be written ends nothing: the end of the server decides', () => {
  const { restarts } = setUp();
  for (let count = 0; count < 10; count++) assert.deepEqual(restarts.error(), { action: 1, handled: true });
});

test('four ends in three minutes are followed by a start; the fifth is not, and the person is told once', () => {
  const { clock, gaveUp, end } = setUp();
  for (let count = 0; count < 4; count++) {
    clock.time += 40_000;
    assert.equal(end(), library.CloseAction.Restart);
  }
  clock.time += 10_000;
  assert.equal(end(), library.CloseAction.DoNotRestart);
  assert.equal(gaveUp.times, 1);
  assert.equal(end(), library.CloseAction.Restart, 'started by a command, it has a clean record');
});

test('ends that lie apart are never too many', () => {
  const { clock, gaveUp, end } = setUp();
  for (let count = 0; count < 50; count++) {
    clock.time += 46_000;
    assert.equal(end(), library.CloseAction.Restart);
  }
  assert.equal(gaveUp.times, 0);
});
