// Folders of transformers.js graphs: right where the graphs are, in every published type.
// Source of the numbers: as in golden.test.ts.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { onnxTypes, type OnnxType, type WeightType } from '../../paligemma/src/facts';
import type { ModelSpec } from '../../model-host/src/contract/protocol';
import { generate } from '../../model-host/src/generation/generate';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import { OnnxModel } from '../../model-host/src/onnxFolder/onnxModel';
import { openGraph } from '../../model-host/src/onnxFolder/publishedGraph';
import { floatsOf, floatTensor, integerTensor, type Tensor } from '../../model-host/src/runtime/ort';
import {
  floatTensorOf,
  goldenCases,
  goldenFolder,
  goldenTensors,
  largestDifference,
  type GoldenCase,
} from '../support/golden';
import { allFiles, buildOnnxFolder } from '../support/onnxFolders';
import { temporaryFolder } from '../support/temporary';

const LOGITS_TOLERANCE = 2e-3;
/**
 * Of the prefill, against the exact model; logits have a standard deviation of 5. Measured: see the diagnostics; a
 * wrong layout of weights gives 15 and more.
 */
const TYPE_TOLERANCE: Readonly<Record<OnnxType, number>> = {
  fp32: 2e-3,
  fp16: 0.1,
  quantized: 3,
  int8: 3,
  uint8: 3,
  q4: 9,
  q4f16: 9,
  bnb4: 9,
};

const signal = new AbortController().signal;
const folder = temporaryFolder('onnx');
const cachePath = path.join(folder, 'cache');

function open(model: string, weights: WeightType, notes: string[] = []): Promise<OnnxModel> {
  const spec: ModelSpec = { path: model, weights, device: 'cpu', attention: 'full' };
  return OnnxModel.open(model, spec, { cachePath, keepsLogits: true }, {
    signal,
    onProgress: () => undefined,
    onNote: note => notes.push(note),
  });
}

for (const name of ['gqa-224', 'wide-448']) {
  describe(name, () => {
    let model: OnnxModel;
    before(async () => {
      model = await open(await buildOnnxFolder(path.join(folder, name), name), 'f32');
    });
    after(() => model.release());

    for (const golden of goldenCases().filter(candidate => candidate.model === name)) {
      test(`${golden.id}: logits and tokens of the reference`, async t => {
        const { logits, ids } = await answer(model, golden);
        const tensors = goldenTensors(`cases/${golden.id}.safetensors`);
        const error = largestDifference(logits[0] ?? new Float32Array(), floatTensorOf(tensors, 'prefill_logits'));
        t.diagnostic(`prefill ${error.toExponential(1)}`);
        assert.ok(error <= LOGITS_TOLERANCE, `prefill logits differ by ${error}`);
        assert.deepEqual(ids, golden.tokens);
      });
    }
  });
}

describe('types', () => {
  const golden = goldenCases().find(({ id }) => id === 'detect-two')!;
  const expected = floatTensorOf(goldenTensors('cases/detect-two.safetensors'), 'prefill_logits');

  for (const type of onnxTypes) {
    test(`${type}: loads and computes the same model`, async t => {
      const own = await buildOnnxFolder(
        path.join(folder, `only-${type}`),
        'gqa-224',
        allFiles.filter(([, candidate]) => candidate === type),
      );
      const model = await open(own, 'f32');
      const { logits, ids } = await answer(model, golden);
      await model.release();
      const error = largestDifference(logits[0] ?? new Float32Array(), expected);
      t.diagnostic(
        `prefill ${error.toExponential(1)}, ${
          ids.filter((id, index) => id === golden.tokens[index]).length
        } of ${ids.length} tokens`,
      );
      assert.ok(error <= TYPE_TOLERANCE[type], `prefill logits differ by ${error}`);
      assert.equal(ids.length, golden.tokens.length);
    });
  }
});

test('only the last row of logits is computed, and it is that of all rows', async () => {
  const { layers, kv, headDim, hidden } = { layers: 4, kv: 4, headDim: 32, hidden: 64 };
  const file = path.join(folder, 'gqa-224/onnx/decoder_model_merged.onnx');
  const feeds: Record<string, Tensor> = {
    inputs_embeds: floatTensor(Float32Array.from({ length: 3 * hidden }, (_, i) => Math.sin(i)), [1, 3, hidden]),
    position_ids: integerTensor([1, 2, 3], [1, 3]),
  };
  for (let layer = 0; layer < layers; layer++) {
    for (const part of ['key', 'value']) {
      feeds[`past_key_values.${layer}.${part}`] = floatTensor(new Float32Array(0), [1, kv, 0, headDim]);
    }
  }
  const run = async (options: { readonly lastRowOf?: string }) => {
    const { session } = await openGraph(file, { device: 'cpu', ...options });
    const { logits } = await session.run(feeds, ['logits']);
    await session.release();
    return { dims: logits?.dims, values: floatsOf(logits) };
  };
  const [all, last] = [await run({}), await run({ lastRowOf: 'logits' })];
  assert.deepEqual([all.dims, last.dims], [[1, 3, 2368], [1, 1, 2368]]);
  assert.ok(largestDifference(last.values, all.values.slice(-2368)) < 1e-4);
});

