// The built command line on a folder of transformers.js graphs, made from the demo checkpoint.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { failureTable } from '../../paligemma/src/failures';
import { filesBelow, objectsOf, runCommand, temporaryFolder } from '../support/commandLine';
import { buildOnnxFolderOf } from '../support/onnxFolders';
import { recordedAnswer, samplePath } from '../support/samples';

const folder = temporaryFolder();
const demoFolder = path.resolve('model-host/demo-model/paligemma2-demo-224');
const cache = folder.at('cache');
const model = folder.at('paligemma2-demo-224-onnx');
before(() =>
  buildOnnxFolderOf(demoFolder, model, [['vision_encoder', 'fp32'], ['embed_tokens', 'fp16'], [
    'decoder_model_merged',
    'fp32',
  ], ['decoder_model_merged', 'q4']])
);
after(() => folder.remove());

describe('--model FOLDER', () => {
  test('the answers of the checkpoint, and nothing is converted', async () => {
    const filesBefore = filesBelow(model);
    for (const [image, prompt] of [['01.png', 'caption en'], ['01.png', 'detect star']] as const) {
      const result = await runCommand([
        'run',
        prompt,
        samplePath(image),
        '--model',
        model,
        '--weights',
        'f32',
        '--json',
      ], { cache });
      assert.equal(result.code, 0, result.stderr);
      const [object] = objectsOf(result);
      assert.equal(object?.['suffix'], recordedAnswer(image, prompt));
      assert.equal(object['device'], 'cpu');
    }
    assert.deepEqual(filesBelow(model), filesBefore);
    assert.deepEqual(filesBelow(cache).filter(name => name.startsWith('converted')), []);
  });

  test('its 4-bit decoder answers by default', async () => {
    const [object] = objectsOf(
      await runCommand(['caption', samplePath('01.png'), '--model', model, '--json'], { cache }),
    );
    assert.equal(object?.['suffix'], recordedAnswer('01.png', 'caption en'));
  });
});

test('models add takes it, models list shows its weights, and it answers by its name', async () => {
  const own = folder.at('cache of its own');
  const added = await runCommand(['models', 'add', model], { cache: own });
  assert.equal(added.code, 0, added.stderr);
  const listed = objectsOf(await runCommand(['models', 'list', '--json'], { cache: own })).find(({ path: place }) =>
    place === model
  );
  assert.deepEqual([listed?.['id'], listed?.['converted'], listed?.['problem']], ['paligemma2-demo-224-onnx', [
    'f32',
    'int4',
  ], undefined]);
  const result = await runCommand([
    'caption',
    samplePath('01.png'),
    '--model',
    'paligemma2-demo-224-onnx',
    '--weights',
    'f32',
  ], { cache: own });
  assert.equal(result.stdout, `${recordedAnswer('01.png', 'caption en')}\n`, result.stderr);
});

test('convert says that it is used as it is', async () => {
  const result = await runCommand(['convert', model, folder.at('out'), '--json'], { cache });
  assert.equal(result.code, 1, result.stderr);
  const [{ error } = { error: undefined }] = objectsOf(result) as readonly {
    readonly error?: { readonly code: number; readonly message: string };
  }[];
  assert.equal(error?.code, failureTable.badArgument.code);
  assert.match(error.message, /used as it is/);
  assert.deepEqual(filesBelow(folder.at('out')), []);
});
