// The whole model against the reference: image features, logits of the prefill and of every step, greedy tokens.
// Source of the numbers: transformers 5.23.0 eager float32 on these checkpoints; tolerances from MANIFEST.md
// (logits 2e-3, image features 2e-4; the reference itself differs from float64 by 3e-4 and 2.5e-5).
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AttentionMode } from '../../paligemma/src/facts';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import type { ConvertedModel } from '../../model-host/src/convert/modelCache';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import { generate } from '../../model-host/src/generation/generate';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import {
  floatTensorOf,
  goldenCases,
  goldenFolder,
  goldenTensors,
  largestDifference,
  type GoldenCase,
} from '../support/golden';

const LOGITS_TOLERANCE = 2e-3;
const FEATURES_TOLERANCE = 2e-4;
/** Models whose window is shorter than their prompts: transformers windows their one-token steps. */
const WINDOWED = ['window-224', 'odd-896'];

const signal = new AbortController().signal;
const silent = { signal, onProgress: () => undefined, onNote: () => undefined };
let folder: string;
const models = new Map<string, Promise<LoadedModel>>();

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'paligemma-golden-'));
});

after(async () => {
  for (const model of models.values()) await (await model).release();
  await rm(folder, { recursive: true, force: true });
});

for (const golden of goldenCases()) {
  describe(golden.id, () => {
    test('image features, logits and tokens are those of the reference', async t => {
      const model = await loadModel(golden.model, 'sliding');
      const tensors = goldenTensors(`cases/${golden.id}.safetensors`);
      const features = await imageFeatures(model, golden);
      const featureError = largestDifference(features, floatTensorOf(tensors, 'image_features'));
      assert.ok(featureError <= FEATURES_TOLERANCE, `image features differ by ${featureError}`);
      const { prefill, steps } = await teacherForced(model, features, golden);
      const prefillError = largestDifference(prefill, floatTensorOf(tensors, 'prefill_logits'));
      const stepError = largestDifference(steps, floatTensorOf(tensors, 'step_logits'));
      t.diagnostic(
        `features ${featureError.toExponential(1)}, prefill ${prefillError.toExponential(1)}, steps ${
          stepError.toExponential(1)
        }`,
      );
      assert.ok(prefillError <= LOGITS_TOLERANCE, `prefill logits differ by ${prefillError}`);
      assert.ok(stepError <= LOGITS_TOLERANCE, `step logits differ by ${stepError}`);
      assert.deepEqual(await greedy(model, features, golden), golden.tokens);
      assert.equal(model.tokenizer.decode(golden.tokens, { skipSpecialTokens: true }), golden.text);
    });

    if (WINDOWED.includes(golden.model)) {
      test('full attention, the default, gives the logits of the reference', async t => {
        const model = await loadModel(golden.model, 'full');
        const expected = floatTensorOf(goldenTensors(`cases/${golden.id}.safetensors`), 'step_logits_full_attention');
        const { steps } = await teacherForced(model, await imageFeatures(model, golden), golden);
        const error = largestDifference(steps, expected);
        t.diagnostic(`steps ${error.toExponential(1)}`);
        assert.ok(error <= LOGITS_TOLERANCE, `step logits differ by ${error}`);
      });
    }
  });
}

/** `sliding` equals `full` where the window is never reached, so one conversion serves. */
function loadModel(name: string, attention: AttentionMode): Promise<LoadedModel> {
  const key = `${name}-${attention}`;
  const known = models.get(key);
  if (known !== undefined) return known;
  const loading = (async () => {
    const manifest = await convertCheckpoint({
      sourcePath: path.join(goldenFolder, 'models', name),
      outPath: path.join(folder, key),
      name,
      fingerprint: '',
      weights: 'f32',
      attention,
      onProgress: () => undefined,
    }, signal);
    const converted: ConvertedModel = { folder: path.join(folder, key), manifest };
    return LoadedModel.open(converted, 'cpu', silent, { keepsLogits: true });
  })();
  models.set(key, loading);
  return loading;
}

async function imageFeatures(model: LoadedModel, golden: GoldenCase): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for (const image of golden.images) {
    const rgb = await loadImage(path.join(goldenFolder, image), signal, { orient: golden.exif_orientation_applied });
    parts.push(await model.vision.features(await pixelValues(rgb, model.manifest.config.vision.imageSizePx, signal)));
  }
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** Feeds the recorded tokens whatever the model would choose, so that one slip does not hide the steps after it. */
async function teacherForced(
  model: LoadedModel,
  features: Float32Array,
  golden: GoldenCase,
): Promise<{ prefill: Float32Array; steps: Float32Array }> {
  const cache = model.decoder.newCache();
  const first = await model.decoder.prefill(cache, features, golden.text_ids, { signal });
  assert.ok(first.logits);
  const rows: Float32Array[] = [];
  for (const token of golden.tokens.slice(0, -1)) {
    rows.push((await model.decoder.decode(cache, token, { signal })).logits ?? new Float32Array());
  }
  cache.release();
  const steps = new Float32Array(rows.length * first.logits.length);
  rows.forEach((row, index) => steps.set(row, index * row.length));
  return { prefill: first.logits, steps };
}

/** Ids of the suffix as the product picks them, `<eos>` added where it ended the reference. */
async function greedy(model: LoadedModel, features: Float32Array, golden: GoldenCase): Promise<number[]> {
  const cache = model.decoder.newCache();
  const first = await model.decoder.prefill(cache, features, golden.text_ids, { signal });
  const ids: number[] = [];
  await generate([{
    first,
    signal,
    onToken: ({ id }) => ids.push(id),
    onEnd: reason => {
      if (reason === 'eos') ids.push(model.tokenizer.specials.eos);
    },
  }], {
    decode: next => model.decoder.decodeRows(cache, next, { signal }),
    keep: () => Promise.resolve(),
    free: Number.POSITIVE_INFINITY,
  }, { eosTokenIds: model.manifest.config.eosTokenIds, maxNewTokens: golden.tokens.length });
  cache.release();
  return ids;
}
