import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recommendedFirst, recommendedModel } from '../../../../client/src/models/recommended';
import type { ModelInfo } from '../../../../server/src/contract/protocol';

function model(id: string, fits: readonly ('int4' | 'int8')[], more: Partial<ModelInfo> = {}): ModelInfo {
  return {
    id,
    kind: 'mix',
    isInstalled: false,
    converted: [],
    memoryBytes: { int4: 1, int8: 2, f16: 3, f32: 4 },
    fits,
    ...more,
  };
}
const [large, small, other] = [
  model('google/paligemma2-3b-mix-448', ['int4']),
  model('google/paligemma2-3b-mix-224', ['int4', 'int8']),
  model('google/paligemma2-3b-pt-224', ['int4']),
];

test('one model is recommended: that with more pixels where it fits, else the smaller one, else none', () => {
  assert.equal(recommendedModel([other, small, large], 'int4')?.id, large.id);
  assert.equal(recommendedModel([other, small, large], 'int8')?.id, small.id);
  assert.equal(recommendedModel([other, small, large], 'f32'), undefined);
  assert.equal(recommendedModel([other], 'int4'), undefined);
});

test('nothing is recommended to who has such a model, nor one that cannot be used', () => {
  assert.equal(recommendedModel([{ ...small, isInstalled: true }, large], 'int4'), undefined);
  assert.equal(recommendedModel([small, { ...large, problem: 'It is none.' }], 'int4')?.id, small.id);
});

test('the recommended model stands first, the others as they were', () => {
  assert.deepEqual(recommendedFirst([other, small, large], large).map(({ id }) => id), [large.id, other.id, small.id]);
  assert.deepEqual(recommendedFirst([other, small], undefined), [other, small]);
});
