// Checkpoints in other forms against the same weights as plain float32: the graphs are the same to the last byte.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import { loadImage } from '../../model-host/src/image/load';
import { pixelValues } from '../../model-host/src/image/preprocess';
import { Tokenizer } from '../../model-host/src/tokenizer/tokenizer';
import type { WeightForm } from '../../paligemma/src/weightForms';
import { failureOf, temporaryFolder } from '../support/temporary';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import {
  bigVisionArrays,
  coloursLast,
  floats,
  folderLike,
  int8Parts,
  mlxParts,
  nf4Parts,
  npy,
  plain,
  weightsOf,
  writeNpz,
  writeTensorFile,
  type NpyOptions,
  type Weights,
  type Written,
} from '../support/otherForms';
import { editJson } from '../support/tinyCheckpoint';

const demo = path.resolve('model-host/demo-model/paligemma2-demo-224');
const heldout = path.resolve('test/fixtures/demo-heldout');
const root = temporaryFolder('other-forms');
const signal = new AbortController().signal;
const weights = weightsOf(demo);

let count = 0;
async function convert(sourcePath: string, tokenizerPaths?: readonly string[]) {
  const folder = path.join(root, `converted-${count++}`);
  const manifest = await convertCheckpoint({
    sourcePath,
    outPath: folder,
    name: 'form',
    fingerprint: '',
    weights: 'f32',
    attention: 'full',
    threads: 0,
    ...(tokenizerPaths === undefined ? {} : { tokenizerPaths }),
    onProgress: () => undefined,
  }, signal);
  return { folder, manifest };
}

async function hashes(folder: string): Promise<readonly (readonly [string, string])[]> {
  const { manifest: { files } } = await convert(folder);
  return files.map(({ name, sha256 }) => [name, sha256]);
}

const isMatrix = ({ name, shape }: Weights) => shape.length === 2 && !name.includes('position_embedding');
const isDecoder = ({ name }: Weights) => name.startsWith('language_model.');
/** Rows of whole groups. */
const fits = (group: number) => ({ shape }: Weights) => shape[1]! % group === 0;

interface Layout {
  readonly quantise: (tensor: Weights) => Written | undefined;
  readonly isMlx: boolean;
  readonly form: WeightForm;
}

const mlx = (bits: number, group: number, only: (tensor: Weights) => boolean): Layout => ({
  quantise: tensor =>
    isMatrix(tensor) && fits(group)(tensor) && only(tensor) ? mlxParts(tensor, bits, group, 'BF16') : undefined,
  isMlx: true,
  form: { kind: 'mlx', bits: [bits], groupSizes: [group] },
});
const all = () => true;
const isLinearOfDecoder = (tensor: Weights) => isDecoder(tensor) && isMatrix(tensor) && !tensor.name.includes('embed');

const layouts: Record<string, Layout> = {
  'MLX in 4 bits, everything': mlx(4, 32, all),
  'MLX in 3 bits, only the decoder': mlx(3, 32, isDecoder),
  'MLX in 8 bits, where rows have whole groups of 64': mlx(8, 64, all),
  'MLX that is not quantised': {
    quantise: () => undefined,
    isMlx: true,
    form: { kind: 'mlx', bits: [], groupSizes: [] },
  },
  'bitsandbytes NF4': {
    quantise: tensor => isLinearOfDecoder(tensor) ? nf4Parts(tensor, false, 'BF16') : undefined,
    isMlx: false,
    form: { kind: 'bitsandbytes', types: ['nf4'] },
  },
  'bitsandbytes NF4 with scales that are quantised again': {
    quantise: tensor => isMatrix(tensor) && !tensor.name.includes('embed') ? nf4Parts(tensor, true) : undefined,
    isMlx: false,
    form: { kind: 'bitsandbytes', types: ['nf4'] },
  },
};

function written({ quantise, isMlx }: Layout): { readonly folder: string; readonly meant: string } {
  const folder = folderLike(demo, path.join(root, `form-${count}`));
  const meant = folderLike(demo, path.join(root, `meant-${count++}`));
  const parts = weights.map(tensor => ({ tensor, made: quantise(tensor) }));
  writeTensorFile(
    folder,
    parts.flatMap(({ tensor, made }) =>
      made?.parts ?? [plain(isMlx && tensor.shape.length === 4 ? coloursLast(tensor) : tensor, 'BF16')]
    ),
    isMlx ? 'mlx' : 'pt',
  );
  writeTensorFile(meant, parts.map(({ tensor, made }) => plain({ ...tensor, values: made?.meant ?? tensor.values })));
  return { folder, meant };
}

for (const [name, layout] of Object.entries(layouts)) {
  test(`${name}: the graphs are those of the weights that it stands for`, async () => {
    const { folder, meant } = written(layout);
    const { manifest } = await convert(folder);
    assert.deepEqual(manifest.source.form, layout.form);
    assert.deepEqual(manifest.files.map(({ name: file, sha256 }) => [file, sha256]), await hashes(meant));
  });
}

test('bitsandbytes int8: no weight is further from what it stands for than its last digit', async () => {
  const { folder, meant } = written({
    quantise: tensor => isLinearOfDecoder(tensor) ? int8Parts(tensor) : undefined,
    isMlx: false,
    form: { kind: 'bitsandbytes', types: ['int8'] },
  });
  const [one, other] = [await convert(folder), await convert(meant)];
  assert.deepEqual(one.manifest.source.form, { kind: 'bitsandbytes', types: ['int8'] });
  const values = (place: string) =>
    new Float32Array(Uint8Array.from(readFileSync(path.join(place, 'decoder-00.data'))).buffer);
  const wanted = values(other.folder);
  assert.ok(values(one.folder).every((value, i) => Math.abs(value - wanted[i]!) <= 2e-7 * Math.abs(wanted[i]!)));
});

