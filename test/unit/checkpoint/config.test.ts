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

type Json = Record<string, unknown>;
const withText = (text: Json) => ({ 'config.json': { ...minimal, text_config: { model_type: 'gemma2', ...text } } });
const withVision = (vision: Json) => ({ 'config.json': { ...minimal, vision_config: vision } });
const withTop = (top: Json) => ({ 'config.json': { ...minimal, ...top } });
const withPictures = (keys: Json) => ({ 'config.json': minimal, 'preprocessor_config.json': keys });
const withGeneration = (keys: Json) => ({ 'config.json': minimal, 'generation_config.json': keys });

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
  'layers of another kind': {
    files: withText({ num_hidden_layers: 2, layer_types: ['full_attention', 'chunked_attention'] }),
    reason: 'modelConfigInvalid',
    says: /layer_types names "chunked_attention"/,
  },
  'rotations that are no object': {
    files: withText({ rope_parameters: 'yarn' }),
    reason: 'modelConfigInvalid',
    says: /rope_parameters is not an object/,
  },
  'a different activation': {
    files: { 'config.json': { ...minimal, vision_config: { hidden_act: 'relu' } } },
    reason: 'modelUnsupported',
    says: /hidden_act/,
  },
};

/** Each asks for other mathematics than are done here; the key, as the sentence names it. */
const refusedKeys: readonly (readonly [files: Record<string, unknown>, key: string])[] = [
  [withText({ attention_bias: true }), 'text_config.attention_bias is true'],
  [withText({ hidden_activation: 'gelu' }), 'text_config.hidden_activation is "gelu"'],
  [withText({ use_bidirectional_attention: false }), 'text_config.use_bidirectional_attention is false'],
  [withText({ rope_scaling: { type: 'linear', factor: 2 } }), 'text_config.rope_scaling is {"type":"linear"'],
  [withText({ rope_parameters: { rope_type: 'yarn' } }), 'text_config.rope_parameters.rope_type is "yarn"'],
  [withText({ rope_parameters: { factor: 8 } }), 'text_config.rope_parameters.factor is 8'],
  [withText({ partial_rotary_factor: 0.5 }), 'text_config.partial_rotary_factor is 0.5'],
  [withText({ num_experts: 8 }), 'text_config.num_experts is 8, and this program does not know that key'],
  [withText({ per_layer_config: { 0: { head_dim: 64 } } }), 'text_config.per_layer_config'],
  [withText({ pruned_heads: { 0: [1] } }), 'text_config.pruned_heads'],
  [withVision({ num_channels: 1 }), 'vision_config.num_channels is 1'],
  [withVision({ model_type: 'clip_vision_model' }), 'vision_config.model_type is "clip_vision_model"'],
  [withVision({ use_rope: true }), 'vision_config.use_rope is true'],
  [withTop({ is_encoder_decoder: true }), 'is_encoder_decoder is true'],
  [
    withTop({ projector_hidden_act: 'gelu' }),
    'projector_hidden_act is "gelu", and this program does not know that key',
  ],
  [withTop({ vision_feature_layer: -2 }), 'vision_feature_layer is -2, and this program does not know that key'],
  [withPictures({ image_mean: [0.48, 0.45, 0.4] }), 'image_mean is [0.48,0.45,0.4]'],
  [withPictures({ image_std: 0.25 }), 'image_std is 0.25'],
  [withPictures({ resample: 2 }), 'resample is 2'],
  [withPictures({ do_normalize: false }), 'do_normalize is false'],
  [withPictures({ do_rescale: false }), 'do_rescale is false'],
  [withPictures({ do_resize: false }), 'do_resize is false'],
  [withPictures({ do_center_crop: true }), 'do_center_crop is true'],
  [withPictures({ do_pad: true }), 'do_pad is true'],
  [withPictures({ rescale_factor: 1 }), 'rescale_factor is 1'],
  [withPictures({ size: { height: 448, width: 448 } }), 'size is {"height":448,"width":448}'],
  [withPictures({ size: { shortest_edge: 224 } }), 'size is {"shortest_edge":224}'],
  [withPictures({ image_processor_type: 'CLIPImageProcessor' }), 'image_processor_type is "CLIPImageProcessor"'],
  [withPictures({ do_sharpen: true }), 'do_sharpen is true, and this program does not know that key'],
  [
    { 'config.json': minimal, 'processor_config.json': { image_processor: { do_normalize: false } } },
    'image_processor.do_normalize is false',
  ],
  [withGeneration({ num_beams: 4 }), 'num_beams is 4'],
  [withGeneration({ repetition_penalty: 1.2 }), 'repetition_penalty is 1.2'],
  [withGeneration({ no_repeat_ngram_size: 3 }), 'no_repeat_ngram_size is 3'],
  [withGeneration({ suppress_tokens: [5] }), 'suppress_tokens is [5]'],
  [withGeneration({ min_new_tokens: 10 }), 'min_new_tokens is 10'],
  [withGeneration({ token_healing: true }), 'token_healing is true'],
  [withGeneration({ new_penalty: 2 }), 'new_penalty is 2, and this program does not know that key'],
];

