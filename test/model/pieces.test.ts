// Models cut as finely as the largest ones are: the tower in single blocks, one layer to a graph, the prompt in pieces.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { WeightType } from '../../paligemma/src/facts';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import { floatTensorOf, goldenCases, goldenFolder, goldenTensors, largestDifference } from '../support/golden';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('pieces');
const signal = new AbortController().signal;
/** As for the goldens. */
const TOLERANCES = { features: 2e-4, logits: 2e-3 };
/** A few positions of these small models. */
const RUN_PRODUCTS = 3e6;

async function open(name: string, weights: WeightType, runProducts?: number): Promise<LoadedModel> {
  const outPath = path.join(folder, `${name}-${weights}-${runProducts ?? 'whole'}`);
  const manifest = await convertCheckpoint({
    sourcePath: path.join(goldenFolder, 'models', name),
    outPath,
    name,
    fingerprint: '',
    weights,
    attention: 'sliding',
    onProgress: () => undefined,
    ...(runProducts === undefined ? {} : { runProducts }),
  }, signal);
  return LoadedModel.open({ folder: outPath, manifest }, 'cpu', {
    signal,
    onProgress: () => undefined,
    onNote: () => undefined,
  }, { keepsLogits: true });
}

for (const id of ['caption', 'window-long']) {
  test(`${id}: the numbers of the reference`, async () => {
    const golden = goldenCases().find(candidate => candidate.id === id)!;
    const tensors = goldenTensors(`cases/${id}.safetensors`);
    const model = await open(golden.model, 'f32', RUN_PRODUCTS);
    const { visionFiles, groups, config } = model.manifest;
    assert.equal(visionFiles.length, 2 * config.vision.layers);
    assert.ok(
      groups.length === config.text.layers
        && groups.every(({ pieces }) => pieces !== undefined && pieces.positions < config.vision.imageTokens / 3),
      'the prompt is run in pieces',
    );
    const seen: string[] = [];
    const features = await model.vision.features(
      await pixelValues(await loadImage(path.join(goldenFolder, golden.images[0]!)), config.vision.imageSizePx),
      {
        signal,
        onGroup: (done, total) => seen.push(`${done}/${total}`),
      },
    );
    assert.ok(largestDifference(features, floatTensorOf(tensors, 'image_features')) <= TOLERANCES.features);
    assert.equal(seen.at(-1), `${visionFiles.length}/${visionFiles.length}`);
    const cache = model.decoder.newCache();
    const { logits } = await model.decoder.prefill(cache, features, golden.text_ids, { signal });
    assert.ok(largestDifference(logits!, floatTensorOf(tensors, 'prefill_logits')) <= TOLERANCES.logits);
    const rows: number[] = [];
    for (const token of golden.tokens.slice(0, -1)) {
      rows.push(...(await model.decoder.decode(cache, token, { signal })).logits!);
    }
    assert.ok(largestDifference(Float32Array.from(rows), floatTensorOf(tensors, 'step_logits')) <= TOLERANCES.logits);
    cache.release();
    await model.release();
  });
}

test('4-bit weights: as near to one piece as their rounding allows', async t => {
  const golden = goldenCases().find(({ id }) => id === 'caption')!;
  const features = floatTensorOf(goldenTensors('cases/caption.safetensors'), 'image_features');
  const logits = [];
  for (const model of [await open(golden.model, 'int4'), await open(golden.model, 'int4', RUN_PRODUCTS)]) {
    const cache = model.decoder.newCache();
    logits.push((await model.decoder.prefill(cache, features, golden.text_ids, { signal })).logits!);
    cache.release();
    await model.release();
  }
  const [whole, pieces] = logits;
  const mean = whole!.reduce((sum, value, id) => sum + Math.abs(value - pieces![id]!), 0) / whole!.length;
  t.diagnostic(`mean logit difference ${mean.toExponential(1)}`);
  // A last bit of the attention, which is summed in another order, can move an activation to the next of 256 levels.
  assert.ok(mean <= 0.1, `logits differ by ${mean}`);
});

test('a cancel is heard between blocks of the tower and between pieces of the prompt', async () => {
  const golden = goldenCases().find(({ id }) => id === 'caption')!;
  const model = await open(golden.model, 'f32', RUN_PRODUCTS - 1);
  const { imageSizePx } = model.manifest.config.vision;
  const tower = new AbortController();
  const done: number[] = [];
  const hooks = {
    signal: tower.signal,
    onGroup: (group: number) => {
      done.push(group);
      tower.abort();
    },
  };
  await assert.rejects(model.vision.features(new Float32Array(3 * imageSizePx ** 2), hooks), { name: 'AbortError' });
  assert.deepEqual(done, [1]);
  const prompt = new AbortController();
  const cache = model.decoder.newCache();
  const running = model.decoder.prefill(
    cache,
    floatTensorOf(goldenTensors('cases/caption.safetensors'), 'image_features'),
    golden.text_ids,
    { signal: prompt.signal, onGroup: () => assert.fail('a layer was finished') },
  );
  setImmediate(() => prompt.abort());
  await assert.rejects(running, { name: 'AbortError' });
  cache.release();
  await model.release();
});