test('an old MLX tower whose widths were filled up with zeros answers as the tower without them', async () => {
  const inner = 576;
  const padded = 640;
  const padding = ({ name, shape, values }: Weights): Weights => {
    if (!name.includes('vision_tower') || !shape.includes(inner)) return { name, shape, values };
    const [rows = 0, columns = 1] = shape;
    const [newRows, newColumns] = [rows === inner ? padded : rows, columns === inner ? padded : columns];
    const wide = new Float32Array(newRows * newColumns);
    values.forEach((value, i) => wide[Math.floor(i / columns) * newColumns + i % columns] = value);
    return { name, shape: shape.length === 1 ? [newRows] : [newRows, newColumns], values: wide };
  };
  const folder = folderLike(demo, path.join(root, `form-${count++}`));
  writeTensorFile(
    folder,
    weights.map(padding).map(tensor => plain(tensor.shape.length === 4 ? coloursLast(tensor) : tensor, 'BF16')),
    'mlx',
  );
  editJson(folder, 'config.json', config => {
    (config['vision_config'] as Record<string, unknown>)['intermediate_size'] = padded;
  });
  assert.deepEqual(await answers(await convert(folder)), await answers(await convert(demo)));
});

const sizes = { heads: 4, headDim: 40, kvHeads: 2, visionHeads: 4 };
const arrays = bigVisionArrays(weights, sizes);

function archiveFolder(options: NpyOptions, name = 'pt_demo_224.npz'): string {
  const folder = path.join(root, `archive-${count++}`);
  writeNpz(path.join(folder, name), arrays.map(array => npy(array, options.type)), options);
  return folder;
}

const archives: Record<string, NpyOptions> = {
  'float32': { type: 'F32' },
  'bfloat16, as the published ones': { type: 'BF16' },
  'float32, deflated': { type: 'F32', isDeflated: true },
  'bfloat16 with 64-bit sizes': { type: 'BF16', isZip64: true },
};

describe('archives of big_vision', () => {
  for (const [name, options] of Object.entries(archives)) {
    test(`${name}: the same answers as the checkpoint, with the tokenizer of another model`, async () => {
      const { manifest, folder } = await convert(archiveFolder(options), [demo]);
      assert.deepEqual(manifest.source.form, { kind: 'bigVision' });
      const { text, vision } = manifest.config;
      assert.deepEqual(
        [vision.imageSizePx, vision.layers, text.layers, text.queryPreAttnScalar, manifest.vocabularySize],
        [224, 6, 4, 40, 1984],
      );
      const [one, other] = [{ manifest, folder }, await convert(demo)];
      assert.deepEqual(await answers(one), await answers(other));
    });
  }

  test('float16: the weights that fit into it', async () => {
    const { folder } = await convert(archiveFolder({ type: 'F16' }), [demo]);
    const norm = weights.find(({ name }) => name.endsWith('layers.0.input_layernorm.weight'))!;
    const bytes = readFileSync(path.join(folder, 'decoder-00.data'));
    assert.ok(bytes.indexOf(floats(norm.values.map(value => 1 + value), 'F32')) >= 0);
  });

  test('its own tokenizer counts, then the one of the folder around it; one of another model is refused', async () => {
    const folder = archiveFolder({ type: 'BF16' });
    const missing = await failureOf(convert(folder));
    assert.equal(missing.reason, 'tokenizerMissing');
    assert.match(missing.message, /brings none.*Copy tokenizer\.json of a PaliGemma 2 checkpoint/);
    const golden = path.resolve('test/fixtures/golden/models/gqa-224');
    assert.equal((await failureOf(convert(folder, [golden]))).reason, 'tokenizerMissing', 'it has other tokens');
    cpSync(path.join(demo, 'tokenizer.json'), path.join(root, 'tokenizer.json'));
    await convert(folder);
    rmSync(path.join(root, 'tokenizer.json'));
    cpSync(path.join(golden, 'tokenizer.json'), path.join(folder, 'tokenizer.json'));
    const foreign = await failureOf(convert(folder, [demo]));
    assert.equal(foreign.reason, 'tokenizerInvalid');
    assert.match(foreign.message, /has 1984 tokens/);
  });
});

/** What is said of three pictures that the model never saw. */
async function answers(converted: Awaited<ReturnType<typeof convert>>): Promise<readonly string[]> {
  const model = await LoadedModel.open(converted, 'cpu', {
    signal,
    onProgress: () => undefined,
    onNote: () => undefined,
  });
  const tokenizer = Tokenizer.fromBytes(readFileSync(path.join(converted.folder, 'tokenizer.bin')));
  const said: string[] = [];
  for (const name of ['00.png', '01.png', '02.png']) {
    const image = await loadImage(path.join(heldout, name), signal);
    const features = await model.vision.features(await pixelValues(image, 224, signal));
    const cache = model.decoder.newCache();
    const ids = [2, ...tokenizer.encode('caption en'), ...tokenizer.encode('\n')];
    let { id } = await model.decoder.prefill(cache, features, ids, { signal });
    const tokens: number[] = [];
    while (id !== 1 && tokens.length < 40) {
      tokens.push(id);
      ({ id } = await model.decoder.decode(cache, id, { signal }));
    }
    cache.release();
    said.push(tokenizer.decode(tokens, { skipSpecialTokens: true }));
  }
  await model.release();
  assert.ok(said.every(text => text.length > 10), said.join('; '));
  return said;
}
