// A folder of transformers.js graphs on the device: whatever adapter this machine has, or software Vulkan.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { OnnxModel } from '../../model-host/src/onnxFolder/onnxModel';
import { generate } from '../../model-host/src/generation/generate';
import { floatTensorOf, goldenCases, goldenTensors } from '../support/golden';
import { buildOnnxFolder } from '../support/onnxFolders';
import { temporaryFolder } from '../support/temporary';

const signal = new AbortController().signal;

test('a folder of graphs gives the tokens of the reference on the device', async () => {
  const folder = temporaryFolder('onnx-webgpu');
  const golden = goldenCases().find(({ id }) => id === 'detect-two');
  assert.ok(golden !== undefined);
  const place = await buildOnnxFolder(path.join(folder, 'model'), golden.model);
  const model = await OnnxModel.open(place, { path: place, weights: 'f32', device: 'webgpu', attention: 'full' }, {
    cachePath: folder,
  }, { signal, onProgress: () => undefined, onNote: () => undefined });
  assert.equal(model.device, 'webgpu');
  // The graphs take features that are divided by the root of the width.
  const features = floatTensorOf(goldenTensors('cases/detect-two.safetensors'), 'image_features').map(value =>
    value / Math.sqrt(model.manifest.config.text.hiddenSize)
  );
  const cache = model.decoder.newCache();
  const ids: number[] = [];
  const first = await model.decoder.prefill(cache, features, golden.text_ids, { signal });
  await generate([{ first, signal, onToken: ({ id }) => ids.push(id), onEnd: () => undefined }], {
    decode: async ([id = 0]) => [await model.decoder.decode(cache, id, { signal })],
    keep: () => Promise.resolve(),
    free: Number.POSITIVE_INFINITY,
  }, { eosTokenIds: [], maxNewTokens: golden.tokens.length });
  await model.release();
  assert.deepEqual(ids, golden.tokens);
});
