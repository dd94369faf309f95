// Pictures decoded together, and a model whose layers lie partly on the device: the tokens of the CPU.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import type { ConvertedModel } from '../../model-host/src/convert/modelCache';
import { LoadedModel, type DeviceWish } from '../../model-host/src/engines/loadedModel';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import type { Prediction } from '../../model-host/src/runtime/prediction';
import { temporaryFolder } from '../support/commandLine';
import { goldenCases, goldenFolder } from '../support/golden';

const folder = temporaryFolder();
after(() => folder.remove());
const signal = new AbortController().signal;
const golden = goldenCases().find(({ id }) => id === 'caption')!;
const pictures = [
  ...new Set(goldenCases().filter(({ model }) => model === golden.model).flatMap(({ images }) => images)),
].slice(0, 3);
const STEPS = 5;
const notes: string[] = [];
let converted: ConvertedModel;
let expected: number[][];

before(async () => {
  const outPath = folder.at('model');
  // Cut as finely as a large model: a graph for each layer, and two for each layer of the tower.
  const manifest = await convertCheckpoint({
    sourcePath: path.join(goldenFolder, 'models', golden.model),
    outPath,
    name: golden.model,
    fingerprint: '',
    weights: 'f32',
    attention: 'full',
    runProducts: 3e6,
    onProgress: () => undefined,
  }, signal);
  converted = { folder: outPath, manifest };
  expected = await tokens({ device: 'cpu' });
  assert.ok(new Set(expected.map(ids => ids.join())).size > 1, 'the pictures have different answers');
});

/** Ids of each picture; the second one leaves in the middle. */
async function tokens(wish: DeviceWish): Promise<number[][]> {
  const model = await LoadedModel.open(converted, wish, {
    signal,
    onProgress: () => undefined,
    onNote: note => notes.push(note),
  });
  assert.equal(model.device, wish.device);
  const ids: number[][] = [];
  const caches = [];
  let next: Prediction[] = [];
  for (const picture of pictures) {
    const features = await model.vision.features(
      await pixelValues(await loadImage(path.join(goldenFolder, picture)), model.manifest.config.vision.imageSizePx),
    );
    const cache = model.decoder.newCache();
    next.push(await model.decoder.prefill(cache, features, golden.text_ids, { signal }));
    caches.push(cache);
    ids.push([]);
  }
  const cache = await model.decoder.joinCaches(caches);
  let alive = [...pictures.keys()];
  for (let step = 0; step < STEPS; step++) {
    alive.forEach((picture, row) => ids[picture]!.push(next[row]!.id));
    if (step === 2) {
      await model.decoder.keepRows(cache, [0, 2]);
      alive = [0, 2];
      next = [next[0]!, next[2]!];
    }
    next = [...await model.decoder.decodeRows(cache, next.map(({ id }) => id), { signal })];
  }
  cache.release();
  await model.release();
  return ids;
}

test('with all layers on the device the tokens are those of the CPU', async () => {
  assert.deepEqual(await tokens({ device: 'webgpu' }), expected);
});

test('with half of the layers on the device the tokens are those of the CPU', async () => {
  notes.length = 0;
  assert.deepEqual(await tokens({ device: 'webgpu', gpuLayers: 2 }), expected);
  assert.match(notes.join(), /2 of 4 groups/);
});

test('a draft on the device predicts what single steps do, also after a wrong one was taken back', async () => {
  const model = await LoadedModel.open(converted, 'webgpu', {
    signal,
    onProgress: () => undefined,
    onNote: note => notes.push(note),
  });
  const features = await model.vision.features(
    await pixelValues(await loadImage(path.join(goldenFolder, pictures[0]!)), model.manifest.config.vision.imageSizePx),
  );
  const cache = model.decoder.newCache();
  const [first, second, third, fourth] = expected[0]!;
  assert.equal((await model.decoder.prefill(cache, features, golden.text_ids, { signal })).id, first);
  const idsOf = (predictions: readonly Prediction[]) => predictions.map(({ id }) => id);
  const draft = await model.decoder.decodeDraft(cache, [first!, second!, 5, 6], { signal });
  assert.deepEqual(idsOf(draft).slice(0, 2), [second, third]);
  model.decoder.discard(cache, 2);
  assert.deepEqual(idsOf(await model.decoder.decodeDraft(cache, [third!], { signal })), [fourth]);
  cache.release();
  await model.release();
});
