// Every weight type on the device against the same converted files on the CPU.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import type { DeviceName, WeightType } from '../../paligemma/src/facts';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import type { ConvertedModel } from '../../model-host/src/convert/modelCache';
import type { EightBitProduct } from '../../model-host/src/convert/eightBitProduct';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import { temporaryFolder } from '../support/commandLine';
import { floatTensorOf, goldenCases, goldenFolder, goldenTensors } from '../support/golden';

const folder = temporaryFolder();
after(() => folder.remove());
const signal = new AbortController().signal;
const STEPS = 4;
/**
 * Largest mean difference of a logit: the CPU rounds activations to 8 bits for the quantised types, the device does
 * not, and computes with float16 where the CPU widens. Measured on lavapipe: see the diagnostics.
 */
const limits = { int4: 0.2, int8: 0.2, f16: 0.05 } as const;

const golden = goldenCases().find(({ id }) => id === 'caption')!;

async function logitsOf(converted: ConvertedModel, device: Exclude<DeviceName, 'auto'>): Promise<Float32Array[]> {
  const model = await LoadedModel.open(converted, device, {
    signal,
    onProgress: () => undefined,
    onNote: () => undefined,
  }, { keepsLogits: true });
  const cache = model.decoder.newCache();
  const features = floatTensorOf(goldenTensors(`cases/${golden.id}.safetensors`), 'image_features');
  const rows = [
    (await model.decoder.prefill(cache, features, golden.text_ids, { signal })).logits ?? new Float32Array(),
  ];
  for (const token of golden.tokens.slice(0, STEPS)) {
    rows.push((await model.decoder.decode(cache, token, { signal })).logits ?? new Float32Array());
  }
  // The tower too: its own weights are stored in the type.
  const pixels = Float32Array.from(
    { length: 3 * converted.manifest.config.vision.imageSizePx ** 2 },
    (_, i) => Math.sin(i),
  );
  rows.push(await model.vision.features(pixels));
  cache.release();
  await model.release();
  return rows;
}

const types = [['int4', 'blocks'], ['int8', 'blocks'], ['int4', 'float32'], [
  'f16',
  'blocks',
]] as const satisfies readonly (readonly [WeightType, EightBitProduct])[];
for (const [weights, towerProduct] of types) {
  test(`${weights}, 8-bit products of the tower: ${towerProduct}`, async t => {
    const outPath = folder.at(`${weights}-${towerProduct}`);
    const manifest = await convertCheckpoint({
      sourcePath: path.join(goldenFolder, 'models', golden.model),
      outPath,
      name: golden.model,
      fingerprint: '',
      weights,
      towerProduct,
      attention: 'full',
      onProgress: () => undefined,
    }, signal);
    const [onDevice, onCpu] = [
      await logitsOf({ folder: outPath, manifest }, 'webgpu'),
      await logitsOf({ folder: outPath, manifest }, 'cpu'),
    ];
    const means = onCpu.map((row, index) =>
      row.reduce((sum, value, i) => sum + Math.abs(value - (onDevice[index]?.[i] ?? NaN)), 0) / row.length
    );
    t.diagnostic(`mean differences: ${means.map(mean => mean.toExponential(1)).join(', ')}`);
    assert.ok(onCpu.every(row => row.some(value => Math.abs(value) > 0.1)), 'the CPU computed something');
    assert.ok(means.every(mean => mean <= limits[weights]), `mean differences ${means.join(', ')}`);
  });
}
