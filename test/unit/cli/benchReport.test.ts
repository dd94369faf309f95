import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StopReason } from '../../../paligemma/src/facts';
import { benchLines, benchReport, type MeasuredRun, type ReportFacts } from '../../../server/src/cli/bench/benchReport';

const facts: ReportFacts = {
  model: 'm',
  weights: 'int4',
  image: 'a.png',
  prompt: 'caption en',
  loadMs: 1234,
  peakRssBytes: 2_500_000_000,
  machine: { platform: 'linux', arch: 'x64', cpu: 'A Processor', cores: 8, memoryBytes: 16e9, node: '20.9.0' },
};

function measured(decodeMs: number, tokens = 10, stopReason: StopReason = 'eos'): MeasuredRun {
  const timings = { loadMs: 0, imageMs: 1, visionMs: 20, prefillMs: 300, decodeMs, tokens };
  return {
    answer: {
      image: { widthPx: 4, heightPx: 3, sha256: '' },
      device: 'cpu',
      suffix: '',
      tokenIds: [],
      tokenProbabilities: [],
      stopReason,
      regions: [],
      text: '',
      timings,
    },
    totalMs: 321 + decodeMs,
  };
}

test('median, fastest and slowest of an odd and of an even number of runs', () => {
  assert.deepEqual(benchReport(facts, [measured(300), measured(100), measured(200)]).msPerToken, {
    median: 20,
    min: 10,
    max: 30,
  });
  assert.deepEqual(benchReport(facts, [measured(400), measured(100), measured(200), measured(300)]).msPerToken, {
    median: 25,
    min: 10,
    max: 40,
  });
  assert.deepEqual(benchReport(facts, [measured(100)]).firstTokenMs, { median: 321, min: 321, max: 321 });
});

test('the prefill gives the first token; only an answer that ended by itself took a step more', () => {
  assert.equal(benchReport(facts, [measured(90, 10, 'maxNewTokens')]).msPerToken?.median, 10);
  assert.equal(benchReport(facts, [measured(0, 1, 'maxNewTokens')]).msPerToken, null, 'no step, no time per step');
  assert.equal(benchReport(facts, [measured(0, 0)]).msPerToken, null);
});

test('the table names what was measured and leaves out what was not', () => {
  const lines = benchLines(benchReport(facts, [measured(100)]));
  assert.ok(lines.includes('each token          10.0      10.0      10.0   100.0 tokens a second'), lines.join('\n'));
  assert.ok(lines.includes('peak memory   2.50 GB'));
  assert.ok(!benchLines(benchReport(facts, [measured(0, 0)])).some(line => line.startsWith('each token')));
});
