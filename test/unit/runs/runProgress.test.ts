import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunProgress } from '../../../model-host/src/contract/protocol';
import { describeProgress, runFraction } from '../../../server/src/runs/runProgress';
import { RunProgressReporter } from '../../../server/src/lsp/connection/runProgressReporter';
import { ManualTimers } from '../../support/manualTimers';

/** In the order of the host. */
const course: readonly RunProgress[] = [
  { kind: 'phase', phase: 'image', done: 0, total: 1 },
  { kind: 'phase', phase: 'convert', done: 0, total: 2e9 },
  { kind: 'phase', phase: 'convert', done: 1e9, total: 2e9 },
  { kind: 'phase', phase: 'load', done: 1, total: 4 },
  { kind: 'phase', phase: 'load', done: 4, total: 4 },
  { kind: 'phase', phase: 'vision', done: 0, total: 1 },
  { kind: 'phase', phase: 'vision', done: 1, total: 1 },
  { kind: 'phase', phase: 'prefill', done: 1, total: 4 },
  { kind: 'text', text: 'a', tokens: 1 },
  { kind: 'text', text: 'a b', tokens: 64 },
];

test('a run never goes backwards and stays between nothing and everything', () => {
  const fractions = course.map(progress => runFraction(progress, 64));
  assert.deepEqual(fractions, [...fractions].sort((a, b) => a - b));
  assert.ok(fractions.every(fraction => fraction >= 0 && fraction <= 1));
  assert.equal(fractions.at(-1), 1);
});

test('counts that make no sense do not break the bar', () => {
  for (
    const progress of [{ kind: 'phase', phase: 'load', done: 5, total: 0 }, { kind: 'text', text: '', tokens: 900 }, {
      kind: 'phase',
      phase: 'load',
      done: -1,
      total: 3,
    }] as const
  ) {
    const fraction = runFraction(progress, 64);
    assert.ok(fraction >= 0 && fraction <= 1, JSON.stringify(progress));
  }
});

test('progress is told in words', () => {
  assert.deepEqual(course.map(describeProgress).slice(0, 4), [
    'reading the picture',
    'converting the model, 0.0 of 2000 MB',
    'converting the model, 1000 of 2000 MB',
    'loading the model, 1 of 4',
  ]);
});

test('a client gets rising percentages over all pictures, at a bounded pace', () => {
  const timers = new ManualTimers();
  const reports: [number, string][] = [];
  const report = (percentage: number | string, message?: string) =>
    void reports.push([Number(percentage), message ?? '']);
  const reporter = new RunProgressReporter(
    { begin: () => undefined, report, done: () => undefined },
    ['file:///a%20b.png', 'file:///c.png'],
    () => 64,
    timers,
  );
  for (const index of [0, 1]) {
    for (const progress of course) {
      timers.advance(60);
      reporter.report(index, progress);
    }
  }
  const percentages = reports.map(([percentage]) => percentage);
  assert.deepEqual(percentages, [...percentages].sort((a, b) => a - b));
  assert.ok(reports.length >= 8 && reports.length <= 12, `${reports.length} reports in 1200 ms`);
  assert.equal(reports[0]?.[1], '1/2 a b.png: reading the picture');
  assert.ok(reports.some(([, message]) => message.startsWith('2/2 c.png: ')));
});

test('of a picture in parts the parts that are read count, and words say how many', () => {
  const progress = { kind: 'text', text: 'so far', tokens: 9, tiles: { done: 3, total: 6 } } as const;
  assert.equal(runFraction(progress, 10), 0.5);
  assert.equal(describeProgress(progress), '3 of 6 parts read, writing, 9 tokens');
  assert.equal(describeProgress({ ...progress, tiles: { done: 0, total: 1 } }), 'writing, 9 tokens');
});