for (const [files, key] of refusedKeys) {
  test(`a key that changes the mathematics is refused by name: ${key}`, async () => {
    const failure = await failureOf(readConfig(folderWith(key.replaceAll(/\W+/g, '-'), files)));
    assert.equal(failure.reason, 'modelUnsupported', failure.message);
    assert.ok(failure.message.includes(key), failure.message);
  });
}

test('keys that say what is done anyway, or nothing of the mathematics, are no hindrance', async () => {
  const config = await readConfig(folderWith('harmless', {
    'config.json': {
      ...minimal,
      architectures: ['PaliGemmaForConditionalGeneration'],
      auto_map: { AutoModel: 'x' },
      _name_of_a_trainer: 'x',
      num_hidden_layers: 7,
      projection_dim: 7,
      ignore_index: -100,
      quantization_config: { quant_method: 'bitsandbytes' },
      text_config: {
        model_type: 'gemma2',
        attention_bias: false,
        attention_dropout: 0.1,
        hidden_act: 'gelu',
        hidden_activation: null,
        rope_scaling: null,
        rope_parameters: { rope_theta: 10000, rope_type: 'default' },
        use_bidirectional_attention: true,
        _attn_implementation_autoset: true,
        num_experts: null,
        some_switch: false,
        repetition_penalty: 1.3,
      },
      vision_config: { vision_use_head: true, num_image_tokens: 1, initializer_factor: 1 },
    },
    'preprocessor_config.json': {
      image_mean: 0.5,
      image_std: [0.5, 0.5, 0.5],
      rescale_factor: 1 / 255,
      resample: 3,
      size: 224,
      do_convert_rgb: null,
      image_seq_length: 7,
      crop_size: { height: 10, width: 10 },
      do_center_crop: null,
      image_processor_type: 'SiglipImageProcessorFast',
    },
    'generation_config.json': {
      do_sample: true,
      temperature: 0.6,
      top_k: 64,
      max_new_tokens: 5,
      num_beams: 1,
      length_penalty: 0.5,
      use_cache: true,
      new_key: null,
    },
  }));
  assert.equal(config.text.ropeTheta, 10000);
});

test('a nested image processor wins over the older file, as in transformers', async () => {
  await readConfig(folderWith('nested', {
    'config.json': minimal,
    'processor_config.json': { image_processor: { image_mean: 0.5 } },
    'preprocessor_config.json': { image_mean: 0.1 },
  }));
  await assert.rejects(readConfig(folderWith('not-nested', {
    'config.json': minimal,
    'processor_config.json': { processor_class: 'PaliGemmaProcessor' },
    'preprocessor_config.json': { image_mean: 0.1 },
  })));
});

for (const [name, { files, reason, says }] of Object.entries(failures)) {
  test(`refused: ${name}`, async () => {
    const failure = await failureOf(readConfig(folderWith(name.replaceAll(' ', '-'), files)));
    assert.equal(failure.reason, reason);
    assert.match(failure.message, says);
  });
}
