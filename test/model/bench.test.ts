// `npm run bench` in its quick form: only that it runs and prints every figure. Speed is no test.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/temporary';

const cache = temporaryFolder('bench');
/** transformers.js takes part where an earlier benchmark installed it; a test installs nothing of that size. */
const peer = path.join(
  process.env['PALIGEMMA_BENCH_CACHE'] ?? path.join(homedir(), '.cache', 'paligemma-bench'),
  'peer',
);
const hasPeer = existsSync(path.join(peer, 'node_modules/@huggingface/transformers/package.json'));

test(`the quick benchmark runs${hasPeer ? ' against transformers.js' : ', alone'}`, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    'scripts/bench.mjs',
    '--quick',
    ...(hasPeer ? [] : ['--no-peer']),
  ], { env: { ...process.env, PALIGEMMA_BENCH_CACHE: cache, PALIGEMMA_BENCH_PEER: peer } });
  assert.match(stdout, /machine: reads [\d.]+ GB\/s, multiplies \d+ GFLOP\/s/);
  assert.match(stdout, /conversion: [\d.]+ s/);
  const rows = [
    'load',
    'picture to first token',
    'vision tower',
    'prefill',
    'one token',
    'second prompt to first token',
    'pictures per minute',
    'memory',
    'memory, peak',
  ];
  for (const row of rows) assert.match(stdout, new RegExp(`^ *${row} +[\\d.]+${hasPeer ? ' .* ×' : ''}`, 'm'), row);
  assert.doesNotMatch(stdout, /NaN|Infinity/);
});

test('an unknown option is refused with the usage', async () => {
  await assert.rejects(
    promisify(execFile)(process.execPath, ['scripts/bench.mjs', '--fast']),
    (error: { code: number; stderr: string }) => error.code === 2 && error.stderr.includes('--quick'),
  );
});
