import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  adapterProblem,
  modelProblem,
  weightPlace,
  type FolderFacts,
  type JsonObject,
} from '../../../paligemma/src/folderContents';
import { formOfFolder, isWeightForm } from '../../../paligemma/src/weightForms';
import { quantizationOf, quantizationOfTensors, unreadQuantization } from '../../../paligemma/src/quantization';

const paligemma2: JsonObject = { model_type: 'paligemma', text_config: { model_type: 'gemma2' } };

function facts(files: readonly string[], more: Partial<FolderFacts> = {}): FolderFacts {
  return { files: new Set(files), lfsPointers: [], config: undefined, adapterConfig: undefined, ...more };
}

const model = (files: readonly string[], config: JsonObject = paligemma2) =>
  modelProblem(facts(['config.json', ...files], { config }));

test('the file that transformers would read wins: the named one, the single one, the index, then whole shards', () => {
  const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const index = 'model.safetensors.index.json';
  const all = ['model.safetensors', index, ...shards, 'other.safetensors', 'model.fp16.safetensors'];
  const place = (files: readonly string[], config?: JsonObject) => weightPlace(facts(files, { config }));
  assert.deepEqual(place(all), { kind: 'files', files: ['model.safetensors'] });
  assert.deepEqual(place(all, { transformers_weights: 'other.safetensors' }), {
    kind: 'files',
    files: ['other.safetensors'],
  });
  assert.deepEqual(place(all, { transformers_weights: 'x.safetensors.index.json' }), {
    kind: 'index',
    file: 'x.safetensors.index.json',
  });
  assert.deepEqual(place(all.slice(1)), { kind: 'index', file: index });
  assert.deepEqual(place(shards), { kind: 'files', files: shards });
  assert.deepEqual(place(['model-00001-of-00001.safetensors']), {
    kind: 'files',
    files: ['model-00001-of-00001.safetensors'],
  });
  assert.equal(place(shards.slice(1)), undefined, 'a shard is missing');
  const archives = ['paligemma2-3b-pt-224.b16.npz', 'vae-oid.npz'];
  assert.deepEqual(place(archives), { kind: 'archive', file: 'paligemma2-3b-pt-224.b16.npz' });
  assert.deepEqual(place([...shards, ...archives]), { kind: 'files', files: shards });
  assert.equal(place(['vae-oid.npz', 'adapters.npz']), undefined, 'neither is a model');
  assert.equal(place(['model-00001-of-99999.safetensors']), undefined, 'a name is no reason to make a long list');
});

const named: Record<string, readonly [files: readonly string[], says: RegExp]> = {
  'a pickle': [['pytorch_model.bin'], /PyTorch pickles \(pytorch_model\.bin\).*save_pretrained/],
  'pickled shards': [['pytorch_model-00001-of-00002.bin', 'training_args.bin'], /pytorch_model-00001-of-00002\.bin/],
  'a checkpoint of a trainer': [['model.ckpt'], /pickles/],
  'GGUF': [['x-q4_k_m.GGUF'], /GGUF file of llama\.cpp \(x-q4_k_m\.GGUF\)/],
  'several archives': [['a.npz', 'b.npz', 'vae-oid.npz'], /several NumPy archives \(a\.npz and others\)/],
  'Flax': [['flax_model.msgpack'], /Flax/],
  'Keras': [['model.weights.h5'], /Keras/],
  'LiteRT': [['model.tflite'], /another runtime \(model\.tflite\)/],
  'a distributed training': [['__0_0.distcp'], /distributed training/],
  'a download that broke off': [['a1b2.incomplete', 'pytorch_model.bin'], /was interrupted \(a1b2\.incomplete\)/],
  'a variant': [['model.fp16.safetensors'], /variant \(model\.fp16\.safetensors\).*Rename/],
  'weights of another name': [
    ['consolidated.safetensors'],
    /\(consolidated\.safetensors\).*rename it to model\.safetensors/,
  ],
  'shards with a gap': [
    ['model-00001-of-00003.safetensors', 'model-00003-of-00003.safetensors'],
    /no model-00002-of-00003\.safetensors.*the others can stay/,
  ],
  'OpenVINO, whose .bin is no pickle': [
    ['openvino_model.bin', 'openvino_model.xml'],
    /another runtime \(openvino_model\.bin\)/,
  ],
  'old GGML': [['ggml-model-q4_0.bin'], /another runtime \(ggml-model-q4_0\.bin\)/],
  'ExecuTorch': [['model.pte'], /another runtime \(model\.pte\)/],
  'TensorRT': [['rank0.engine'], /another runtime \(rank0\.engine\)/],
  'an archive': [['model.tar.gz'], /an archive \(model\.tar\.gz\)\. Unpack it/],
  'control characters in a name': [['x\u001b[31m.gguf'], /\(x\?\[31m\.gguf\)/],
};

const namedFolders: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    'checkpoints of a training, the last of them',
    ['checkpoint-500', 'checkpoint-1000', 'runs'],
    /such as checkpoint-1000\./,
  ],
  ['the state of DeepSpeed', ['global_step10', 'checkpoint-10'], /distributed training run \(global_step10\)/],
  ['the state of FSDP', ['pytorch_model_fsdp_0'], /distributed training run \(pytorch_model_fsdp_0\)/],
  ['Core ML', ['model.mlpackage'], /another runtime \(model\.mlpackage\)/],
];
for (const [name, folders, says] of namedFolders) {
  test(`in the place of weights is named, by its folder: ${name}`, () => {
    assert.match(modelProblem(facts(['trainer_state.json'], { folders: new Set(folders) }))?.problem ?? '', says);
  });
}

