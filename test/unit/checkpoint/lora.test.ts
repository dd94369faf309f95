import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Checkpoint } from '../../../model-host/src/checkpoint/checkpoint';
import { openAdapter, patternValue } from '../../../model-host/src/checkpoint/lora';
import { failureOf, temporaryFolder } from '../../support/temporary';

const root = temporaryFolder('lora');
const checkpoint = { folder: 'base' } as Checkpoint;
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
  (await openAdapter(folder, checkpoint)).merge(canonicalName, 0, values, 2);
  assert.ok(values.every(value => value === values[0]));
  return values[0] ?? NaN;
}

const q = 'language.layers.3.self_attn.q_proj.weight';
const v = 'language.layers.3.self_attn.v_proj.weight';
const vModule = module_.replace('q_proj', 'v_proj');

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
  assert.match((await failureOf(openAdapter(wrong, checkpoint))).message, /rank 4, adapter_config\.json says 3/);
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
