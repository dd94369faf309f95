// The built command line on the demo checkpoint in the forms of other programs.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { objectsOf, runCommand, temporaryFolder } from '../support/commandLine';
import {
  bigVisionArrays,
  coloursLast,
  folderLike,
  mlxParts,
  nf4Parts,
  npy,
  plain,
  weightsOf,
  writeNpz,
  writeTensorFile,
  type FormTensor,
  type Weights,
} from '../support/otherForms';
import { editJson } from '../support/tinyCheckpoint';

const temporary = temporaryFolder();
const demo = path.resolve('model-host/demo-model/paligemma2-demo-224');
const picture = path.resolve('test/fixtures/demo-heldout/01.png');
const cache = temporary.at('cache');
const at = (name: string) => temporary.at(name);
before(write);
after(() => temporary.remove());

/** Matrices of the decoder are quantised, each in its form, and their meaning is written as a plain checkpoint. */
function write(): void {
  const weights = weightsOf(demo);
  const isQuantised = ({ name, shape }: Weights) =>
    name.includes('.layers.') && name.startsWith('language_model') && shape.length === 2;
  const rest = (tensor: Weights, isMlx: boolean): FormTensor =>
    plain(isMlx && tensor.shape.length === 4 ? coloursLast(tensor) : tensor, 'BF16');
  for (const form of ['mlx', 'nf4'] as const) {
    const quantised = new Map(
      weights.filter(isQuantised).map(
        tensor => [tensor.name, form === 'mlx' ? mlxParts(tensor, 4, 32, 'BF16') : nf4Parts(tensor, true, 'BF16')],
      ),
    );
    const parts = weights.flatMap(tensor => quantised.get(tensor.name)?.parts ?? [rest(tensor, form === 'mlx')]);
    writeTensorFile(folderLike(demo, at(form)), parts, form === 'mlx' ? 'mlx' : 'pt');
    editJson(at(form), 'config.json', config => {
      if (form === 'mlx') {
        config['quantization'] = { bits: 4, group_size: 32 };
        // As mlx-vlm marks a tower that is not quantised.
        config['vision_config'] = { ...config['vision_config'] as object, skip_vision: true };
      } else {config['quantization_config'] = {
          quant_method: 'bitsandbytes',
          load_in_4bit: true,
          bnb_4bit_quant_type: 'nf4',
        };}
    });
    writeTensorFile(
      folderLike(demo, at(`meant-${form}`)),
      weights.map(tensor => plain({ ...tensor, values: quantised.get(tensor.name)?.meant ?? tensor.values })),
    );
  }
  writeTensorFile(folderLike(demo, at('mlx-bf16')), weights.map(tensor => rest(tensor, true)), 'mlx');
  const arrays = bigVisionArrays(weights, { heads: 4, headDim: 40, kvHeads: 2, visionHeads: 4 });
  writeNpz(path.join(at('archive'), 'pt_demo_224.bf16.npz'), arrays.map(array => npy(array, 'BF16')));
}

async function answer(model: string): Promise<unknown> {
  const result = await runCommand(['run', 'caption en', picture, '--model', model, '--weights', 'f32', '--json'], {
    cache,
  });
  assert.equal(result.code, 0, result.stderr);
  const suffix = objectsOf(result)[0]?.['suffix'];
  assert.ok(typeof suffix === 'string' && suffix.length > 10);
  return suffix;
}

describe('a picture that the model never saw', () => {
  for (const form of ['mlx-bf16', 'archive']) {
    test(`gets the answer of the checkpoint from ${form}, which loses nothing`, async () => {
      assert.equal(await answer(at(form)), await answer(demo));
    });
  }
  for (const form of ['mlx', 'nf4']) {
    test(`gets the answer of the weights that ${form} stands for`, async () => {
      assert.equal(await answer(at(form)), await answer(at(`meant-${form}`)));
    });
  }
});

test('models list, models verify and convert say the form, and what was done to the weights', async () => {
  const own = at('cache of its own');
  const texts = {
    mlx: 'MLX, 4 bits in groups of 32; widened to float32 on reading',
    nf4: 'bitsandbytes NF4; widened on reading',
    archive: 'NumPy archive of big_vision; read without loss',
  };
  for (const [form, text] of Object.entries(texts)) {
    const added = await runCommand(['models', 'add', at(form)], { cache: own });
    assert.equal(added.code, 0, added.stderr);
    const verified = await runCommand(['models', 'verify', form, '--json'], { cache: own });
    assert.equal(verified.code, 0, verified.stderr);
    assert.equal(objectsOf(verified)[0]?.['form'], text);
  }
  const listed = await runCommand(['models', 'list'], { cache: own });
  for (const text of Object.values(texts)) assert.ok(listed.stdout.includes(`  weights: ${text}\n`), listed.stdout);
  const converted = await runCommand(['convert', 'mlx', at('out')], { cache: own });
  assert.equal(converted.code, 0, converted.stderr);
  assert.ok(converted.stderr.includes(`Weights: ${texts.mlx}.`), converted.stderr);
  const shown = await runCommand(['models', 'verify', at('nf4')], { cache: own });
  assert.ok(shown.stderr.includes(`Weights: ${texts.nf4}.`), shown.stderr);
});

test('an archive for which no tokenizer fits says what to copy where, and nothing is left behind', async () => {
  const foreign = temporary.at('other vocabulary');
  const arrays = bigVisionArrays(weightsOf(path.resolve('test/fixtures/golden/models/gqa-224')), {
    heads: 8,
    headDim: 32,
    kvHeads: 4,
    visionHeads: 4,
  });
  writeNpz(path.join(foreign, 'model.npz'), arrays.map(array => npy(array, 'F32')));
  const out = at('none');
  const result = await runCommand(['convert', foreign, out], { cache });
  assert.equal(result.code, 1);
  assert.match(result.stderr, /has no tokenizer\.json: .*Copy tokenizer\.json of a PaliGemma 2 checkpoint there/);
  assert.ok(!existsSync(out));
});
