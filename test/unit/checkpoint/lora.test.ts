import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Checkpoint } from '../../../model-host/src/checkpoint/checkpoint';
import { openAdapter, patternValue } from '../../../model-host/src/checkpoint/lora';
import { failureOf, temporaryFolder } from '../../support/temporary';

const root = temporaryFolder('lora');
const base = { folder: 'base' } as const;
const module_ = 'language_model.model.layers.3.self_attn.q_proj';

/** An adapter whose product B · A is a matrix of `rank`s: all entries of A and B are 1. */
function adapter(name: string, config: Record<string, unknown>, modules: Readonly<Record<string, number>>): string {
  const folder = path.join(root, name);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'adapter_config.json'), JSON.stringify({ peft_type: 'LORA', ...config }));
  const header: Record<string, unknown> = {};
  let values = 0;
  for (const [module, rank] of Object.entries(modules)) {
    for (const [part, shape] of [['A', [rank, 2]], ['B', [2, rank]]] as const) {
      header[`base_model.model.${module}.lora_${part}.weight`] = {
        dtype: 'F32',
        shape,
        data_offsets: [values * 4, (values + 2 * rank) * 4],
      };
      values += 2 * rank;
    }
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(
    path.join(folder, 'adapter_model.safetensors'),
    Buffer.concat([length, text, Buffer.from(new Float32Array(values).fill(1).buffer)]),
  );
  return folder;
}

/** What the adapter adds to a weight. */
async function addition(folder: string, canonicalName: string): Promise<number> {
  const values = new Float32Array(4);
  (await openAdapter(folder, checkpoint)).merge(canonicalName, 0, values);
  assert.ok(values.every(value => value === values[0]));
  return values[0] ?? NaN;
}

const q = 'language.layers.3.self_attn.q_proj.weight';
const v = 'language.layers.3.self_attn.v_proj.weight';
const vModule = module_.replace('q_proj', 'v_proj');
const checkpoint = { ...base, shapes: new Map([[q, [2, 2]], [v, [2, 2]]]) } as unknown as Checkpoint;

test('the scale is alpha / r, with rsLoRA alpha / √r', async () => {
  assert.equal(await addition(adapter('plain', { r: 4, lora_alpha: 8 }, { [module_]: 4 }), q), (8 / 4) * 4);
  assert.equal(
    await addition(adapter('rslora', { r: 4, lora_alpha: 8, use_rslora: true }, { [module_]: 4 }), q),
    (8 / 2) * 4,
  );
});

test('patterns give single modules a rank and an alpha of their own', async () => {
  const folder = adapter('patterns', {
    r: 4,
    lora_alpha: 8,
    rank_pattern: { q_proj: 2 },
    alpha_pattern: { 'layers.3.self_attn.q_proj': 6 },
  }, { [module_]: 2, [vModule]: 4 });
  assert.equal(await addition(folder, q), (6 / 2) * 2);
  assert.equal(await addition(folder, v), (8 / 4) * 4);
});

test('a pattern is a regular expression for the module’s original name, its end or the whole', () => {
  const match = (key: string) => patternValue('', { [key]: 7 }, module_);
  for (
    const key of [
      'q_proj',
      'self_attn.q_proj',
      module_,
      '.*q_proj',
      'layers\\.\\d+\\.self_attn\\.(q|k)_proj',
      `^${module_}`,
      'language_model.*',
    ]
  ) {
    assert.equal(match(key), 7, key);
  }
  for (const key of ['proj', 'v_proj', 'layers.3', 'language.layers.3.self_attn.q_proj', 'layers\\.4\\..*']) {
    assert.equal(match(key), undefined, key);
  }
});

test('the first key that matches counts', () => {
  assert.equal(patternValue('', { '.*_proj': 1, q_proj: 2 }, module_), 1);
});

test('a pattern that backtracks without end is refused', async () => {
  const { reason, message } = await failureOf(
    Promise.resolve().then(() => patternValue('', { '(?:[a-z_.0-9]+)+!': 3 }, module_)),
  );
  assert.equal(reason, 'adapterInvalid');
  assert.match(message, /takes too long/);
});

test('a rank that the config does not say, and a broken pattern, are refused', async () => {
  const wrong = adapter('wrong-rank', { r: 4, lora_alpha: 8, rank_pattern: { q_proj: 3 } }, { [module_]: 4 });
  assert.match((await failureOf(openAdapter(wrong, checkpoint))).message, /rank 4, but adapter_config\.json says 3/);
  const broken = adapter('broken', { r: 4, lora_alpha: 8, alpha_pattern: { '(': 3 } }, { [module_]: 4 });
  const failure = await failureOf(openAdapter(broken, checkpoint));
  assert.equal(failure.reason, 'adapterInvalid');
  assert.match(failure.message, /regular expression/);
  const zero = adapter('zero', { r: 4, lora_alpha: 8, alpha_pattern: { q_proj: 0 } }, { [module_]: 4 });
  assert.match((await failureOf(openAdapter(zero, checkpoint))).message, /positive number/);
});

