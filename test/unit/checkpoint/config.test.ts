import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../../model-host/src/checkpoint/config';
import { goldenFolder } from '../../support/golden';
import { failureOf, temporaryFolder } from '../../support/temporary';

const root = temporaryFolder('config');
const model = path.join(goldenFolder, 'models/gqa-224');

function folderWith(name: string, files: Record<string, unknown>): string {
  const folder = path.join(root, name);
  mkdirSync(folder);
  for (const [file, value] of Object.entries(files)) {
    writeFileSync(path.join(folder, file), typeof value === 'string' ? value : JSON.stringify(value));
  }
  return folder;
}

const minimal = { model_type: 'paligemma', text_config: { model_type: 'gemma2' }, vision_config: {} };

test('keys that published files omit take the class defaults', async () => {
  const config = await readConfig(model);
  assert.equal(config.text.heads, 8);
  assert.equal(config.text.ropeTheta, 10000);
  assert.equal(config.vision.imageTokens, 256);
  assert.equal(config.imageTokenId, 2325);
  assert.deepEqual(config.eosTokenIds, [1], 'generation_config.json wins over the text config');
  assert.deepEqual(config.text.slidingLayers, [true, false, true, false]);
});

test('the form that transformers 5 writes back means the same', async () => {
  const published = await readConfig(model);
  const resaved = folderWith('resaved', {
    'config.json': readFileSync(
      path.join(goldenFolder, 'models/config-variants/gqa-224.resaved-by-transformers-5.23.0.json'),
      'utf8',
    ),
  });
  const { eosTokenIds, ...rest } = await readConfig(resaved);
  assert.deepEqual(eosTokenIds, [1]);
  assert.deepEqual({ ...rest, eosTokenIds: published.eosTokenIds }, published);
});

test('an empty text and vision config is Gemma 2 2B with the SigLIP class defaults', async () => {
  const { text, vision } = await readConfig(folderWith('minimal', { 'config.json': minimal }));
  assert.deepEqual([
    text.hiddenSize,
    text.layers,
    text.heads,
    text.kvHeads,
    text.headDim,
    text.intermediateSize,
    text.queryPreAttnScalar,
  ], [2304, 26, 8, 4, 256, 9216, 256]);
  assert.deepEqual([vision.hiddenSize, vision.imageSizePx, vision.patchSizePx, vision.imageTokens], [
    768,
    224,
    16,
    196,
  ]);
});

test('a soft cap of null is off', async () => {
  const { text } = await readConfig(
    folderWith('uncapped', {
      'config.json': {
        ...minimal,
        text_config: { model_type: 'gemma2', attn_logit_softcapping: null, final_logit_softcapping: null },
      },
    }),
  );
  assert.deepEqual([text.attentionSoftCap, text.finalSoftCap], [undefined, undefined]);
});

const failures: Record<string, { files: Record<string, unknown>; reason: string; says: RegExp }> = {
  'no config.json': { files: {}, reason: 'modelConfigMissing', says: /Choose the folder/ },
  'not JSON': { files: { 'config.json': '{' }, reason: 'modelConfigInvalid', says: /not valid JSON/ },
  'a list': { files: { 'config.json': '[]' }, reason: 'modelConfigInvalid', says: /JSON object/ },
  'another architecture': {
    files: { 'config.json': { model_type: 'llava' } },
    reason: 'modelUnsupported',
    says: /"llava"/,
  },
  'PaliGemma 1': {
    files: { 'config.json': { model_type: 'paligemma', text_config: { model_type: 'gemma' } } },
    reason: 'modelUnsupported',
    says: /only PaliGemma 2/,
  },
  'a negative size': {
    files: { 'config.json': { ...minimal, text_config: { model_type: 'gemma2', hidden_size: -4 } } },
    reason: 'modelConfigInvalid',
    says: /hidden_size/,
  },
  'heads that do not divide': {
    files: { 'config.json': { ...minimal, text_config: { model_type: 'gemma2', num_attention_heads: 7 } } },
    reason: 'modelConfigInvalid',
    says: /num_key_value_heads/,
  },
  'more layers than any list could hold': {
    files: { 'config.json': { ...minimal, text_config: { model_type: 'gemma2', num_hidden_layers: 2 ** 31 - 1 } } },
    reason: 'modelConfigInvalid',
    says: /num_hidden_layers is 2147483647; .* at most 1024/,
  },
  'positions without end': {
    files: {
      'config.json': { ...minimal, text_config: { model_type: 'gemma2', max_position_embeddings: 2 ** 31 - 1 } },
    },
    reason: 'modelConfigInvalid',
    says: /max_position_embeddings/,
  },
  'more image tokens than pixels': {
    files: { 'config.json': { ...minimal, vision_config: { image_size: 16_000, patch_size: 1 } } },
    reason: 'modelConfigInvalid',
    says: /256000000 image tokens/,
  },
  'a type that is nested deeper than the stack': {
    files: { 'config.json': `{"model_type":${'['.repeat(100_000)}${']'.repeat(100_000)}}` },
    reason: 'modelUnsupported',
    says: /nested too deep/,
  },
  'another activation': {
    files: { 'config.json': { ...minimal, vision_config: { hidden_act: 'relu' } } },
    reason: 'modelUnsupported',
    says: /hidden_act/,
  },
  'another image pipeline': {
    files: { 'config.json': minimal, 'preprocessor_config.json': { image_mean: [0.48, 0.45, 0.4] } },
    reason: 'modelUnsupported',
    says: /image pipeline/,
  },
};

for (const [name, { files, reason, says }] of Object.entries(failures)) {
  test(`refused: ${name}`, async () => {
    const failure = await failureOf(readConfig(folderWith(name.replaceAll(' ', '-'), files)));
    assert.equal(failure.reason, reason);
    assert.match(failure.message, says);
  });
}
