import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CrashLimit, defaultCrashLimits } from '../../../server/src/host/crashLimit';
import { ManualTimers } from '../../support/manualTimers';

const minute = 60_000;

function setUp() {
  const timers = new ManualTimers();
  return { timers, limit: new CrashLimit(defaultCrashLimits, timers) };
}

test('without a crash nothing waits', () => {
  const { limit } = setUp();
  assert.equal(limit.backOffMs(), 0);
  assert.equal(limit.stopped(), undefined);
});

test('the wait grows with each crash and shrinks with time', () => {
  const { limit, timers } = setUp();
  limit.record('one');
  assert.equal(limit.backOffMs(), 250);
  timers.advance(100);
  assert.equal(limit.backOffMs(), 150);
  timers.advance(1000);
  assert.equal(limit.backOffMs(), 0);
  limit.record('two');
  assert.equal(limit.backOffMs(), 1000);
});

test('three crashes in five minutes stop it, with the last reason, until the first is five minutes old', () => {
  const { limit, timers } = setUp();
  limit.record('one');
  timers.advance(minute);
  limit.record('two');
  assert.equal(limit.stopped(), undefined);
  timers.advance(minute);
  limit.record('three');
  assert.deepEqual(limit.stopped(), { reason: 'three', minutes: 3, crashes: 3 });
  timers.advance(3 * minute - 1);
  assert.equal(limit.stopped()?.minutes, 1);
  timers.advance(1);
  assert.equal(limit.stopped(), undefined);
});

test('crashes far apart never stop it', () => {
  const { limit, timers } = setUp();
  for (let count = 0; count < 20; count++) {
    limit.record('again');
    timers.advance(3 * minute);
    assert.equal(limit.stopped(), undefined);
  }
});

test('what was forgotten does not count', () => {
  const { limit } = setUp();
  for (let count = 0; count < 3; count++) limit.record('again');
  limit.forget();
  assert.equal(limit.stopped(), undefined);
  assert.equal(limit.backOffMs(), 0);
});
