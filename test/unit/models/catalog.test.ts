import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ModelCatalog } from '../../../server/src/models/catalog/catalog';
import { kindOfName } from '../../../server/src/models/folders/modelFolder';
import { failureOf, temporaryFolder } from '../../support/temporary';

const config = (imageSize: number) =>
  JSON.stringify({
    model_type: 'paligemma',
    vision_config: { image_size: imageSize },
    text_config: { model_type: 'gemma2' },
  });

/** A package with the demo model, an empty cache and a folder for models, all new. */
function setUp() {
  const folder = temporaryFolder('catalog');
  const packageRoot = path.join(folder, 'package');
  const cachePath = path.join(folder, 'cache');
  const own = path.join(folder, 'own');
  const demoPath = path.join(packageRoot, 'model-host', 'demo-model', 'paligemma2-demo-224');
  addModel(demoPath, config(224));
  mkdirSync(own);
  const hubCachePath = path.join(folder, 'hub');
  const catalog = new ModelCatalog({
    packageRoot,
    cachePath,
    modelFolders: () => [own],
    hubCachePath,
    totalMemoryBytes: 8e9,
  });
  return {
    catalog,
    own,
    cachePath,
    hubCachePath,
    demoPath,
    folder,
    add: (name: string, text = config(224)) => addModel(path.join(own, name), text),
  };
}

function addModel(place: string, configText: string | undefined, weights = 'weights'): string {
  mkdirSync(place, { recursive: true });
  if (configText !== undefined) writeFileSync(path.join(place, 'config.json'), configText);
  if (weights !== '') writeFileSync(path.join(place, 'model.safetensors'), weights);
  return place;
}

test('with nothing installed the demo model answers, and says that it does and how to get a real one', async () => {
  const { catalog, demoPath, cachePath } = setUp();
  const model = await catalog.choose(undefined);
  assert.deepEqual([model.id, model.path, model.kind, model.isDemo], ['paligemma2-demo-224', demoPath, 'demo', true]);
  assert.match(model.note ?? '', /demo model/);
  assert.ok(model.note?.includes(path.join(cachePath, 'models')));
});

test('asked for by name it needs no excuse', async () => {
  const { catalog } = setUp();
  for (const name of ['demo', 'DEMO', 'paligemma2-demo-224']) {
    assert.deepEqual(Object.keys(await catalog.choose(name)).includes('note'), false);
  }
});

test('mix before ft before pt, then the larger picture; a broken one never', async () => {
  const { catalog, add } = setUp();
  const order: string[] = [];
  const names = [
    'paligemma2-3b-pt-896',
    'paligemma2-3b-ft-docci-448',
    'paligemma2-3b-mix-224',
    'paligemma2-10b-mix-448',
  ];
  for (const name of names) {
    add(name, config(Number(name.slice(-3))));
    order.push((await catalog.choose('')).id);
  }
  assert.deepEqual(order, names);
  add('paligemma2-28b-mix-896', '{ broken');
  assert.equal((await catalog.choose(undefined)).id, 'paligemma2-10b-mix-448');
  assert.deepEqual((await catalog.list()).map(({ id }) => id), [
    'paligemma2-10b-mix-448',
    'paligemma2-3b-mix-224',
    'paligemma2-3b-ft-docci-448',
    'paligemma2-3b-pt-896',
    'paligemma2-28b-mix-896',
    'paligemma2-demo-224',
  ]);
});

