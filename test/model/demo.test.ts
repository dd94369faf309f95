// The demo model on pictures that it was not trained on, against transformers 5.23.0 (eager, float32) on the same
// checkpoint.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { WeightType } from '../../paligemma/src/facts';
import type { GenerateResult } from '../../model-host/src/contract/protocol';
import { LocalEngine } from '../../model-host/src/engines/local';
import { HostLog } from '../../model-host/src/wire/hostLog';
import { failureOf, temporaryFolder } from '../support/temporary';

interface Reference {
  readonly image: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly tokenIds: readonly number[];
}

/**
 * Shares of answers that stay the same; fewer mean that the quantisation got worse. Measured: 657 of 660, 220 of 220,
 * 220 of 220.
 */
const floors = { int4: 0.985, int8: 0.99, f16: 0.995 } as const;
const heldout = path.resolve('test/fixtures/demo-heldout');
const references = readFileSync(path.join(heldout, 'reference.jsonl'), 'utf8').trim().split('\n').map(line =>
  JSON.parse(line) as Reference
);
const cache = temporaryFolder('demo');

async function answers(weights: WeightType, asked: readonly Reference[]): Promise<GenerateResult[]> {
  const engine = new LocalEngine(cache, new HostLog(() => undefined));
  const results: GenerateResult[] = [];
  for (const { image, prefix } of asked) {
    results.push(
      await engine.generate(
        {
          model: {
            path: path.resolve('model-host/demo-model/paligemma2-demo-224'),
            weights,
            device: 'cpu',
            attention: 'full',
          },
          imagePath: path.join(heldout, image),
          prefix,
          maxNewTokens: 512,
          locDivisor: 1024,
          progressToken: '',
        },
        () => undefined,
        new AbortController().signal,
      ),
    );
  }
  await engine.dispose();
  return results;
}

test('f32 gives every token of the reference', async () => {
  assert.ok(references.length >= 660);
  const results = await answers('f32', references);
  results.forEach((result, index) => {
    const reference = references[index];
    assert.deepEqual(result.tokenIds, reference?.tokenIds, `${reference?.image}: ${reference?.prefix}`);
    assert.equal(result.suffix, reference?.suffix);
    assert.equal(result.stopReason, 'eos');
  });
});

for (const weights of ['int4', 'int8', 'f16'] as const) {
  test(`${weights} nearly always answers the same`, async t => {
    // All of them for the default, every third for the others.
    const asked = references.filter((_, index) => weights === 'int4' || index % 3 === 0);
    const results = await answers(weights, asked);
    const same = results.filter((result, index) => result.suffix === asked[index]?.suffix).length;
    t.diagnostic(`${same} of ${results.length}`);
    assert.ok(same / results.length >= floors[weights], `${same} of ${results.length} answers are the same`);
  });
}

test('a prompt that no picture can make fit is refused before the vision tower runs', async () => {
  const engine = new LocalEngine(cache, new HostLog(() => undefined));
  const phases: string[] = [];
  const model = {
    path: path.resolve('model-host/demo-model/paligemma2-demo-224'),
    weights: 'f32',
    device: 'cpu',
    attention: 'full',
  } as const;
  const failure = await failureOf(engine.generate(
    {
      model,
      imagePath: path.join(heldout, references[0]!.image),
      prefix: 'star '.repeat(9000),
      maxNewTokens: 8,
      locDivisor: 1024,
      progressToken: '',
    },
    progress => phases.push(progress.kind === 'phase' ? progress.phase : progress.kind),
    new AbortController().signal,
  ));
  await engine.dispose();
  assert.equal(failure.reason, 'promptTooLong');
  assert.match(
    failure.message,
    /^The prompt has \d+ tokens; besides 64 image tokens, this model takes \d+\. Shorten the prompt\.$/,
  );
  assert.ok(phases.includes('image') && !phases.includes('vision') && !phases.includes('prefill'), phases.join());
});
