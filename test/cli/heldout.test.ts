// 660 prompts on 60 pictures that the demo model never saw, against the answers of the reference implementation
// (transformers, float32, greedy; test/fixtures/demo-heldout). Exact weights answer the same; 4-bit weights nearly always.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import type { WeightType } from '../../model-host/src/contract/paligemma';
import { startBuiltHost } from '../support/builtHost';
import { linesOf, runCommand, temporaryFolder } from '../support/commandLine';

interface HeldoutRow {
  readonly image: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** Longer than every answer of the reference. */
const maxNewTokens = 160;
/** Least share of the answers that 4-bit weights must give as the reference does, loc and seg tokens included. Measured: see the test's own output. */
const int4Floor = 0.5;
const heldout = path.resolve('test/fixtures/demo-heldout');
const rows = readFileSync(path.join(heldout, 'heldout.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line) as HeldoutRow);
const cache = temporaryFolder();
after(() => cache.remove());

test('f32: every answer is that of the reference', async () => {
  const answers = await answerAll('f32');
  const wrong = rows.flatMap((row, index) => answers[index] === row.suffix ? [] : [{ ...row, answer: answers[index] }]);
  assert.deepEqual(wrong, []);
});

test('int4: nearly every answer is that of the reference', async t => {
  const answers = await answerAll('int4');
  const shares = new Map<string, { same: number; all: number }>();
  for (const [index, row] of rows.entries()) {
    const task = row.prefix.split(' ', 1)[0] ?? '';
    const share = shares.get(task) ?? { same: 0, all: 0 };
    shares.set(task, { same: share.same + Number(answers[index] === row.suffix), all: share.all + 1 });
  }
  for (const [task, { same, all }] of shares) t.diagnostic(`${task}: ${same} of ${all}`);
  const same = rows.filter((row, index) => answers[index] === row.suffix).length;
  t.diagnostic(`all: ${same} of ${rows.length} (${(same / rows.length * 100).toFixed(1)} %)`);
  assert.ok(same / rows.length >= int4Floor, `${same} of ${rows.length}`);
});

test('the command line gives the same answers in one call over all pictures', async () => {
  const captions = rows.filter(row => row.prefix === 'caption de');
  const result = await runCommand(['caption', '--lang', 'de', ...captions.map(row => row.image), '--model', 'demo', '--weights', 'f32', '--device', 'cpu'], { cache: cache.path, cwd: heldout });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(linesOf(result), captions.map(row => `${row.image}\t${row.suffix}`));
});

/** Answers in the order of the rows, which are sorted by picture: the features of a picture are computed once. */
async function answerAll(weights: WeightType): Promise<string[]> {
  const host = await startBuiltHost(cache.at('host'));
  try {
    const model = { path: path.resolve('model-host/demo-model/paligemma2-demo-224'), weights, device: 'cpu', attention: 'full' } as const;
    const answers: string[] = [];
    for (const row of rows) answers.push((await host.generate(model, path.join(heldout, row.image), row.prefix, maxNewTokens)).suffix);
    return answers;
  } finally {
    await host.stop();
  }
}
