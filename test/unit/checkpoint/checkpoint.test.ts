import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openCheckpoint } from '../../../model-host/src/checkpoint/checkpoint';
import { goldenFolder } from '../../support/golden';
import { failureOf, temporaryFolder } from '../../support/temporary';
import {
  copyCheckpoint,
  editJson,
  editSafetensorsHeader,
  readTensors,
  writeSafetensors,
  writeTensors,
  type NewTensor,
} from '../../support/tinyCheckpoint';

const root = temporaryFolder('checkpoint');
const stored = readTensors(path.join(goldenFolder, 'models/gqa-224/model.safetensors'));
const PATCH = 'vision_tower.vision_model.embeddings.patch_embedding.weight';
const EMBEDDING = 'language_model.model.embed_tokens.weight';
const Q = 'language_model.model.layers.0.self_attn.q_proj.weight';

let count = 0;
/** A good checkpoint whose tensors were changed. */
function made(
  edit: (tensors: NewTensor[]) => readonly NewTensor[] = tensors => tensors,
  metadata?: Record<string, string>,
): string {
  const folder = copyCheckpoint('gqa-224', path.join(root, String(count++)));
  writeTensors(path.join(folder, 'model.safetensors'), edit([...stored]), metadata);
  return folder;
}

const tensor = (name: string, shape: readonly number[]): NewTensor => ({
  name,
  shape,
  values: new Float32Array(shape.reduce((product, side) => product * side, 1)),
});
const renamed = (rename: (name: string) => string) => (tensors: NewTensor[]) =>
  tensors.map(each => ({ ...each, name: rename(each.name) }));

/** The row of a tensor that tells two sets of weights apart. */
const fileOf = (checkpoint: Awaited<ReturnType<typeof openCheckpoint>>) =>
  path.basename(checkpoint.tensor('language.norm.weight', [64]).file);

test('an index that names the wrong shard for a tensor is no hindrance, as in transformers', async () => {
  const folder = made();
  rmSync(path.join(folder, 'model.safetensors'));
  const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
  const half = Math.floor(stored.length / 2);
  writeTensors(path.join(folder, shards[0]), stored.slice(0, half));
  writeTensors(path.join(folder, shards[1]), stored.slice(half));
  const weightMap = Object.fromEntries(stored.map(({ name }, at) => [name, shards[at < half ? 1 : 0]]));
  writeFileSync(path.join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));
  assert.equal((await openCheckpoint(folder)).vocabularySize, 2368);
});

test('a single file wins over an index that an earlier save left, as in transformers', async () => {
  const folder = made();
  const shard = 'model-00001-of-00001.safetensors';
  writeTensors(path.join(folder, shard), stored);
  writeFileSync(
    path.join(folder, 'model.safetensors.index.json'),
    JSON.stringify({ weight_map: Object.fromEntries(stored.map(({ name }) => [name, shard])) }),
  );
  assert.equal(fileOf(await openCheckpoint(folder)), 'model.safetensors');
  rmSync(path.join(folder, 'model.safetensors'));
  assert.equal(fileOf(await openCheckpoint(folder)), shard);
  rmSync(path.join(folder, 'model.safetensors.index.json'));
  assert.equal(fileOf(await openCheckpoint(folder)), shard, 'the only shard needs no index');
  renameSync(path.join(folder, shard), path.join(folder, 'weights.safetensors'));
  assert.match((await failureOf(openCheckpoint(folder))).message, /weights\.safetensors.*rename it/);
  editJson(folder, 'config.json', config => {
    config['transformers_weights'] = 'weights.safetensors';
  });
  assert.equal(fileOf(await openCheckpoint(folder)), 'weights.safetensors');
});

test('a name of weights that leads out of the folder is refused, in the config as in an index', async () => {
  const folder = made();
  editJson(folder, 'config.json', config => {
    config['transformers_weights'] = '../outside.safetensors';
  });
  assert.match((await failureOf(openCheckpoint(folder))).message, /not a plain file name/);
});

test('of a tensor that two shards hold, the one counts that the index names', async () => {
  const folder = made();
  rmSync(path.join(folder, 'model.safetensors'));
  writeTensors(path.join(folder, 'a.safetensors'), stored);
  writeTensors(path.join(folder, 'b.safetensors'), stored.filter(({ name }) => name.endsWith('model.norm.weight')));
  writeFileSync(
    path.join(folder, 'model.safetensors.index.json'),
    JSON.stringify({
      weight_map: Object.fromEntries(
        stored.map(({ name }) => [name, `${name.endsWith('model.norm.weight') ? 'b' : 'a'}.safetensors`]),
      ),
    }),
  );
  assert.equal(fileOf(await openCheckpoint(folder)), 'b.safetensors');
});

