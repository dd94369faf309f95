import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Seldom } from '../../../server/src/util/seldom';
import { ManualTimers } from '../../support/manualTimers';

test('the first is told at once, the last of those that come too early when its time has come', () => {
  const timers = new ManualTimers();
  const told: number[] = [];
  const seldom = new Seldom((value: number) => told.push(value), 200, timers);
  seldom.tell(1);
  seldom.tell(2);
  timers.advance(100);
  seldom.tell(3);
  assert.deepEqual(told, [1]);
  timers.advance(100);
  assert.deepEqual(told, [1, 3]);
  timers.advance(200);
  seldom.tell(4);
  assert.deepEqual(told, [1, 3, 4]);
});

test('after the end nothing is told', () => {
  const timers = new ManualTimers();
  const told: number[] = [];
  const seldom = new Seldom((value: number) => told.push(value), 200, timers);
  seldom.tell(1);
  seldom.tell(2);
  seldom.end();
  timers.advance(1000);
  assert.deepEqual(told, [1]);
});