test('the list tells kind, resolution, size, what is converted and what is broken', async () => {
  const { catalog, add, cachePath, own } = setUp();
  const place = add('paligemma2-3b-mix-448', config(448));
  const converted = (name: string, manifest: unknown) => {
    mkdirSync(path.join(cachePath, 'converted', name), { recursive: true });
    writeFileSync(
      path.join(cachePath, 'converted', name, 'manifest.json'),
      typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
    );
  };
  const manifest = {
    formatVersion: 1,
    name: 'paligemma2-3b-mix-448',
    source: { path: place },
    weights: 'int4',
    attention: 'full',
    bytes: 1,
  };
  converted('a', manifest);
  converted('b', { ...manifest, attention: 'sliding' });
  converted('c', { ...manifest, weights: 'f32', source: { path: '/elsewhere' } });
  converted('d', '{ half');
  converted('e.partial-1-x', { ...manifest, weights: 'f32' });
  addModel(path.join(own, 'no-config-mix'), undefined);
  addModel(path.join(own, 'llama-mix'), JSON.stringify({ model_type: 'llama' }));
  addModel(path.join(own, 'no-weights-mix'), config(224), '');
  addModel(path.join(own, 'list-mix'), '[]');
  mkdirSync(path.join(own, 'empty'));
  writeFileSync(path.join(own, 'file.txt'), '');
  const models = await catalog.list();
  const { memoryBytes, ...first } = models[0] ?? assert.fail();
  assert.deepEqual(first, {
    id: 'paligemma2-3b-mix-448',
    kind: 'mix',
    isInstalled: true,
    path: place,
    resolutionPx: 448,
    bytes: config(448).length + 'weights'.length,
    converted: ['int4'],
    origin: 'folder',
    size: '3b',
    fits: ['int4', 'int8'],
  });
  assert.ok(
    memoryBytes !== undefined && memoryBytes.int4 < memoryBytes.int8 && memoryBytes.int8 < memoryBytes.f16
      && memoryBytes.f16 < memoryBytes.f32,
  );
  const problems = Object.fromEntries(
    models.filter(({ problem }) => problem !== undefined).map(({ id, problem }) => [id, problem]),
  );
  assert.deepEqual(Object.keys(problems).sort(), ['list-mix', 'llama-mix', 'no-config-mix', 'no-weights-mix']);
  assert.match(problems['no-config-mix'] ?? '', /config\.json/);
  assert.match(problems['llama-mix'] ?? '', /llama/);
  assert.match(problems['no-weights-mix'] ?? '', /safetensors/);
  assert.match(problems['list-mix'] ?? '', /JSON/);
});

test('models registered in the cache are found, by a link as well, and each folder once', async () => {
  const { catalog, cachePath, add, own } = setUp();
  const place = add('paligemma2-3b-pt-224');
  mkdirSync(path.join(cachePath, 'models'), { recursive: true });
  addModel(path.join(cachePath, 'models', 'kitchen-ft-448'), config(448));
  if (process.platform !== 'win32') symlinkSync(place, path.join(cachePath, 'models', 'linked-pt'));
  const ids = (await catalog.list()).map(({ id }) => id);
  assert.ok(ids.includes('kitchen-ft-448'));
  assert.equal(ids.filter(id => id === 'linked-pt' || id === 'paligemma2-3b-pt-224').length, 1);
  addModel(path.join(own, 'kitchen-ft-448'), config(448));
  assert.deepEqual(
    (await catalog.list()).map(({ id }) => id).filter(id => id.endsWith('kitchen-ft-448')),
    ['kitchen-ft-448', path.join(own, 'kitchen-ft-448')].sort(),
    'the second of a name goes by its folder',
  );
});

test('the cache of Hugging Face is read in its own layout, PaliGemma only, the newest commit', async () => {
  const { catalog, own } = setUp();
  const place = addModel(path.join(own, 'models--google--paligemma2-3b-mix-448', 'snapshots', 'abc'), config(448));
  addModel(path.join(own, 'models--meta--llama', 'snapshots', 'abc'), JSON.stringify({ model_type: 'llama' }));
  const [first, ...rest] = await catalog.list();
  assert.deepEqual([first?.id, first?.kind, first?.path], ['google/paligemma2-3b-mix-448', 'mix', place]);
  assert.deepEqual(rest.map(({ kind }) => kind), ['demo']);
  for (const name of ['google/paligemma2-3b-mix-448', 'paligemma2-3b-mix-448', 'Google/PaliGemma2-3b-mix-448']) {
    assert.equal((await catalog.choose(name)).path, place, name);
  }
});

test('a setting may name one model instead of a folder of them', async () => {
  const { folder, demoPath } = setUp();
  const place = addModel(path.join(folder, 'single-mix-224'), config(224));
  const catalog = new ModelCatalog({
    packageRoot: path.resolve(demoPath, '../../..'),
    cachePath: path.join(folder, 'none'),
    hubCachePath: path.join(folder, 'none'),
    modelFolders: () => [place, path.join(folder, 'missing')],
  });
  assert.equal((await catalog.choose(undefined)).path, place);
});