const shells: Record<string, (name: string) => string> = {
  'torch.compile': name => `_orig_mod.${name}`,
  'torch.compile of one part': name => name.replace('layers.', 'layers._orig_mod.'),
  'DataParallel': name => `module.${name}`,
  'DataParallel of torch.compile': name => `module._orig_mod.${name}`,
  'PEFT': name => `base_model.model.${name}`,
  'FSDP and checkpointing': name =>
    `_fsdp_wrapped_module.${name.replace('self_attn', '_checkpoint_wrapped_module.self_attn')}`,
  'DeepSpeed': name => `_forward_module.${name}`,
  'a module of Lightning': name => `model.${name}`,
  'transformers 5, wrapped': name => `module.model.${name.replace('language_model.model.', 'language_model.')}`,
};

for (const [trainer, shell] of Object.entries(shells)) {
  test(`names with the shell of ${trainer} are understood`, async () => {
    assert.equal((await openCheckpoint(made(renamed(shell)))).vocabularySize, 2368);
  });
}

/** Codes in words of 32 bits with a byte for a scale. */
function withScales(quantization: Record<string, unknown>): string {
  const folder = made(tensors => [...tensors, tensor(Q.replace('weight', 'scales'), [256, 1])]);
  editSafetensorsHeader(path.join(folder, 'model.safetensors'), header => {
    header[Q]!.dtype = 'U32';
    header[Q.replace('weight', 'scales')]!.dtype = 'U8';
    header[Q.replace('weight', 'scales')]!.shape = [256, 4];
  });
  if (Object.keys(quantization).length > 0) {
    editJson(folder, 'config.json', config => {
      config['quantization'] = quantization;
    });
  }
  return folder;
}

const refused: Record<string, { readonly make: () => string; readonly reason: string; readonly says: RegExp }> = {
  'names of another library': {
    make: () => made(renamed(name => `model.paligemma_with_expert.paligemma.${name}`)),
    reason: 'tensorMissing',
    says: /"model\.paligemma_with_expert.*not those of PaliGemma 2/,
  },
  'one tensor under two names': {
    make: () => made(tensors => [...tensors, { ...tensors.find(({ name }) => name === Q)!, name: `module.${Q}` }]),
    reason: 'tensorMismatch',
    says: /one tensor twice/,
  },
  'a layer more than the config says': {
    make: () => made(tensors => [...tensors, tensor('language_model.model.layers.4.input_layernorm.weight', [64])]),
    reason: 'tensorMismatch',
    says: /layers\.4\.input_layernorm\.weight", which a PaliGemma 2 of its config\.json does not have/,
  },
  'a bias that the config does not know': {
    make: () => made(tensors => [...tensors, tensor(Q.replace('weight', 'bias'), [256])]),
    reason: 'tensorMismatch',
    says: /q_proj\.bias/,
  },
  'an adapter that was not merged': {
    make: () => made(tensors => [...tensors, tensor(Q.replace('weight', 'lora_A.default.weight'), [4, 64])]),
    reason: 'tensorMismatch',
    says: /was not merged.*merge_and_unload/,
  },
  'an adapter whose shell renames the weights': {
    make: () => made(renamed(name => name.replace('q_proj.weight', 'q_proj.base_layer.weight'))),
    reason: 'tensorMismatch',
    says: /was not merged.*merge_and_unload/,
  },
  'an embedding that was trained as a whole': {
    make: () => made(renamed(name => name.replace('embed_tokens.', 'embed_tokens.modules_to_save.default.'))),
    reason: 'tensorMismatch',
    says: /was not merged.*merge_and_unload/,
  },
  'more rows of the embedding than the config says': {
    make: () => {
      const folder = made();
      editJson(folder, 'config.json', config => {
        (config['text_config'] as Record<string, unknown>)['vocab_size'] = 2304;
      });
      return folder;
    },
    reason: 'tensorMismatch',
    says: /embed_tokens\.weight” .* has the shape \[2368, 64\]; config\.json asks for \[2304, 64\]/,
  },
  'a head of another size': {
    make: () => made(tensors => [...tensors, tensor('lm_head.weight', [2304, 64])]),
    reason: 'tensorMismatch',
    says: /lm_head\.weight” .* \[2304, 64\]; config\.json asks for \[2368, 64\]/,
  },
  'a vector of another length, before anything is converted': {
    make: () =>
      made(tensors =>
        tensors.map(each =>
          each.name.endsWith('layers.3.post_feedforward_layernorm.weight') ? tensor(each.name, [32]) : each
        )
      ),
    reason: 'tensorMismatch',
    says: /layers\.3\.post_feedforward_layernorm\.weight” .* \[32\]; config\.json asks for \[64\]/,
  },
  'no head where the config unties it': {
    make: () => {
      const folder = made();
      editJson(folder, 'config.json', config => {
        config['tie_word_embeddings'] = false;
      });
      return folder;
    },
    reason: 'tensorMissing',
    says: /tie_word_embeddings: false.*no lm_head\.weight.*set it to true/,
  },
  'weights of GPTQ, whatever the config says': {
    make: () => made(tensors => [...tensors, tensor(Q.replace('weight', 'qweight'), [8, 64])]),
    reason: 'modelUnsupported',
    says: /quantized by AWQ, which is not read/,
  },
  'the tiny floats of MLX, by their scales': {
    make: () => withScales({}),
    reason: 'modelUnsupported',
    says: /quantized by MLX \(mxfp4, mxfp8, nvfp4\), which is not read/,
  },
  'the tiny floats of MLX, by the config': {
    make: () => withScales({ mode: 'nvfp4', bits: 4, group_size: 16 }),
    reason: 'modelUnsupported',
    says: /quantized by MLX nvfp4 \(4 bit\), which is not read/,
  },
  'doubles': {
    make: () => {
      const folder = made();
      editSafetensorsHeader(path.join(folder, 'model.safetensors'), header => {
        const entry = header[Q]!;
        header[Q] = { ...entry, dtype: 'F64', shape: [128, 64] };
      });
      return folder;
    },
    reason: 'modelUnsupported',
    says: /q_proj\.weight" is stored as "F64"/,
  },
  'a pointer of Git LFS': {
    make: () => {
      const folder = made();
      writeFileSync(
        path.join(folder, 'model.safetensors'),
        'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 4990000000\n',
      );
      return folder;
    },
    reason: 'weightsMissing',
    says: /Git LFS pointer.*git lfs pull/,
  },
  'a file without tensors': {
    make: () => {
      const folder = made();
      writeSafetensors(path.join(folder, 'model.safetensors'), '{}', 0);
      return folder;
    },
    reason: 'tensorMissing',
    says: /hold no tensors/,
  },
  'a folder with a pickle alone': {
    make: () => {
      const folder = made();
      renameSync(path.join(folder, 'model.safetensors'), path.join(folder, 'pytorch_model.bin'));
      return folder;
    },
    reason: 'modelUnsupported',
    says: /PyTorch pickles/,
  },
};