for (const [name, [files, says]] of Object.entries(named)) {
  test(`in the place of weights is named: ${name}`, () => {
    const problem = model(files)?.problem;
    assert.match(problem ?? '', says);
    assert.match(modelProblem(facts(files))?.problem ?? '', says, 'without a config as well');
  });
}

test('what only accompanies weights is not taken for them', () => {
  assert.equal(
    model(['optimizer.pt', 'rng_state_0.pth', 'training_args.bin', 'mask-decoder.safetensors', 'vae-oid.npz']),
    undefined,
  );
  for (const file of ['pytorch_model.bin', 'x.gguf', 'old.npz', 'model.fp16.safetensors']) {
    assert.equal(model(['model.safetensors', file]), undefined, `${file} beside model.safetensors`);
  }
});

const others: Record<string, readonly [config: JsonObject, says: RegExp]> = {
  'another model': [{ model_type: 'gemma3' }, /"gemma3", not PaliGemma 2/],
  'the first PaliGemma': [{ model_type: 'paligemma' }, /"gemma"; only PaliGemma 2/],
  'a preset of Keras': [{ class_name: 'PaliGemmaBackbone', config: {} }, /Keras preset \(PaliGemmaBackbone\)/],
  'a model built on PaliGemma': [{ ...paligemma2, architectures: ['ColPali'] }, /architecture "ColPali"/],
  'no type': [{}, /no model type/],
};

for (const [name, [config, says]] of Object.entries(others)) {
  test(`a config of another kind is named: ${name}`, () => {
    assert.equal(model(['model.safetensors'], config)?.reason, 'modelUnsupported');
    assert.match(model(['model.safetensors'], config)?.problem ?? '', says);
  });
}

test('a pointer of Git LFS is no damaged file, and is not downloaded again in vain', () => {
  const pointer = facts(['config.json', 'model.safetensors'], {
    config: paligemma2,
    lfsPointers: ['model.safetensors'],
  });
  assert.match(modelProblem(pointer)?.problem ?? '', /model\.safetensors is only a Git LFS pointer.*git lfs pull/);
});