test('a folder is taken as it is, converted ones with what they were converted to', async () => {
  const { catalog, folder, demoPath } = setUp();
  const checkpoint = addModel(path.join(folder, 'elsewhere-ft'), config(224));
  assert.deepEqual(await catalog.choose(checkpoint), {
    id: 'elsewhere-ft',
    path: checkpoint,
    kind: 'ft',
    isDemo: false,
    resolutionPx: 224,
  });
  assert.equal((await catalog.choose(path.relative(process.cwd(), checkpoint))).path, checkpoint);
  const converted = path.join(folder, 'out');
  mkdirSync(converted);
  writeFileSync(
    path.join(converted, 'manifest.json'),
    JSON.stringify({
      formatVersion: 1,
      name: 'elsewhere-ft',
      source: { path: checkpoint },
      weights: 'f32',
      attention: 'sliding',
      config: { vision: { imageSizePx: 448 } },
    }),
  );
  const model = await catalog.choose(converted);
  assert.deepEqual([model.id, model.conversion?.weights, model.conversion?.attention, model.resolutionPx], [
    'elsewhere-ft',
    'f32',
    'sliding',
    448,
  ]);
  assert.equal((await catalog.choose(demoPath)).isDemo, true);
  const bare = path.join(folder, 'bare');
  mkdirSync(bare);
  assert.equal((await catalog.choose(bare)).path, bare, 'the host says what it lacks');
});

test('what cannot be had: the failure lists what there is', async () => {
  const { catalog, folder } = setUp();
  const unknown = await failureOf(catalog.choose('paligemma2-99b'));
  assert.equal(unknown.reason, 'modelMissing');
  assert.match(unknown.message, /paligemma2-99b.*paligemma2-demo-224/s);
  writeFileSync(path.join(folder, 'model.safetensors'), '');
  const file = await failureOf(catalog.choose(path.join(folder, 'model.safetensors')));
  assert.equal(file.reason, 'modelMissing');
  assert.match(file.message, /folder/);
  assert.equal((await failureOf(catalog.choose('https://example.org/v1'))).reason, 'serverNotAllowed');
});

test('in the editor a missing model is told in the words of the editor, with the folder of the setting that is gone', async () => {
  const folder = temporaryFolder('gone');
  const gone = path.join(folder, 'models', 'my-model');
  const options = { packageRoot: folder, cachePath: folder, modelFolders: () => [gone] };
  for (const name of ['my-model', gone, 'google/paligemma2-3b-mix-448', '']) {
    const { message } = await failureOf(
      new ModelCatalog({ ...options, hasModelList: () => true }).choose(name, 'setting'),
    );
    assert.doesNotMatch(message, /paligemma models/, name);
    assert.match(message, /list of models/, name);
  }
  const editor = await failureOf(
    new ModelCatalog({ ...options, hasModelList: () => true }).choose('my-model', 'setting'),
  );
  assert.ok(
    editor.message.includes(`The folder ${gone} of the setting paligemma.modelFolders is gone.`),
    editor.message,
  );
  const terminal = await failureOf(new ModelCatalog(options).choose('my-model', 'setting'));
  assert.ok(terminal.message.includes('“paligemma models download'), terminal.message);
});

test('without even the demo model: modelMissing', async () => {
  const folder = temporaryFolder('bare');
  const catalog = new ModelCatalog({ packageRoot: folder, cachePath: folder, modelFolders: () => [] });
  assert.equal((await failureOf(catalog.choose(undefined))).reason, 'modelMissing');
  assert.deepEqual(await catalog.list(), []);
});

test('the kind of a model is told by its name', () => {
  const kinds = {
    'paligemma2-3b-mix-448': 'mix',
    'paligemma2-10b-ft-docci-448': 'ft',
    'google/paligemma2-28b-pt-896': 'pt',
    'mixed-ptarmigan': 'unknown',
    paligemma: 'unknown',
  } as const;
  for (const [name, kind] of Object.entries(kinds)) assert.equal(kindOfName(name), kind, name);
});

test("Hugging Face's own cache is used in place; the commit of refs/main has the plain name, others their digits", async () => {
  const { catalog, hubCachePath } = setUp();
  const repository = path.join(hubCachePath, 'models--google--paligemma2-3b-mix-448');
  const [old, current] = ['0123456789abcdef', 'fedcba9876543210'].map(commit =>
    addModel(path.join(repository, 'snapshots', commit), config(448))
  );
  mkdirSync(path.join(repository, 'refs'));
  writeFileSync(path.join(repository, 'refs', 'main'), 'fedcba9876543210');
  const models = (await catalog.list()).filter(({ origin }) => origin === 'huggingFaceCache');
  assert.deepEqual(models.map(({ id, path: place }) => [id, place]), [['google/paligemma2-3b-mix-448', current], [
    'google/paligemma2-3b-mix-448@0123456',
    old,
  ]]);
});

