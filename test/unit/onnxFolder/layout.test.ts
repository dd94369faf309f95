import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { weightTypes } from '../../../paligemma/src/facts';
import { chooseGraphs, graphsKey, isOnnxFolder } from '../../../model-host/src/checkpoint/onnxLayout';
import { failureOf, temporaryFolder } from '../../support/temporary';

function folderWith(...files: readonly string[]): string {
  const folder = temporaryFolder('layout');
  mkdirSync(path.join(folder, 'onnx'));
  for (const file of files) writeFileSync(path.join(folder, file), 'x');
  return folder;
}

const exact = ['onnx/vision_encoder.onnx', 'onnx/embed_tokens.onnx', 'onnx/decoder_model_merged.onnx'];
const base = async (folder: string, weights: (typeof weightTypes)[number]) =>
  path.basename((await chooseGraphs(folder, weights)).files.decoder_model_merged);

test('graphs make the folder, weights of a checkpoint beside them do not', async () => {
  assert.equal(await isOnnxFolder(folderWith(...exact)), true);
  assert.equal(
    await isOnnxFolder(folderWith('onnx/decoder_model_merged_q4.onnx')),
    true,
    'incomplete, and told when it is opened',
  );
  assert.equal(await isOnnxFolder(folderWith(...exact, 'model.safetensors')), false);
  assert.equal(await isOnnxFolder(folderWith(...exact, 'mask-decoder.safetensors')), true);
  assert.equal(await isOnnxFolder(folderWith('onnx/other.onnx')), false);
  assert.equal(await isOnnxFolder(path.join(folderWith(), 'nothing')), false);
});

test('each weight type has its file, the first of the names', async () => {
  const folder = folderWith(
    ...exact,
    ...['fp16', 'quantized', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'].map(type =>
      `onnx/decoder_model_merged_${type}.onnx`
    ),
    'onnx/embed_tokens_fp16.onnx',
    'onnx/vision_encoder_q4.onnx',
  );
  assert.deepEqual(
    await Promise.all(weightTypes.map(weights => base(folder, weights))),
    ['_q4', '_quantized', '_fp16', ''].map(type => `decoder_model_merged${type}.onnx`),
  );
  const { types, note } = await chooseGraphs(folder, 'int4');
  assert.deepEqual([types, note], [
    { vision_encoder: 'fp32', embed_tokens: 'fp16', decoder_model_merged: 'q4' },
    undefined,
  ]);
  assert.equal((await chooseGraphs(folder, 'f32')).types.embed_tokens, 'fp32');
});

test('what is missing is replaced by the next more exact one, else by what there is', async () => {
  const some = (...types: readonly string[]) =>
    folderWith(
      'onnx/vision_encoder_uint8.onnx',
      'onnx/embed_tokens_q4.onnx',
      ...types.map(type => `onnx/decoder_model_merged${type}.onnx`),
    );
  assert.equal(await base(some('_fp16', '_bnb4'), 'int8'), 'decoder_model_merged_fp16.onnx');
  assert.equal(await base(some('_bnb4', '_uint8'), 'f32'), 'decoder_model_merged_uint8.onnx');
  assert.equal(await base(some('_bnb4', ''), 'int4'), 'decoder_model_merged_bnb4.onnx');
  const { weights, note } = await chooseGraphs(some('_bnb4'), 'f16');
  assert.equal(weights, 'int4');
  assert.match(note ?? '', /no decoder with f16 weights \(there is bnb4\)/);
});

test('a graph that is there in no type is named', async () => {
  const failure = await failureOf(
    chooseGraphs(
      folderWith('onnx/vision_encoder.onnx', 'onnx/embed_tokens_fp17.onnx', 'onnx/decoder_model_merged.onnx'),
      'int4',
    ),
  );
  assert.equal(failure.reason, 'weightsMissing');
  assert.match(failure.message, /embed_tokens\*\.onnx/);
});

test('the key changes with the data of the graphs', async () => {
  const folder = folderWith(...exact, 'onnx/decoder_model_merged.onnx_data');
  const chosen = await chooseGraphs(folder, 'f32');
  const key = await graphsKey(folder, chosen);
  assert.equal(await graphsKey(folder, chosen), key);
  writeFileSync(path.join(folder, 'onnx/decoder_model_merged.onnx_data'), 'xy');
  assert.notEqual(await graphsKey(folder, chosen), key);
});
