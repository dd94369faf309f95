// An output matrix that is not the embedding, against the reference: stored beside it, or made of it by an adapter.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import { weightTypes, type WeightType } from '../../paligemma/src/facts';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import { memoryNeed, allOn } from '../../model-host/src/runtime/memoryPlan';
import { floatTensorOf, goldenCases, goldenFolder, goldenTensors, largestDifference } from '../support/golden';
import { temporaryFolder } from '../support/temporary';
import { copyCheckpoint, editJson, readTensors, writeTensors, type NewTensor } from '../support/tinyCheckpoint';

/** As in MANIFEST.md of the goldens. */
const LOGITS_TOLERANCE = 2e-3;
const root = temporaryFolder('head');
const signal = new AbortController().signal;
const source = path.join(goldenFolder, 'models/gqa-224');
const golden = JSON.parse(readFileSync(path.join(goldenFolder, 'head/head.json'), 'utf8')) as Record<
  'untied' | 'adapted',
  { readonly tokens: readonly number[] }
>;
const expected = goldenTensors('head/expected.safetensors');
const base = goldenCases().find(({ id }) => id === 'caption')!;
const EMBEDDING = 'language_model.model.embed_tokens.weight';
const HEAD = 'language_model.lm_head.weight';

/** The rule by which `head.json` says that the reference's head was made. */
function otherMatrix({ shape, values }: NewTensor): NewTensor {
  const [rows = 0, columns = 0] = shape;
  const other = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      other[row * columns + column] = values[((5 * row + 3) % rows) * columns + (column + 1) % columns]!;
    }
  }
  return { name: HEAD, shape, values: other };
}

function checkpoint(name: string, ties: boolean | undefined, edit: (tensors: NewTensor[]) => NewTensor[]): string {
  const folder = copyCheckpoint('gqa-224', path.join(root, name));
  writeTensors(path.join(folder, 'model.safetensors'), edit(readTensors(path.join(source, 'model.safetensors'))));
  editJson(folder, 'config.json', config => {
    if (ties !== undefined) config['tie_word_embeddings'] = ties;
  });
  return folder;
}

const withOtherHead = (tensors: NewTensor[]) => [
  ...tensors,
  otherMatrix(tensors.find(({ name }) => name === EMBEDDING)!),
];

let count = 0;
async function convert(sourcePath: string, weights: WeightType = 'f32', adapterPath?: string) {
  const folder = path.join(root, `converted-${count++}`);
  const manifest = await convertCheckpoint({
    sourcePath,
    outPath: folder,
    name: 'head',
    fingerprint: '',
    weights,
    attention: 'sliding',
    ...(adapterPath === undefined ? {} : { adapterPath }),
    onProgress: () => undefined,
  }, signal);
  return { folder, manifest };
}

/** Logits of the first token, and the tokens of a greedy answer. */
async function answer(converted: Awaited<ReturnType<typeof convert>>, steps: number) {
  const model = await LoadedModel.open(converted, 'cpu', {
    signal,
    onProgress: () => undefined,
    onNote: () => undefined,
  }, { keepsLogits: true });
  const image = await loadImage(path.join(goldenFolder, base.images[0]!), signal, { orient: false });
  const features = await model.vision.features(
    await pixelValues(image, converted.manifest.config.vision.imageSizePx, signal),
  );
  const cache = model.decoder.newCache();
  let prediction = await model.decoder.prefill(cache, features, base.text_ids, { signal });
  const logits = Float32Array.from(prediction.logits ?? []);
  const tokens: number[] = [];
  while (tokens.length < steps) {
    tokens.push(prediction.id);
    prediction = await model.decoder.decode(cache, prediction.id, { signal });
  }
  cache.release();
  await model.release();
  return { logits, tokens };
}

function assertLogits(logits: Float32Array, name: string): void {
  const error = largestDifference(logits, floatTensorOf(expected, name));
  assert.ok(error <= LOGITS_TOLERANCE, `prefill logits differ by ${error}`);
}

for (const ties of [false, true, undefined]) {
  test(`a head that is stored and differs from the embedding makes the logits, with tie_word_embeddings ${ties}`, async () => {
    const converted = await convert(checkpoint(`untied-${ties}`, ties, withOtherHead));
    const { logits, tokens } = await answer(converted, golden.untied.tokens.length);
    assertLogits(logits, 'untied_prefill_logits');
    assert.deepEqual(tokens, golden.untied.tokens);
  });
}

for (const weights of weightTypes.filter(type => type !== 'f32')) {
  test(`a head of its own is stored as ${weights} too, and stays near the reference`, async () => {
    const converted = await convert(checkpoint(`untied-${weights}`, false, withOtherHead), weights);
    const { logits } = await answer(converted, 1);
    // What rounding does to the whole model; the embedding in the place of the head moves logits by 23.
    assert.ok(largestDifference(logits, floatTensorOf(expected, 'untied_prefill_logits')) < 8);
    const names = converted.manifest.files.map(({ name }) => name);
    assert.ok(names.includes('head.data'));
    const { total } = memoryNeed(converted.manifest, allOn(converted.manifest, 'cpu'), 'cpu');
    const withoutHead = {
      ...converted.manifest,
      files: converted.manifest.files.filter(({ name }) => name !== 'head.data'),
    };
    const head = converted.manifest.files.find(({ name }) => name === 'head.data')!.bytes;
    const shared = converted.manifest.files.find(({ name }) => name === 'shared.data')!.bytes;
    assert.equal(total - memoryNeed(withoutHead, allOn(withoutHead, 'cpu'), 'cpu').total, head - shared);
  });
}

test('a stored copy of the embedding is no head of its own, and costs no second matrix', async () => {
  const copied = checkpoint('copied', false, tensors => [
    ...tensors,
    { ...tensors.find(({ name }) => name === EMBEDDING)!, name: HEAD },
  ]);
  const converted = await convert(copied);
  assert.ok(!converted.manifest.files.some(({ name }) => name === 'head.data'));
  assert.deepEqual((await answer(converted, 6)).tokens, base.tokens.slice(0, 6));
});

test('tied weights that are stored under the name of the head alone serve as both', async () => {
  const renamed = checkpoint(
    'renamed',
    undefined,
    tensors => tensors.map(tensor => tensor.name === EMBEDDING ? { ...tensor, name: 'lm_head.weight' } : tensor),
  );
  assert.deepEqual((await answer(await convert(renamed), 6)).tokens, base.tokens.slice(0, 6));
});

test('an adapter of the head alone leaves the embedding as it is', async () => {
  const folder = path.join(root, 'adapter');
  mkdirSync(folder);
  const [rows = 0, columns = 0] =
    readTensors(path.join(source, 'model.safetensors')).find(({ name }) => name === EMBEDDING)!.shape;
  const pattern = (length: number, period: number) =>
    Float32Array.from({ length }, (_, at) => (at % period - (period - 1) / 2) / 16);
  writeTensors(path.join(folder, 'adapter_model.safetensors'), [
    { name: 'base_model.model.lm_head.lora_A.weight', shape: [2, columns], values: pattern(2 * columns, 7) },
    { name: 'base_model.model.lm_head.lora_B.weight', shape: [rows, 2], values: pattern(2 * rows, 11) },
  ]);
  writeFileSync(
    path.join(folder, 'adapter_config.json'),
    JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: 2, target_modules: ['lm_head'] }),
  );
  const { logits, tokens } = await answer(await convert(source, 'f32', folder), golden.adapted.tokens.length);
  assertLogits(logits, 'adapted_prefill_logits');
  assert.deepEqual(tokens, golden.adapted.tokens);
});