test('an adapter in the place of a model is told to be one, and a model in the place of an adapter', () => {
  const files = ['adapter_config.json', 'adapter_model.safetensors'];
  const adapter = facts(files, { adapterConfig: { base_model_name_or_path: 'google/paligemma2-3b-pt-224' } });
  assert.match(modelProblem(adapter)?.problem ?? '', /adapter for google\/paligemma2-3b-pt-224.*--adapter/);
  assert.equal(adapterProblem(adapter), undefined);
  const hostile = facts(files, { adapterConfig: { base_model_name_or_path: 'x\u001b[31m' } });
  assert.match(modelProblem(hostile)?.problem ?? '', /^It is an adapter \(/);
  const whole = facts(['config.json', 'model.safetensors'], { config: paligemma2 });
  assert.match(adapterProblem(whole)?.problem ?? '', /whole model.*--model/);
  assert.equal(modelProblem(facts([...files, 'config.json', 'model.safetensors'], { config: paligemma2 })), undefined);
});

const adapters: Record<string, readonly [files: readonly string[], says: RegExp]> = {
  'a pickle': [['adapter_config.json', 'adapter_model.bin'], /adapter_model\.bin is a PyTorch pickle.*save_pretrained/],
  'of MLX': [['adapter_config.json', 'adapters.safetensors'], /MLX adapter \(adapters\.safetensors\)/],
  'of MLX, old': [['adapter_config.json', 'adapters.npz'], /MLX adapter \(adapters\.npz\)/],
  'GGUF': [['adapter_config.json', 'lora.gguf'], /GGUF/],
  'without weights': [['adapter_config.json'], /no adapter_model\.safetensors/],
  'nothing': [[], /no adapter_config\.json/],
};

for (const [name, [files, says]] of Object.entries(adapters)) {
  test(`an adapter that cannot be read is named: ${name}`, () => {
    assert.equal(adapterProblem(facts(files))?.reason, 'adapterInvalid');
    assert.match(adapterProblem(facts(files))?.problem ?? '', says);
  });
}

test('how weights are quantised is told by their config and by their tensors', () => {
  const said = (quantization_config: JsonObject) => quantizationOf({ quantization_config });
  assert.equal(said({ quant_method: 'bitsandbytes', load_in_4bit: true }), 'bitsandbytes (4 bit)');
  assert.equal(said({ quant_method: 'gptq', bits: 4 }), 'GPTQ (4 bit)');
  assert.equal(said({ quant_method: 'awq', bits: 4 }), 'AWQ (4 bit)');
  assert.equal(said({ quant_method: 'fp8' }), 'fp8');
  assert.equal(
    said({ quant_method: 'compressed-tensors', format: 'float-quantized' }),
    'compressed-tensors (float-quantized)',
  );
  assert.equal(quantizationOf({ quantization: { group_size: 64, bits: 4 } }), 'MLX (4 bit)');
  assert.equal(quantizationOf(paligemma2), undefined);
  const types = (...tensors: readonly (readonly [string, string])[]) =>
    quantizationOfTensors(tensors.map(([name, dtype]) => ({ name, dtype })));
  assert.equal(types(['q.weight', 'U8'], ['q.weight.absmax', 'U8']), 'bitsandbytes (4 bit)');
  assert.equal(types(['q.weight', 'I8'], ['q.SCB', 'F32']), 'bitsandbytes (8 bit)');
  assert.equal(types(['q.qweight', 'I32'], ['q.g_idx', 'I32']), 'GPTQ');
  assert.equal(types(['q.qweight', 'I32'], ['q.qzeros', 'I32']), 'AWQ');
  assert.equal(types(['q.weight', 'U32'], ['q.scales', 'F16']), 'MLX');
  assert.equal(types(['q.weight', 'F8_E4M3'], ['q.weight_scale', 'F32']), 'fp8');
  assert.equal(types(['q.weight_packed', 'I32']), 'compressed-tensors');
  assert.equal(types(['q.weight', 'I16']), 'an unnamed method (I16)');
  assert.equal(types(['q.weight', 'BF16'], ['embeddings.position_ids', 'I64']), undefined);
});

test('what of it is not read is told by name, and what is read is not', () => {
  const unread = (types: readonly (readonly [string, string])[], config?: JsonObject) =>
    unreadQuantization(types.map(([name, dtype]) => ({ name, dtype })), config);
  const mlx = [['q.weight', 'U32'], ['q.scales', 'F16'], ['q.biases', 'F16']] as const;
  assert.equal(unread(mlx), undefined);
  assert.equal(unread(mlx, { quantization: { group_size: 64, bits: 4, mode: 'affine' } }), undefined);
  assert.equal(unread(mlx, { quantization: { group_size: 32, bits: 4, mode: 'mxfp4' } }), 'MLX mxfp4 (4 bit)');
  assert.equal(unread([['q.weight', 'U32'], ['q.scales', 'U8']]), 'MLX (mxfp4, mxfp8, nvfp4)');
  assert.equal(unread([['q.weight', 'U8'], ['q.weight.absmax', 'F32']]), undefined);
  assert.equal(unread([['q.weight', 'I8'], ['q.SCB', 'F32']]), undefined);
  assert.equal(unread([['q.qweight', 'I32'], ['q.g_idx', 'I32']]), 'GPTQ');
  assert.equal(unread([['q.weight', 'F8_E4M3']]), 'fp8');
});

test('the form of a folder is told by names and config, before its weights are read', () => {
  const form = (files: readonly string[], config?: JsonObject) => formOfFolder(facts(files, { config }));
  const files = ['model.safetensors'];
  assert.equal(form(files, paligemma2), undefined);
  assert.deepEqual(form(['x.npz']), { kind: 'bigVision' });
  const quantization = { group_size: 64, bits: 4, q_proj: { group_size: 32, bits: 8 }, lm_head: false };
  assert.deepEqual(form(files, { quantization }), { kind: 'mlx', bits: [4, 8], groupSizes: [32, 64] });
  const bnb = (more: JsonObject) => form(files, { quantization_config: { quant_method: 'bitsandbytes', ...more } });
  assert.deepEqual(bnb({ load_in_4bit: true, bnb_4bit_quant_type: 'nf4' }), { kind: 'bitsandbytes', types: ['nf4'] });
  assert.deepEqual(bnb({ load_in_8bit: true }), { kind: 'bitsandbytes', types: ['int8'] });
  for (const known of [form(['x.npz']), form(files, { quantization }), bnb({ load_in_8bit: true })]) {
    assert.ok(isWeightForm(JSON.parse(JSON.stringify(known))));
  }
  for (
    const bad of [null, {}, { kind: 'gguf' }, { kind: 'mlx', bits: 'many' }, { kind: 'bitsandbytes', types: ['x'] }]
  ) {
    assert.ok(!isWeightForm(bad));
  }
});
