import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTrainerEvent } from '../../../server/src/tuning/trainerEvents';
import { done, start, step } from '../../support/trainings';

const read = (value: unknown) => readTrainerEvent(JSON.stringify(value));

test('an event is read field by field, and what is not one of its fields is left out', () => {
  assert.deepEqual(read({ ...step(3), other: 'x', past: true }), { ...step(3), past: true });
  assert.deepEqual(read({ ...start, versions: { torch: '2.15.0' } }), start);
  assert.deepEqual(read({ ...done, path: '/out' }), { ...done, path: '/out' });
  assert.deepEqual(read({ event: 'error', reason: 'dataInvalid', message: 'm', problems: [] }), {
    event: 'error',
    reason: 'dataInvalid',
    message: 'm',
  });
});

test('anything else is no event, and nothing is thrown', () => {
  const others = [
    ...[null, 7, 'step', [], {}, { event: 7 }, { event: 'constructor' }, { event: 'toString' }],
    ...[-1, '1', null, undefined].map(loss => ({ ...step(1), loss })),
    { ...done, kind: 'merged' },
    { event: 'sample', step: 1, image: '', prefix: '', expected: '', answer: 'x'.repeat(10_001) },
    { event: 'eval', step: 1, set: 'test', loss: 1, exact: 1, lines: 1 },
  ];
  for (const value of others) assert.equal(read(value), undefined, JSON.stringify(value)?.slice(0, 80));
  for (const line of ['', '{', '[['.repeat(50_000), 'Loading weights: 100%', '{"event":"step","step":1e999}']) {
    assert.equal(readTrainerEvent(line), undefined);
  }
});
