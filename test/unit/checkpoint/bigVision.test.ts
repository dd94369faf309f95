// Archives of big_vision: values where they belong, in little memory, and a sentence for what cannot be right.
import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { openBigVision } from '../../../model-host/src/checkpoint/bigVision';
import { openCheckpoint } from '../../../model-host/src/checkpoint/checkpoint';
import { TensorReader } from '../../../model-host/src/checkpoint/safetensors';
import { goldenFolder } from '../../support/golden';
import {
  bigVisionArrays,
  npy,
  npzBytes,
  weightsOf,
  writeNpz,
  type Member,
  type NpyOptions,
  type Weights,
} from '../../support/otherForms';
import { failureOf, temporaryFolder } from '../../support/temporary';
import { seededRandom } from '../../support/seededRandom';

const root = temporaryFolder('big-vision');
const source = path.join(goldenFolder, 'models/gqa-224');
const weights = weightsOf(source);
const arrays = bigVisionArrays(weights, { heads: 8, headDim: 32, kvHeads: 4, visionHeads: 4 });

let count = 0;
function archive(members: readonly Member[], options?: Omit<NpyOptions, 'type'>): string {
  const file = path.join(root, String(count++), 'model.npz');
  writeNpz(file, members, options);
  return file;
}

const members = (edit: (array: Weights) => Weights | undefined = array => array) =>
  arrays.flatMap(array => {
    const changed = edit(array);
    return changed === undefined ? [] : [npy(changed, 'F32')];
  });

for (
  const [name, options] of Object.entries({
    'stored': {},
    'deflated': { isDeflated: true },
    '64 bits': { isZip64: true },
  })
) {
  test(`every tensor has the values that transformers gives it, ${name}, whole and in pieces, in any order`, async () => {
    const { tensors } = await openBigVision(archive(members(), options));
    const checkpoint = await openCheckpoint(source);
    const reader = new TensorReader();
    try {
      for (const [tensor, shape] of [...checkpoint.shapes].reverse()) {
        const rows = tensor.endsWith('embed_tokens.weight') || tensor.startsWith('lm_head') ? shape[0]! - 1 : shape[0]!;
        const found = tensors.get(tensor)!;
        assert.equal(found.shape[0], rows, tensor);
        const wanted = await reader.rows(checkpoint.tensor(tensor, shape), 0, rows);
        assert.deepEqual(await reader.rows(found, 0, rows), wanted, tensor);
        const columns = wanted.length / rows;
        const [start, length] = [Math.floor(rows / 3), Math.ceil(rows / 2)];
        assert.deepEqual(
          await reader.rows(found, start, length),
          wanted.slice(start * columns, (start + length) * columns),
          `a part of ${tensor}`,
        );
      }
    } finally {
      await reader.close();
    }
  });
}

test('names without “params/”, and what an optimiser keeps, are no hindrance', async () => {
  const bare = members(array => ({ ...array, name: array.name.replace('params/', '') }));
  const optimiser = npy({ name: 'opt/0/mu/img/pos_embedding', shape: [1], values: Float32Array.of(1) }, 'F32');
  assert.equal((await openBigVision(archive([...bare, optimiser]))).sizes.vocabularySize, 2367);
});

test('the sizes are told by the arrays alone; nothing slides, as in big_vision', async () => {
  const checkpoint = await openCheckpoint(path.dirname(archive(members())));
  const { config } = await openCheckpoint(source);
  assert.deepEqual(checkpoint.config, {
    ...config,
    imageTokenId: 2367,
    eosTokenIds: [1],
    text: { ...config.text, slidingWindow: 4096, slidingLayers: config.text.slidingLayers.map(() => false) },
  });
  assert.deepEqual(checkpoint.form, { kind: 'bigVision' });
});

const shapeOf = (end: string, shape: readonly number[]) => (array: Weights): Weights =>
  array.name.endsWith(end)
    ? { ...array, shape, values: new Float32Array(shape.reduce((product, side) => product * side, 1)) }
    : array;
const without = (end: string) => (array: Weights) => array.name.endsWith(end) ? undefined : array;
const replaced = (end: string, member: (array: Weights) => Member) =>
  arrays.map(array => array.name.endsWith(end) ? member(array) : npy(array, 'F32'));
const descr = (type: string) => (array: Weights): Member => {
  const { name, content } = npy(array, 'F32');
  return { name, content: Buffer.from(content.toString('latin1').replace("'<f4'", `'${type}'`), 'latin1') };
};

