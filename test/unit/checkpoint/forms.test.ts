// Weights of MLX and bitsandbytes: what is made of them equals what these libraries make of them, to the last bit.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { joinForms, type Formed } from '../../../model-host/src/checkpoint/forms';
import { widenToFloat32 } from '../../../model-host/src/checkpoint/floats';
import { readSafetensorsHeader, TensorReader, type ModelTensor } from '../../../model-host/src/checkpoint/safetensors';
import { formText } from '../../../paligemma/src/weightForms';
import { failureOf, temporaryFolder } from '../../support/temporary';
import {
  floats,
  int8Parts,
  mlxParts,
  nf4Parts,
  plain,
  writeTensorFile,
  type FormTensor,
  type Weights,
} from '../../support/otherForms';

const fixtures = path.resolve('test/fixtures/forms');
const root = temporaryFolder('forms');

async function joined(file: string, columns: (name: string) => number, config?: Record<string, unknown>) {
  const header = await readSafetensorsHeader(file);
  const stored = [...header.tensors, ...header.codes].filter(({ name }) => !name.endsWith('.expected'));
  const gathered = {
    stored: new Map(stored.map(each => [each.name, each])),
    writer: header.format,
    config,
  };
  return { header, formed: await joinForms(gathered, name => [1, columns(name)]) };
}

async function values(tensor: ModelTensor, step = tensor.shape[0] ?? 1): Promise<Float32Array> {
  const reader = new TensorReader();
  const parts: number[] = [];
  try {
    const [rows = 0] = tensor.shape;
    for (let start = 0; start < rows; start += step) {
      parts.push(...await reader.rows(tensor, start, Math.min(step, rows - start)));
    }
  } finally {
    await reader.close();
  }
  return Float32Array.from(parts);
}

async function expectedOf(file: string): Promise<ReadonlyMap<string, Float32Array>> {
  const { tensors } = await readSafetensorsHeader(file);
  const reader = new TensorReader();
  try {
    const expected = new Map<string, Float32Array>();
    for (const tensor of tensors.filter(({ name }) => name.endsWith('.expected'))) {
      expected.set(
        tensor.name.replace(/(\.weight)?\.expected$/, '.weight'),
        widenToFloat32(await reader.rowBytes(tensor, 0, tensor.shape[0] ?? 0), tensor.type),
      );
    }
    return expected;
  } finally {
    await reader.close();
  }
}

const libraries: readonly (readonly [name: string, file: string, columns: number, count: number])[] = [
  ['mlx 0.32, every number of bits, every group and every type of scales', 'mlx.safetensors', 256, 30],
  ['bitsandbytes 0.50 in 4 bits, blocks across rows, scales quantised again', 'bitsandbytes-4bit.safetensors', 0, 22],
  ['bitsandbytes 0.50 in 8 bits', 'bitsandbytes-8bit.safetensors', 96, 1],
];
for (const [name, file, columns, count] of libraries) {
  test(`values are those of ${name}, read as a whole or row by row`, async () => {
    const place = path.join(fixtures, file);
    const expected = await expectedOf(place);
    const { formed } = await joined(place, () => columns);
    assert.equal(expected.size, count);
    assert.deepEqual([...formed.tensors.keys()].sort(), [...expected.keys()].sort());
    for (const [tensor, wanted] of expected) {
      assert.deepEqual(await values(formed.tensors.get(tensor)!), wanted, tensor);
      assert.deepEqual(await values(formed.tensors.get(tensor)!, 1), wanted, `${tensor} row by row`);
      assert.deepEqual(await values(formed.tensors.get(tensor)!, 2), wanted, `${tensor} two rows at a time`);
    }
  });
}

const matrix: Weights = {
  name: 'language.layers.0.mlp.up_proj.weight',
  shape: [6, 128],
  values: Float32Array.from({ length: 768 }, (_, i) => Math.fround(Math.sin(i) / 8)),
};
const other: Weights = { ...matrix, name: 'language.layers.1.mlp.up_proj.weight' };
const up = 'language.layers.0.mlp.up_proj';

let count = 0;
async function join(tensors: readonly FormTensor[], config?: Record<string, unknown>): Promise<Formed> {
  const file = `${count++}.safetensors`;
  writeTensorFile(root, tensors, 'pt', file);
  return (await joined(path.join(root, file), () => 128, config)).formed;
}

