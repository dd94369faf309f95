// What each weight type costs: logits of the first suffix token against float32, on the demo model and its held-out
// pictures.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { WeightType } from '../../paligemma/src/facts';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import { promptIds } from '../../model-host/src/generation/prompt';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('weight-types');
const heldout = path.resolve('test/fixtures/demo-heldout');
const signal = new AbortController().signal;
/** One prompt in 22: thirty of them, of all tasks. */
const asked = readFileSync(path.join(heldout, 'reference.jsonl'), 'utf8').trim().split('\n').filter((_, index) =>
  index % 22 === 0
)
  .map(line => JSON.parse(line) as { readonly image: string; readonly prefix: string });
/**
 * Mean absolute difference of a logit; logits lie in −30…30. Measured: 2e-6 (the demo model's weights are exact in
 * float16),
 * 0.07 (nearly all of it from the 8-bit activations), 0.73 (0.58 in blocks of 32, 0.80 in blocks of 128).
 */
const limits = { f16: 0.001, int8: 0.12, int4: 1 } as const;

async function firstLogits(weights: WeightType): Promise<Float32Array[]> {
  const manifest = await convertCheckpoint({
    sourcePath: path.resolve('model-host/demo-model/paligemma2-demo-224'),
    outPath: path.join(folder, weights),
    name: 'demo',
    fingerprint: '',
    weights,
    attention: 'full',
    onProgress: () => undefined,
  }, signal);
  const model = await LoadedModel.open({ folder: path.join(folder, weights), manifest }, 'cpu', {
    signal,
    onProgress: () => undefined,
    onNote: () => undefined,
  }, { keepsLogits: true });
  const rows: Float32Array[] = [];
  for (const { image, prefix } of asked) {
    const features = await model.vision.features(
      await pixelValues(await loadImage(path.join(heldout, image), signal), manifest.config.vision.imageSizePx, signal),
    );
    const cache = model.decoder.newCache();
    rows.push(
      (await model.decoder.prefill(cache, features, promptIds(model.tokenizer, prefix), { signal })).logits
        ?? new Float32Array(),
    );
    cache.release();
  }
  await model.release();
  return rows;
}

test('each type is as far from float32 as was measured', async t => {
  const exact = await firstLogits('f32');
  const means: number[] = [];
  for (const weights of ['f16', 'int8', 'int4'] as const) {
    const rows = await firstLogits(weights);
    let sum = 0;
    let count = 0;
    exact.forEach((row, index) =>
      row.forEach((logit, id) => {
        sum += Math.abs(logit - (rows[index]?.[id] ?? NaN));
        count++;
      })
    );
    const mean = sum / count;
    t.diagnostic(`${weights}: mean logit difference ${mean.toExponential(1)}`);
    assert.ok(mean <= limits[weights], `${weights}: mean logit difference ${mean}`);
    means.push(mean);
  }
  assert.deepEqual(means, [...means].sort((a, b) => a - b), 'fewer bits are never closer');
});
