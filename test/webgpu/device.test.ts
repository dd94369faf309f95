// The device path: whatever adapter this machine has, or software Vulkan. Right numbers only; its speed says nothing.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import { GraphBuilder } from '../../model-host/src/graph/graphBuilder';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import { startBuiltHost } from '../support/builtHost';
import type { BuiltHost } from '../support/builtHost';
import { temporaryFolder } from '../support/commandLine';
import { floatTensorOf, goldenCases, goldenFolder, goldenTensors, largestDifference } from '../support/golden';

const folder = temporaryFolder();
after(() => folder.remove());

/** As on the CPU. Source: test/fixtures/golden/MANIFEST.md, “Tolerances”. */
const FEATURES_TOLERANCE = 2e-4;
const LOGITS_TOLERANCE = 2e-3;
const signal = new AbortController().signal;

/** Of values around 1; measured on lavapipe: 0 to 1e-7. */
const tolerance = 1e-5;

test('a graph runs wholly on the device, with the numbers of the CPU', async () => {
  const graph = new GraphBuilder('probe');
  const x = graph.input('x', 'float32', [2, 3]);
  const product = graph.node('MatMul', '/product', [x, graph.node('Transpose', '/transposed', [x], { perm: [1, 0] })]);
  graph.output('y', graph.node('Tanh', '/tanh', [product]), 'float32', [2, 2]);
  const file = folder.at('probe.onnx');
  writeFileSync(file, graph.model());
  const feeds = { x: new Tensor('float32', Float32Array.of(0.1, -0.2, 0.3, 0.7, 0.5, -0.4), [2, 3]) };
  const onDevice = await run(file, 'webgpu', feeds);
  const onCpu = await run(file, 'cpu', feeds);
  assert.ok(onCpu.some(value => Math.abs(value) > 0.01), 'the CPU computed something');
  assert.ok(largestDifference(onDevice, onCpu) <= tolerance, `${onDevice.join(' ')} against ${onCpu.join(' ')}`);
});

/** The session fails to open when a node has no kernel on the device: nothing may fall back to the CPU unseen. */
async function run(file: string, device: 'webgpu' | 'cpu', feeds: Record<string, Tensor>): Promise<Float32Array> {
  const session = await InferenceSession.create(file, {
    executionProviders: [device],
    extra: { session: { disable_cpu_ep_fallback: device === 'webgpu' ? '1' : '0' } },
  });
  const values = (await session.run(feeds))['y']?.data as Float32Array;
  await session.release();
  return values;
}

describe('image features and logits of the prefill on the device are those of the reference', () => {
  for (const id of ['caption', 'wide-photo']) {
    test(id, async t => {
      const golden = goldenCases().find(candidate => candidate.id === id);
      assert.ok(golden !== undefined);
      const tensors = goldenTensors(`cases/${id}.safetensors`);
      const model = await openOnDevice(golden.model);
      const rgb = await loadImage(path.join(goldenFolder, golden.images[0] ?? ''), signal, {
        orient: golden.exif_orientation_applied,
      });
      const features = await model.vision.features(
        await pixelValues(rgb, model.manifest.config.vision.imageSizePx, signal),
      );
      const { logits } = await model.decoder.prefill(
        model.decoder.newCache(),
        floatTensorOf(tensors, 'image_features'),
        golden.text_ids,
        { signal },
      );
      await model.release();
      assert.ok(logits !== undefined);
      const featureError = largestDifference(features, floatTensorOf(tensors, 'image_features'));
      const logitsError = largestDifference(logits, floatTensorOf(tensors, 'prefill_logits'));
      t.diagnostic(`features ${featureError.toExponential(1)}, logits ${logitsError.toExponential(1)}`);
      assert.ok(featureError <= FEATURES_TOLERANCE, `image features differ by ${featureError}`);
      assert.ok(logitsError <= LOGITS_TOLERANCE, `logits differ by ${logitsError}`);
    });
  }
});

async function openOnDevice(name: string): Promise<LoadedModel> {
  const outPath = folder.at(`converted-${name}`);
  const manifest = await convertCheckpoint({
    sourcePath: path.join(goldenFolder, 'models', name),
    outPath,
    name,
    fingerprint: '',
    weights: 'f32',
    attention: 'sliding',
    onProgress: () => undefined,
  }, signal);
  return LoadedModel.open({ folder: outPath, manifest }, 'webgpu', {
    signal,
    onProgress: () => undefined,
    onNote: () => undefined,
  }, { keepsLogits: true });
}

describe('the built host on the device gives the reference’s tokens', () => {
  /**
   * One picture, prompt as a person types it; both resolutions, several attention layouts, an early end, byte fallback.
   */
  const ids = [
    'caption',
    'detect-two',
    'segment',
    'empty-prompt',
    'long-prompt',
    'multilingual-emoji',
    'eos-early',
    'window-caption',
    'wide-photo',
    'wide-detect',
  ];
  const cases = goldenCases().filter(golden => ids.includes(golden.id));
  let host: BuiltHost;
  before(async () => {
    host = await startBuiltHost(folder.at('cache'));
  });
  after(() => host.stop());

  test('every reference case is tested', () => assert.equal(cases.length, ids.length));
  for (const golden of cases) {
    test(golden.id, async () => {
      const model = {
        path: path.join(goldenFolder, 'models', golden.model),
        weights: 'f32',
        device: 'webgpu',
        attention: 'sliding',
      } as const;
      const result = await host.generate(
        model,
        path.join(goldenFolder, golden.images[0] ?? ''),
        golden.prompt,
        golden.tokens.length,
      );
      assert.equal(result.device, 'webgpu');
      const tokens = result.stopReason === 'eos' ? golden.tokens.slice(0, -1) : golden.tokens;
      assert.deepEqual(result.tokenIds, tokens);
    });
  }
});