describe('what an independent writer quantised is read as it was meant', () => {
  for (const bits of [2, 3, 4, 5, 6, 8]) {
    test(`MLX in ${bits} bits, with scales of bfloat16`, async () => {
      const { parts, meant } = mlxParts(matrix, bits, 32, 'BF16');
      const { tensors, form } = await join(parts);
      assert.deepEqual(await values(tensors.get(matrix.name)!), meant);
      assert.deepEqual(form, { kind: 'mlx', bits: [bits], groupSizes: [32] });
    });
  }

  for (const isDouble of [false, true]) {
    test(`NF4 ${isDouble ? 'with scales that are quantised again' : 'with plain scales'}`, async () => {
      const { parts, meant } = nf4Parts(matrix, isDouble, 'BF16');
      const { tensors, form } = await join(parts);
      assert.deepEqual(await values(tensors.get(matrix.name)!), meant);
      assert.deepEqual(form, { kind: 'bitsandbytes', types: ['nf4'] });
    });
  }

  test('bytes of NF4 that are called bfloat16, as trainers with FSDP store them', async () => {
    const { parts: [weight, ...rest], meant } = nf4Parts(matrix, false);
    const renamed = { ...weight!, dtype: 'BF16', shape: [weight!.bytes.length / 2, 1] };
    assert.deepEqual(await values((await join([renamed, ...rest])).tensors.get(matrix.name)!), meant);
  });

  test('int8', async () => {
    const { parts, meant } = int8Parts(matrix);
    const { tensors, form } = await join(parts);
    const found = await values(tensors.get(matrix.name)!);
    // 1 / 127 has other last digits in bitsandbytes than it has in truth.
    assert.ok(found.every((value, i) => Math.abs(value - meant[i]!) <= 1e-7 * Math.abs(meant[i]!)));
    assert.deepEqual(form, { kind: 'bitsandbytes', types: ['int8'] });
  });

  test('each module with bits and groups of its own, as config.json says them', async () => {
    const config = { quantization: { group_size: 64, bits: 4, mode: 'affine', [up]: { group_size: 32, bits: 8 } } };
    const { form } = await join([...mlxParts(matrix, 8, 32).parts, ...mlxParts(other, 4, 64).parts], config);
    assert.deepEqual(form, { kind: 'mlx', bits: [4, 8], groupSizes: [32, 64] });
    assert.equal(formText(form), 'MLX, 4, 8 bits in groups of 32, 64; widened to float32 on reading');
  });
});

const without = (parts: readonly FormTensor[], end: string) => parts.filter(({ name }) => !name.endsWith(end));
const changed = (parts: readonly FormTensor[], end: string, change: (part: FormTensor) => FormTensor) =>
  parts.map(part => part.name.endsWith(end) ? change(part) : part);
const nans = (part: FormTensor): FormTensor => ({
  ...part,
  bytes: floats(new Float32Array(part.bytes.length / 4).fill(NaN), 'F32'),
});
const short = (part: FormTensor): FormTensor => ({
  ...part,
  shape: [part.shape[0]!, part.shape[1]! - 1],
  bytes: part.bytes.subarray(0, part.bytes.length - (part.bytes.length / part.shape[1]!)),
});
const state = (json: string): FormTensor => {
  const bytes = Buffer.from(json);
  return { name: `${up}.weight.quant_state.bitsandbytes__nf4`, dtype: 'U8', shape: [bytes.length], bytes };
};
const mlx4 = mlxParts(matrix, 4, 64).parts;
const nf4 = nf4Parts(matrix, false).parts;
const double = nf4Parts(matrix, true).parts;
const int8 = int8Parts(matrix).parts;

