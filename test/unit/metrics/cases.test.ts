// Every value that the reference programs gave: test/fixtures/metrics.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Fields } from '../../../metrics/src/common/fields';
import { metricsWith } from '../../../metrics/src/metrics';
import { loadChemistry } from '../../../server/src/util/chemistry';
import type { MetricValue, Scored } from '../../../metrics/src/common/metric';

interface ReferenceCase {
  readonly id: string;
  readonly expected: MetricValue;
}
interface ReferenceMetric {
  readonly cases: readonly ReferenceCase[];
  readonly corpus_expected?: MetricValue;
}

const { metrics: references } = JSON.parse(
  readFileSync(path.resolve('test/fixtures/metrics/cases.json'), 'utf8'),
) as { readonly metrics: Readonly<Record<string, ReferenceMetric>> };

const metrics = metricsWith(loadChemistry);

describe('metrics give the values of the reference programs', () => {
  test('each of which has a metric of its name', () => {
    assert.deepEqual(metrics.map(({ name }) => name).sort(), Object.keys(references).sort());
  });

  for (const metric of metrics) {
    const reference = references[metric.name];
    test(`${metric.name}, in each of ${reference?.cases.length ?? 0} cases`, async () => {
      assert.ok(reference !== undefined);
      const scores: Scored[] = [];
      for (const { expected, ...inputs } of reference.cases) {
        const scored = await metric.score(Fields.of(inputs));
        assertSame(scored.expected, expected, inputs.id);
        scores.push(scored);
      }
      if (reference.corpus_expected !== undefined) {
        assertSame(metric.summary?.(scores) ?? null, reference.corpus_expected, 'the set');
      }
    });
  }
});

/** Numbers up to 1e-9 apart are the same. */
function assertSame(actual: MetricValue, expected: MetricValue, place: string): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    assert.ok(Math.abs(actual - expected) <= 1e-9, `${place}: ${actual} instead of ${expected}`);
  } else if (expected !== null && typeof expected === 'object' && actual !== null && typeof actual === 'object') {
    assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), place);
    for (const [name, value] of Object.entries(expected as Readonly<Record<string, MetricValue>>)) {
      assertSame((actual as Readonly<Record<string, MetricValue>>)[name] ?? null, value, `${place}.${name}`);
    }
  } else assert.equal(actual, expected, place);
}