test('a pattern that would take years is given up', { timeout: 10_000 }, () => {
  assert.throws(() => patternValue('', { '(x+)+y': 7 }, 'x'.repeat(64)), {
    reason: 'adapterInvalid',
    message: /takes too long/,
  });
});

/** Each asks for something else than W + s · B · A; the key as the sentence names it. */
const refusedKeys: readonly (readonly [config: Record<string, unknown>, key: string])[] = [
  [{ init_lora_weights: 'pissa' }, 'init_lora_weights is "pissa"'],
  [{ init_lora_weights: 'pissa_niter_16' }, 'init_lora_weights is "pissa_niter_16"'],
  [{ init_lora_weights: 'olora' }, 'init_lora_weights is "olora"'],
  [{ init_lora_weights: 'corda' }, 'init_lora_weights is "corda"'],
  [{ init_lora_weights: 'loftq' }, 'init_lora_weights is "loftq"'],
  [{ init_lora_weights: 'lora_ga' }, 'init_lora_weights is "lora_ga"'],
  [{ init_lora_weights: 'of next year' }, 'init_lora_weights is "of next year"'],
  [{ use_dora: true }, 'use_dora is true'],
  [{ use_rslora: 'true' }, 'use_rslora is "true"'],
  [{ fan_in_fan_out: true }, 'fan_in_fan_out is true'],
  [{ modules_to_save: ['lm_head'] }, 'modules_to_save is ["lm_head"]'],
  [{ bias: 'lora_only' }, 'bias is "lora_only"'],
  [{ lora_bias: true }, 'lora_bias is true'],
  [{ target_parameters: ['x'] }, 'target_parameters is ["x"]'],
  [{ trainable_token_indices: [1, 2] }, 'trainable_token_indices is [1,2]'],
  [{ layer_replication: [[0, 2]] }, 'layer_replication is [[0,2]]'],
  [{ alora_invocation_tokens: [1] }, 'alora_invocation_tokens is [1]'],
  [{ use_qalora: true }, 'use_qalora is true'],
  [{ use_bdlora: { nblocks: 2 } }, 'use_bdlora is {"nblocks":2}'],
  [{ monteclora_config: { num_samples: 8 } }, 'monteclora_config'],
  [{ kasa_config: { beta: 1 } }, 'kasa_config'],
  [{ arrow_config: { top_k: 3 } }, 'arrow_config'],
  [{ megatron_config: { a: 1 } }, 'megatron_config'],
  [{ ensure_weight_tying: true }, 'ensure_weight_tying is true'],
  [{ use_something_new: true }, 'use_something_new is true, and this program does not know that key'],
];

for (const [config, key] of refusedKeys) {
  test(`an adapter that is more than its two matrices is refused by name: ${key}`, async () => {
    const folder = adapter(key.replaceAll(/\W+/g, '-'), { r: 4, lora_alpha: 8, ...config }, { [module_]: 4 });
    const failure = await failureOf(openAdapter(folder, checkpoint));
    assert.equal(failure.reason, 'adapterInvalid');
    assert.ok(failure.message.includes(key), failure.message);
  });
}

test('keys that only say how it was made are no hindrance', async () => {
  const folder = adapter('harmless', {
    r: 4,
    lora_alpha: 8,
    base_model_name_or_path: 'google/paligemma2-3b-pt-224',
    bias: 'none',
    eva_config: { rho: 2 },
    init_lora_weights: 'eva',
    layers_to_transform: [3],
    lora_dropout: 0.1,
    modules_to_save: null,
    peft_version: '0.21.2',
    target_modules: '.*q_proj',
    use_dora: false,
    use_something_new: null,
    velora_config: { scale: 1 },
  }, { [module_]: 4 });
  assert.equal(await addition(folder, q), (8 / 4) * 4);
});

for (const shape of [[4, 2], [1, 2], [2, 3], [2]]) {
  test(`matrices that make [2, 2] are refused for a tensor of the shape [${shape.join(', ')}]`, async () => {
    const folder = adapter(`shape-${shape.join('-')}`, { r: 4, lora_alpha: 8 }, { [module_]: 4 });
    const other = { ...base, shapes: new Map([[q, shape]]) } as unknown as Checkpoint;
    const failure = await failureOf(openAdapter(folder, other));
    assert.equal(failure.reason, 'adapterInvalid');
    assert.ok(failure.message.includes(`make [2, 2], but the model has [${shape.join(', ')}]`), failure.message);
    assert.ok(failure.message.includes(q));
  });
}

test('an adapter of a module that the model lacks is refused, also behind the wrappers of a trainer', async () => {
  const other = adapter('other-layer', { r: 4, lora_alpha: 8 }, { [module_.replace('layers.3', 'layers.30')]: 4 });
  assert.match((await failureOf(openAdapter(other, checkpoint))).message, /layers\.30\..*trained on another model/);
  const wrapped = adapter('wrapped', { r: 4, lora_alpha: 8 }, { [`_orig_mod.${module_}`]: 4 });
  assert.equal(await addition(wrapped, q), (8 / 4) * 4);
});