test('a checkpoint that lacks a part its index names cannot be used, and the part is named', async () => {
  const { catalog, add } = setUp();
  const place = add('paligemma2-3b-mix-224');
  writeFileSync(
    path.join(place, 'model.safetensors.index.json'),
    JSON.stringify({
      weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' },
    }),
  );
  const first = path.join(place, 'model-00001-of-00002.safetensors');
  assert.equal((await catalog.list()).find(({ path: each }) => each === place)?.problem, undefined, 'not needed');
  renameSync(path.join(place, 'model.safetensors'), first);
  assert.match(
    (await catalog.list()).find(({ id }) => id === 'paligemma2-3b-mix-224')?.problem ?? '',
    /model-00002-of-00002\.safetensors/,
  );
});

test('the published checkpoints: licence, download, memory, what fits, what is here; a published name that is not says how to get it', async () => {
  const { catalog, add } = setUp();
  add('paligemma2-3b-mix-224');
  const published = await catalog.listPublished();
  const [first] = published;
  assert.deepEqual([first?.id, first?.isInstalled, first?.origin], ['paligemma2-3b-mix-224', true, 'folder']);
  const mix448 = published.find(({ id }) => id === 'google/paligemma2-3b-mix-448') ?? assert.fail();
  assert.deepEqual([
    mix448.isInstalled,
    mix448.kind,
    mix448.resolutionPx,
    mix448.size,
    mix448.licence?.name,
    mix448.fits,
  ], [false, 'mix', 448, '3b', 'Gemma Terms of Use', ['int4', 'int8']]);
  // Source: file list of google/paligemma2-3b-mix-224, 4.99 + 1.07 GB of weights and 35 MB of others.
  assert.ok(Math.abs((mix448.downloadBytes ?? 0) - 6.1e9) < 0.05e9);
  const large = published.find(({ id }) => id === 'google/paligemma2-28b-pt-896') ?? assert.fail();
  assert.deepEqual([large.fits, large.isInstalled], [[], false]);
  assert.match(published.find(({ id }) => id.startsWith('onnx-community/'))?.problem ?? '', /ONNX/);
  assert.equal(published.filter(({ kind }) => kind === 'demo').length, 0);
  const { reason, message } = await failureOf(catalog.choose('google/paligemma2-10b-mix-448'));
  assert.equal(reason, 'modelMissing');
  assert.match(message, /paligemma models download google\/paligemma2-10b-mix-448.*19\.3 GB/);
});

test('a folder of transformers.js graphs is a model, with the weights that are there', async () => {
  const { catalog, own, hubCachePath } = setUp();
  const addGraphs = (place: string, graphs: readonly string[]) => {
    mkdirSync(path.join(place, 'onnx'), { recursive: true });
    writeFileSync(path.join(place, 'config.json'), config(448));
    writeFileSync(path.join(place, 'tokenizer.json'), '{}');
    writeFileSync(path.join(place, 'mask-decoder.safetensors'), 'decoder');
    for (const graph of graphs) writeFileSync(path.join(place, 'onnx', `${graph}.onnx`), 'graph');
    return place;
  };
  const whole = [
    'vision_encoder',
    'embed_tokens_fp16',
    'decoder_model_merged',
    'decoder_model_merged_q4',
    'decoder_model_merged_bnb4',
  ];
  const plain = addGraphs(path.join(own, 'paligemma2-3b-mix-448-onnx'), whole);
  addGraphs(path.join(own, 'half-mix'), ['vision_encoder', 'decoder_model_merged_q4']);
  const snapshot = addGraphs(
    path.join(hubCachePath, 'models--onnx-community--paligemma2-3b-pt-448', 'snapshots', 'abc'),
    whole,
  );
  const models = await catalog.list();
  const found = models.map(({ id, path: place, kind, resolutionPx, converted, problem }) => ({
    id,
    place,
    kind,
    resolutionPx,
    converted,
    problem,
  }));
  assert.deepEqual(found.find(({ place }) => place === plain), {
    id: 'paligemma2-3b-mix-448-onnx',
    place: plain,
    kind: 'mix',
    resolutionPx: 448,
    converted: ['f32', 'int4'],
    problem: undefined,
  });
  assert.deepEqual(found.find(({ place }) => place === snapshot), {
    id: 'onnx-community/paligemma2-3b-pt-448',
    place: snapshot,
    kind: 'pt',
    resolutionPx: 448,
    converted: ['f32', 'int4'],
    problem: undefined,
  });
  assert.match(models.find(({ id }) => id === 'half-mix')?.problem ?? '', /onnx\/embed_tokens\*\.onnx/);
  assert.equal((await catalog.choose(undefined)).id, 'paligemma2-3b-mix-448-onnx');
  assert.equal((await catalog.choose(plain)).path, plain);
});