test('8-bit activations in the q4 decoder cost little beside its weights', async t => {
  const golden = goldenCases().find(({ id }) => id === 'detect-two')!;
  const q4 = await buildOnnxFolder(path.join(folder, 'q4'), 'gqa-224', [['vision_encoder', 'fp32'], [
    'embed_tokens',
    'fp32',
  ], ['decoder_model_merged', 'q4']]);
  const firstLogits = async () => {
    const model = await open(q4, 'int4');
    const { logits } = await answer(model, golden);
    await model.release();
    return logits[0] ?? new Float32Array();
  };
  const fast = await firstLogits();
  // Under the name of an exact decoder the same file runs as it was exported.
  const decoder = path.join(q4, 'onnx/decoder_model_merged');
  renameSync(`${decoder}_q4.onnx`, `${decoder}.onnx`);
  const asExported = await firstLogits();
  const cost = largestDifference(fast, asExported);
  const costOfWeights = largestDifference(
    asExported,
    floatTensorOf(goldenTensors('cases/detect-two.safetensors'), 'prefill_logits'),
  );
  t.diagnostic(`activations ${cost.toExponential(1)}, weights ${costOfWeights.toExponential(1)}`);
  assert.ok(cost > 0 && cost < costOfWeights / 4, `${cost} against ${costOfWeights}`);
});

/** Where an earlier benchmark installed the package; a test installs nothing of that size. */
const peer = process.env['PALIGEMMA_BENCH_PEER']
  ?? path.join(process.env['PALIGEMMA_BENCH_CACHE'] ?? path.join(homedir(), '.cache', 'paligemma-bench'), 'peer');
const hasPeer = existsSync(path.join(peer, 'node_modules/@huggingface/transformers/package.json'));

describe('transformers.js on the same files', {
  skip: hasPeer ? false : 'transformers.js is not installed; npm run bench does that',
}, () => {
  const golden = goldenCases().find(({ id }) => id === 'detect-two')!;
  // Not q4: there our decoder takes 8-bit activations.
  for (const type of ['fp32', 'fp16', 'quantized', 'uint8', 'q4f16', 'bnb4'] as const) {
    test(`${type}: the same tokens`, async () => {
      const own = await buildOnnxFolder(
        path.join(folder, `peer-${type}`),
        'gqa-224',
        allFiles.filter(([, candidate]) => candidate === type),
      );
      const model = await open(own, 'f32');
      const { ids } = await answer(model, golden);
      const { vision: { imageSizePx, imageTokens }, imageTokenId } = model.manifest.config;
      await model.release();
      const task = path.join(folder, `peer-${type}.json`);
      const pixelsFile = path.join(folder, 'pixels.bin');
      writeFileSync(
        pixelsFile,
        await pixelValues(
          await loadImage(path.join(goldenFolder, golden.images[0] ?? ''), signal, {
            orient: golden.exif_orientation_applied,
          }),
          imageSizePx,
          signal,
        ),
      );
      const dtype = type === 'quantized' ? 'q8' : type;
      writeFileSync(
        task,
        JSON.stringify({
          folder: own,
          dtype,
          imageSizePx,
          imageTokens,
          imageTokenId,
          pixelsFile,
          textIds: golden.text_ids,
          maxNewTokens: golden.tokens.length,
        }),
      );
      const { stdout } = await promisify(execFile)(process.execPath, ['test/support/transformersJs.mjs', peer, task]);
      assert.deepEqual(ids, JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
    });
  }
});

/** Ids as the product picks them, `<eos>` added where it ended the reference; logits of each step. */
async function answer(model: OnnxModel, golden: GoldenCase): Promise<{ logits: Float32Array[]; ids: number[] }> {
  const parts: number[] = [];
  for (const image of golden.images) {
    const rgb = await loadImage(path.join(goldenFolder, image), signal, { orient: golden.exif_orientation_applied });
    parts.push(
      ...(await model.vision.features(await pixelValues(rgb, model.manifest.config.vision.imageSizePx, signal))),
    );
  }
  const cache = model.decoder.newCache();
  const logits: Float32Array[] = [];
  const kept = <T extends { readonly logits?: Float32Array }>(prediction: T): T => {
    if (prediction.logits !== undefined) logits.push(prediction.logits);
    return prediction;
  };
  const first = kept(await model.decoder.prefill(cache, Float32Array.from(parts), golden.text_ids, { signal }));
  const ids: number[] = [];
  await generate([{
    first,
    signal,
    onToken: ({ id }) => ids.push(id),
    onEnd: reason => {
      if (reason === 'eos') ids.push(model.tokenizer.specials.eos);
    },
  }], {
    decode: async ([id = 0]) => [kept(await model.decoder.decode(cache, id, { signal }))],
    keep: () => Promise.resolve(),
    free: Number.POSITIVE_INFINITY,
  }, { eosTokenIds: model.manifest.config.eosTokenIds, maxNewTokens: golden.tokens.length });
  cache.release();
  return { logits, ids };
}
