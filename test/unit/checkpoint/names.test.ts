import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalName } from '../../../model-host/src/checkpoint/names';

const generations: Record<string, readonly string[]> = {
  'language.layers.0.self_attn.q_proj.weight': [
    'language_model.model.layers.0.self_attn.q_proj.weight',
    'model.language_model.layers.0.self_attn.q_proj.weight',
    'language_model.layers.0.self_attn.q_proj.weight',
  ],
  'language.embed_tokens.weight': [
    'language_model.model.embed_tokens.weight',
    'model.language_model.embed_tokens.weight',
  ],
  'vision.post_layernorm.bias': [
    'vision_tower.vision_model.post_layernorm.bias',
    'model.vision_tower.vision_model.post_layernorm.bias',
    'model.vision_tower.post_layernorm.bias',
  ],
  'projector.weight': ['multi_modal_projector.linear.weight', 'model.multi_modal_projector.linear.weight'],
  'lm_head.weight': ['lm_head.weight', 'language_model.lm_head.weight'],
};

for (const [canonical, names] of Object.entries(generations)) {
  test(canonical, () => assert.deepEqual(names.map(canonicalName), names.map(() => canonical)));
}

test('what is not part of the model has no name', () => assert.equal(canonicalName('optimizer.state'), undefined));