const refused: Record<string, {
  readonly parts: readonly FormTensor[];
  readonly says: RegExp;
  readonly config?: Record<string, unknown>;
}> = {
  'MLX without scales': { parts: without(mlx4, '.scales'), says: /no scales for .*up_proj\.weight/ },
  'MLX without biases': { parts: without(mlx4, '.biases'), says: /no biases for .*up_proj\.weight/ },
  'scales of MLX that are too few': {
    parts: changed(mlx4, '.scales', short),
    says: /shapes of .*up_proj\.weight.* do not fit each other/,
  },
  'a group size that MLX does not have': {
    parts: [
      mlx4[0]!,
      ...mlx4.slice(1).map(part => ({ ...part, shape: [6, 1], bytes: part.bytes.subarray(0, 24) })).map(
        part => ({ ...part, shape: [6, 8], bytes: Buffer.alloc(6 * 8 * 4) }),
      ),
    ],
    says: /8 scales a row, which is no quantization of MLX/,
  },
  'codes of a number of bits that MLX does not have': {
    parts: changed(mlx4, '.weight', part => ({ ...part, shape: [6, 28], bytes: Buffer.alloc(6 * 28 * 4) })),
    says: /28 words .* no quantization of MLX/,
  },
  'other groups than config.json says': {
    parts: mlx4,
    config: { quantization: { group_size: 32, bits: 4 } },
    says: /4 bits in groups of 64, but config\.json says 4 bits in groups of 32/,
  },
  'scales of MLX that are no numbers': {
    parts: changed(mlx4, '.scales', nans),
    says: /up_proj\.scales.* no finite number/,
  },
  'NF4 without its state': { parts: without(nf4, '__nf4'), says: /up_proj\.weight.* whole numbers \(U8\)/ },
  'NF4 without scales': { parts: without(nf4, '.absmax'), says: /no absmax for .*up_proj\.weight/ },
  'NF4 without its table': { parts: without(nf4, '.quant_map'), says: /no quant_map for/ },
  'NF4 without the scales of its scales': {
    parts: without(double, '.nested_absmax'),
    says: /no nested_absmax for/,
  },
  'NF4 with too few scales': {
    parts: changed(nf4, '.absmax', part => ({ ...part, shape: [3], bytes: part.bytes.subarray(0, 12) })),
    says: /absmax.* has 3 values where its matrix needs 12/,
  },
  'NF4 whose scales are no numbers': { parts: changed(nf4, '.absmax', nans), says: /absmax.* no finite number/ },
  'NF4 with a table that is no numbers': { parts: changed(nf4, '.quant_map', nans), says: /quant_map.* no finite/ },
  'a state that is no JSON': { parts: [...without(nf4, '__nf4'), state('{"quant')], says: /nf4.* no JSON object/ },
  'a state without a shape': {
    parts: [...without(nf4, '__nf4'), state('{"blocksize": 64, "dtype": "float32"}')],
    says: /does not say shape, type and block size/,
  },
  'a block size of zero': {
    parts: [...without(nf4, '__nf4'), state('{"blocksize": 0, "dtype": "float32", "shape": [6, 128]}')],
    says: /does not say shape, type and block size/,
  },
  'a shape that its bytes do not have': {
    parts: [...without(nf4, '__nf4'), state('{"blocksize": 64, "dtype": "float32", "shape": [60000, 128]}')],
    says: /up_proj\.weight.* values where its matrix needs 3840000/,
  },
  'int8 without scales': { parts: without(int8, '.SCB'), says: /no SCB for .*up_proj\.weight/ },
  'int8 with scales of other rows': {
    parts: changed(int8, '.SCB', part => ({ ...part, shape: [5], bytes: part.bytes.subarray(0, 20) })),
    says: /row scales .* do not fit each other/,
  },
  'int8 whose scales are no numbers': { parts: changed(int8, '.SCB', nans), says: /SCB.* no finite number/ },
  'MLX and bitsandbytes in one folder': {
    parts: [...mlx4, ...nf4Parts(other, false).parts],
    says: /files of two models lie in one folder/,
  },
  'whole numbers that nothing explains': {
    parts: [{ ...plain(matrix), dtype: 'U8', shape: [6, 512] }],
    says: /whole numbers \(U8\)/,
  },
};

for (const [name, { parts, says, config }] of Object.entries(refused)) {
  test(`a sentence names what is wrong: ${name}`, async () => {
    const failure = await failureOf(
      join(parts, config).then(async ({ tensors }) => {
        for (const tensor of tensors.values()) await values(tensor);
      }),
    );
    assert.match(failure.message, says);
  });
}
