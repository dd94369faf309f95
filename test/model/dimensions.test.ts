// Every size and resolution at its real widths, one layer of each tower, random weights: converts, loads, answers.
import assert from 'node:assert/strict';
import { rmSync, statSync } from 'node:fs';
import { freemem } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import { writeRandomCheckpoint } from '../bench/randomCheckpoint';
import { imageTokens, oneLayerShape } from '../bench/shapes';
import { goldenFolder } from '../support/golden';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('dimensions');
const signal = new AbortController().signal;
const GIGABYTE = 1e9;

/** `memoryGb`: what must be free. */
const cases = [
  { size: '3b', imageSizePx: 448, memoryGb: 2 },
  { size: '3b', imageSizePx: 896, memoryGb: 4 },
  { size: '10b', imageSizePx: 224, memoryGb: 2 },
  { size: '28b', imageSizePx: 224, memoryGb: 4 },
] as const;

for (const { size, imageSizePx, memoryGb } of cases) {
  test(`${size} at ${imageSizePx} px`, async context => {
    if (freemem() < memoryGb * GIGABYTE) {
      return context.skip(`needs ${memoryGb} GB of free memory, ${(freemem() / GIGABYTE).toFixed(1)} GB are free`);
    }
    const shape = oneLayerShape(size, imageSizePx);
    const source = path.join(folder, shape.name);
    const out = `${source}-int4`;
    await writeRandomCheckpoint(source, shape, path.join(goldenFolder, 'models/gqa-224/tokenizer.json'));
    const manifest = await convertCheckpoint({
      sourcePath: source,
      outPath: out,
      name: shape.name,
      fingerprint: '',
      weights: 'int4',
      attention: 'full',
      onProgress: () => undefined,
    }, signal);
    rmSync(source, { recursive: true });
    const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = shape.text;
    // Four bits each, and 32 for every 64 of the attention and every 128 of the MLP.
    const least = hiddenSize * (headDim * (2 * heads + 2 * kvHeads) * 0.5625 + 3 * intermediateSize * 0.53125);
    const layerBytes = statSync(path.join(out, 'decoder-00.data')).size;
    assert.ok(layerBytes >= least && layerBytes < least * 1.01, `${layerBytes} bytes instead of ${least}`);
    const model = await LoadedModel.open({ folder: out, manifest }, 'cpu', {
      signal,
      onProgress: () => undefined,
      onNote: () => undefined,
    }, { keepsLogits: true });
    const features = await model.vision.features(
      Float32Array.from({ length: 3 * imageSizePx ** 2 }, (_, i) => Math.sin(i)),
    );
    assert.equal(features.length, imageTokens(shape) * hiddenSize);
    assert.ok(features.every(Number.isFinite));
    const cache = model.decoder.newCache();
    const first = await model.decoder.prefill(cache, features, [2, 10, 20, 108], { signal });
    assert.equal(cache.length, imageTokens(shape) + 4);
    const second = await model.decoder.decode(cache, first.id, { signal });
    for (const { logits } of [first, second]) {
      assert.equal(logits?.length, shape.vocabularySize);
      assert.ok(logits?.every(Number.isFinite));
      assert.ok(new Set(logits).size > shape.vocabularySize / 2, 'the logits differ from each other');
    }
    cache.release();
    await model.release();
    rmSync(out, { recursive: true });
  });
}
