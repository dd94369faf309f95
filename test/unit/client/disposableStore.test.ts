import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DisposableStore } from '../../../client/src/common/disposableStore';

const part = (log: string[], name: string) => ({
  dispose: () => {
    log.push(name);
  },
});

test('parts are disposed once, the last one first', () => {
  const log: string[] = [];
  const store = new DisposableStore();
  store.add(part(log, 'a'));
  store.add(part(log, 'b'));
  store.dispose();
  store.dispose();
  assert.deepEqual(log, ['b', 'a']);
});

test('a late part is disposed at once', () => {
  const log: string[] = [];
  const store = new DisposableStore();
  store.dispose();
  store.add(part(log, 'late'));
  assert.deepEqual(log, ['late']);
});

test('a failing part does not keep the others alive, and its failure is told', () => {
  const log: string[] = [];
  const store = new DisposableStore();
  store.add(part(log, 'a'));
  store.add({
    dispose: () => {
      throw new Error('stuck');
    },
  });
  store.add(part(log, 'b'));
  assert.throws(
    () => store.dispose(),
    (error: AggregateError) => /could not be disposed/.test(error.message) && error.errors.length === 1,
  );
  assert.deepEqual(log, ['b', 'a']);
});