for (const [name, { make, reason, says }] of Object.entries(refused)) {
  test(`refused by name: ${name}`, async () => {
    const failure = await failureOf(openCheckpoint(make()));
    assert.equal(failure.reason, reason, failure.message);
    assert.match(failure.message, says);
  });
}

test('buffers and the pooling head, which no run reads, do no harm', async () => {
  const folder = made(tensors => [
    ...tensors,
    tensor('vision_tower.vision_model.head.probe', [1, 1, 48]),
    tensor('language_model.model.layers.0.self_attn.rotary_emb.inv_freq', [16]),
  ]);
  const file = path.join(folder, 'model.safetensors');
  const { length } = readFileSync(file);
  editSafetensorsHeader(file, header => {
    const end = Math.max(...Object.values(header).flatMap(entry => entry.data_offsets ?? []));
    header['vision_tower.vision_model.embeddings.position_ids'] = {
      dtype: 'I64',
      shape: [0],
      data_offsets: [end, end],
    };
  });
  assert.ok(readFileSync(file).length > length);
  assert.equal((await openCheckpoint(folder)).hasHead, false);
});

const inMlxOrder = (tensors: NewTensor[]) =>
  tensors.map(each => each.name === PATCH ? { ...each, shape: [48, 14, 14, 3] } : each);
for (
  const [sign, edit, metadata] of [
    ['order', inMlxOrder, undefined],
    ['mark', undefined, { format: 'mlx' }],
  ] as const
) {
  test(`MLX is known by its ${sign}, and its patches have the order of the config`, async () => {
    const checkpoint = await openCheckpoint(made(edit, metadata));
    assert.deepEqual(checkpoint.form, { kind: 'mlx', bits: [], groupSizes: [] });
    assert.deepEqual(
      checkpoint.tensor('vision.embeddings.patch_embedding.weight', [48, 3, 14, 14]).shape,
      [48, 3, 14, 14],
    );
  });
}

test('a merged checkpoint that kept the config of its quantised base is read', async () => {
  const folder = made();
  editJson(folder, 'config.json', config => {
    config['quantization_config'] = { quant_method: 'bitsandbytes', load_in_4bit: true };
  });
  assert.equal((await openCheckpoint(folder)).vocabularySize, 2368);
});

test('tied weights under either name are one tensor', async () => {
  const folder = made(tensors =>
    tensors.map(each => each.name === EMBEDDING ? { ...each, name: 'lm_head.weight' } : each)
  );
  const checkpoint = await openCheckpoint(folder);
  const shape = [2368, 64];
  assert.equal(checkpoint.tensor('lm_head.weight', shape), checkpoint.tensor('language.embed_tokens.weight', shape));
  assert.equal(checkpoint.hasHead, false);
  assert.equal(checkpoint.bytes, stored.reduce((sum, { values }) => sum + values.byteLength, 0));
});

test('a folder in the place of a file of weights is not opened', async () => {
  const folder = made();
  rmSync(path.join(folder, 'model.safetensors'));
  mkdirSync(path.join(folder, 'model.safetensors'));
  assert.equal((await failureOf(openCheckpoint(folder))).reason, 'weightsMissing');
});