const refused: Record<string, { readonly make: () => string; readonly reason: string; readonly says: RegExp }> = {
  'an array is missing': {
    make: () => archive(members(without('mlp/linear'))),
    reason: 'tensorMissing',
    says: /no array params\/llm\/layers\/mlp\/linear/,
  },
  'the first PaliGemma': {
    make: () => archive(members(without('post_attention_norm/scale'))),
    reason: 'modelUnsupported',
    says: /first Gemma; only PaliGemma 2/,
  },
  'an array too many': {
    make: () =>
      archive([...members(), npy({ name: 'params/llm/lora', shape: [1], values: Float32Array.of(1) }, 'F32')]),
    reason: 'tensorMismatch',
    says: /the array "llm\/lora", which a PaliGemma 2 of big_vision does not have/,
  },
  'an array of another model': {
    make: () => archive(members(shapeOf('final_norm/scale', [32]))),
    reason: 'tensorMismatch',
    says: /final_norm\/scale.* has the shape \[32\]/,
  },
  'an array of other axes': {
    make: () => archive(members(shapeOf('q_einsum/w', [4, 8, 2048]))),
    reason: 'tensorMismatch',
    says: /q_einsum\/w.* does not fit the other arrays/,
  },
  'positions that are no square': {
    make: () => archive(members(shapeOf('pos_embedding', [1, 255, 48]))),
    reason: 'tensorMismatch',
    says: /not those of a PaliGemma 2/,
  },
  'more layers than any model has': {
    make: () => archive(members(shapeOf('q_einsum/w', [2000, 8, 1, 2]))),
    reason: 'tensorMismatch',
    says: /not those of a PaliGemma 2/,
  },
  'doubles': {
    make: () => archive(replaced('final_norm/scale', descr('<f8'))),
    reason: 'modelUnsupported',
    says: /final_norm\/scale" holds numbers of the type "<f8", and only float32, float16 and bfloat16/,
  },
  'numbers of the other byte order': {
    make: () => archive(replaced('final_norm/scale', descr('>f4'))),
    reason: 'modelUnsupported',
    says: /type ">f4"/,
  },
  'an array by columns': {
    make: () => archive(replaced('final_norm/scale', array => npy(array, 'F32', 'True'))),
    reason: 'modelUnsupported',
    says: /final_norm\/scale" is stored by columns.*ascontiguousarray/,
  },
  'objects, which numpy would unpickle': {
    make: () => archive(replaced('final_norm/scale', descr('|O'))),
    reason: 'modelUnsupported',
    says: /type "\|O"/,
  },
  'a member that is no array': {
    make: () =>
      archive(replaced('final_norm/scale', ({ name }) => ({ name: `${name}.npy`, content: Buffer.from('hello') }))),
    reason: 'weightsCorrupt',
    says: /final_norm\/scale is no numpy array/,
  },
  'fewer bytes than the shape needs': {
    make: () =>
      archive(replaced('final_norm/scale', array => {
        const { name, content } = npy(array, 'F32');
        return { name, content: content.subarray(0, content.length - 4) };
      })),
    reason: 'weightsCorrupt',
    says: /final_norm\/scale has \d+ bytes where its shape needs/,
  },
  'a deflated array that claims a thousand times more than deflating gains': {
    make: () => archive(replaced('pos_embedding', claimed), { isDeflated: true }),
    reason: 'weightsCorrupt',
    says: /pos_embedding has \d+ bytes where its shape needs/,
  },
  'a deflated array whose header and directory claim gigabytes together': {
    make: bomb,
    reason: 'weightsCorrupt',
    says: /pos_embedding claims 17179869312 bytes, out of \d+/,
  },
  'a file that is cut off': {
    make: () => {
      const file = archive(members());
      truncateSync(file, 100_000);
      return file;
    },
    reason: 'weightsCorrupt',
    says: /no zip file, or its end is missing/,
  },
  'no zip file': {
    make: () => {
      const file = archive([]);
      writeFileSync(file, Buffer.alloc(200_000, 'PK'));
      return file;
    },
    reason: 'weightsCorrupt',
    says: /no zip file/,
  },
  'an archive of something else': {
    make: () => archive([npy({ name: 'arr_0', shape: [2], values: Float32Array.of(1, 2) }, 'F32')]),
    reason: 'tensorMissing',
    says: /no array params\/img\/embedding\/kernel/,
  },
};

/** The directory says what the header says: sixteen gigabytes, out of some hundred kilobytes. */
function bomb(): string {
  const array = arrays.find(({ name }) => name.endsWith('pos_embedding'))!;
  const member = npy({ ...array, shape: [1, 2 ** 22, 1024] }, 'F32');
  const bytes = npzBytes(replaced('pos_embedding', () => member), { isDeflated: true, isZip64: true });
  const unpackedBytes = bytes.lastIndexOf(member.name) + member.name.length + 4;
  const headerBytes = member.content.length - array.values.byteLength;
  bytes.writeBigUInt64LE(BigInt(headerBytes + 2 ** 32 * 4), unpackedBytes);
  const file = archive([]);
  writeFileSync(file, bytes);
  return file;
}

/** Says terabytes in its header. */
function claimed(array: Weights): Member {
  const { name, content } = npy({ ...array, shape: [1, 2 ** 30, 1024] }, 'F32');
  return { name, content };
}

for (const [name, { make, reason, says }] of Object.entries(refused)) {
  test(`refused by name: ${name}`, async () => {
    const failure = await failureOf(openBigVision(make()));
    assert.match(failure.message, says);
    assert.equal(failure.reason, reason);
  });
}

describe('damage in the middle', () => {
  test('a deflated array that ends early is told when it is read', async () => {
    const good = npzBytes(members(), { isDeflated: true });
    const packedBytes = good.lastIndexOf('params/img/embedding/kernel.npy') - 46 + 20;
    good.writeUInt32LE(good.readUInt32LE(packedBytes) - 1000, packedBytes);
    const file = archive([]);
    writeFileSync(file, good);
    const { tensors } = await openBigVision(file);
    const reader = new TensorReader();
    try {
      const failure = await failureOf(
        reader.all(tensors.get('vision.embeddings.patch_embedding.weight')!),
      );
      assert.equal(failure.reason, 'weightsCorrupt');
      assert.match(failure.message, /embedding\/kernel ends before its last value/);
    } finally {
      await reader.close();
    }
  });

  test('bytes changed anywhere in the directory or the headers do no worse than a failure of the table', async () => {
    const good = npzBytes(members(), {});
    const random = seededRandom(21);
    const file = archive([]);
    const directory = good.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    for (let round = 0; round < 150; round++) {
      const bad = Buffer.from(good);
      for (let change = 0; change < 3; change++) {
        bad[directory + random.below(good.length - directory)] = random.below(256);
      }
      writeFileSync(file, bad);
      try {
        await openBigVision(file);
      } catch (error) {
        assert.equal((error as Error).name, 'Failure', String(error));
      }
    }
  });
});
