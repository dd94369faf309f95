// LoRA adapters merged at conversion, against the reference's merged weights (float64 merge, float32 run).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import { floatTensorOf, goldenCases, goldenFolder, goldenTensors, largestDifference } from '../support/golden';

const LOGITS_TOLERANCE = 2e-3;
const FEATURES_TOLERANCE = 2e-4;
const signal = new AbortController().signal;
let folder: string;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'paligemma-adapter-'));
});
after(() => rm(folder, { recursive: true, force: true }));

interface AdapterCase {
  readonly folder: string;
  readonly same_weights_other_names: string | null;
  readonly case: string;
  readonly tokens: readonly number[];
}

for (const golden of JSON.parse(readFileSync(path.join(goldenFolder, 'lora/lora.json'), 'utf8')) as AdapterCase[]) {
  for (const adapter of [golden.folder, golden.same_weights_other_names].filter(name => name !== null)) {
    test(adapter, async t => {
      const base = goldenCases().find(({ id }) => id === golden.case);
      assert.ok(base);
      const out = path.join(folder, path.basename(adapter));
      const manifest = await convertCheckpoint({
        sourcePath: path.join(goldenFolder, 'models', base.model),
        outPath: out,
        name: base.model,
        fingerprint: '',
        weights: 'f32',
        attention: 'sliding',
        adapterPath: path.join(goldenFolder, adapter),
        onProgress: () => undefined,
      }, signal);
      const model = await LoadedModel.open({ folder: out, manifest }, 'cpu', {
        signal,
        onProgress: () => undefined,
        onNote: () => undefined,
      }, { keepsLogits: true });
      const expected = goldenTensors(path.join(golden.folder, 'expected.safetensors'));
      const image = await loadImage(path.join(goldenFolder, base.images[0] ?? ''), signal, { orient: false });
      const features = await model.vision.features(
        await pixelValues(image, manifest.config.vision.imageSizePx, signal),
      );
      const featureError = largestDifference(features, floatTensorOf(expected, 'image_features'));
      assert.ok(featureError <= FEATURES_TOLERANCE, `image features differ by ${featureError}`);
      const cache = model.decoder.newCache();
      let prediction = await model.decoder.prefill(cache, features, base.text_ids, { signal });
      const error = largestDifference(
        prediction.logits ?? new Float32Array(),
        floatTensorOf(expected, 'prefill_logits'),
      );
      t.diagnostic(`prefill ${error.toExponential(1)}`);
      assert.ok(error <= LOGITS_TOLERANCE, `prefill logits differ by ${error}`);
      const ids: number[] = [];
      for (const token of golden.tokens) {
        ids.push(prediction.id);
        prediction = await model.decoder.decode(cache, token, { signal });
      }
      assert.deepEqual(ids, golden.tokens);
      cache.release();
      await model.release();
    });
  }
}
