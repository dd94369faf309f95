// Folders of transformers.js graphs with one thing wrong, or laid out otherwise: each is told or taken, none crashes.
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import type { FailureReason } from '../../paligemma/src/failures';
import type { WeightType } from '../../paligemma/src/facts';
import type { ModelSpec } from '../../model-host/src/contract/protocol';
import { LocalEngine } from '../../model-host/src/engines/local';
import { HostLog } from '../../model-host/src/wire/hostLog';
import { OnnxModel } from '../../model-host/src/onnxFolder/onnxModel';
import { goldenFolder } from '../support/golden';
import { allFiles, buildOnnxFolder, exactFiles, takeWeightsInside } from '../support/onnxFolders';
import { failureOf, temporaryFolder } from '../support/temporary';
import { editJson } from '../support/tinyCheckpoint';

const folder = temporaryFolder('onnx-faults');
const good = path.join(folder, 'good');
const cachePath = path.join(folder, 'cache');
const signal = new AbortController().signal;
before(() => buildOnnxFolder(good, 'gqa-224'));

interface Wish {
  readonly weights?: WeightType;
  readonly adapterPath?: string;
  readonly attention?: 'full' | 'sliding';
}

async function open(
  model: string,
  { weights = 'f32', attention = 'full', adapterPath }: Wish = {},
): Promise<{ model: OnnxModel; notes: string[] }> {
  const notes: string[] = [];
  const spec: ModelSpec = {
    path: model,
    weights,
    device: 'cpu',
    attention,
    ...(adapterPath === undefined ? {} : { adapterPath }),
  };
  return {
    model: await OnnxModel.open(model, spec, { cachePath }, {
      signal,
      onProgress: () => undefined,
      onNote: note => notes.push(note),
    }),
    notes,
  };
}

/** The first token of the shortest prompt, without picture: enough to see that the decoder is the same. */
async function firstToken(model: OnnxModel): Promise<{ id: number; probability: number }> {
  const { id, probability } = await model.decoder.prefill(model.decoder.newCache(), new Float32Array(0), [
    model.tokenizer.specials.bos,
    model.tokenizer.specials.newline,
  ], { signal });
  return { id, probability };
}

function copyOf(name: string): string {
  const copy = path.join(folder, name);
  cpSync(good, copy, { recursive: true });
  return copy;
}

describe('refused, with the file that is meant', () => {
  const decoder = 'onnx/decoder_model_merged.onnx';
  const faults:
    readonly (readonly [name: string, reason: FailureReason, names: RegExp, breakIt: (copy: string) => void])[] = [
      ['without config', 'modelConfigMissing', /config\.json/, copy => rmSync(path.join(copy, 'config.json'))],
      ['of another architecture', 'modelUnsupported', /llava/, copy =>
        editJson(copy, 'config.json', config => {
          config['model_type'] = 'llava';
        })],
      ['without tokenizer', 'tokenizerMissing', /tokenizer\.json/, copy => rmSync(path.join(copy, 'tokenizer.json'))],
      ['without a graph', 'weightsMissing', /embed_tokens/, copy => rmSync(path.join(copy, 'onnx/embed_tokens.onnx'))],
      [
        'without the weights of a graph',
        'weightsMissing',
        /decoder_model_merged\.onnx_data is missing/,
        copy => rmSync(path.join(copy, `${decoder}_data`)),
      ],
      ['with a folder in place of a graph', 'weightsMissing', /decoder_model_merged\.onnx is not a file/, copy => {
        rmSync(path.join(copy, decoder));
        mkdirSync(path.join(copy, decoder));
      }],
      [
        'with weights cut off',
        'weightsCorrupt',
        /decoder_model_merged\.onnx_data is cut off/,
        copy => truncateSync(path.join(copy, `${decoder}_data`), 100_000),
      ],
      [
        'with a graph cut off',
        'weightsCorrupt',
        /decoder_model_merged\.onnx is not a whole/,
        copy => truncateSync(path.join(copy, decoder), 5000),
      ],
      [
        'with an empty graph',
        'weightsCorrupt',
        /decoder_model_merged\.onnx is not a whole/,
        copy => truncateSync(path.join(copy, decoder), 0),
      ],
      [
        'with a pointer of git-lfs',
        'weightsCorrupt',
        /git-lfs/,
        copy =>
          writeFileSync(path.join(copy, decoder), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
      ],
      [
        'with weights above the folder',
        'weightsCorrupt',
        /\.\.\/[^ ]*, which is not a plain file name/,
        copy => rename(path.join(copy, decoder), '../', 'decoder_model_merged.onnx_data'),
      ],
      [
        'with weights at an absolute path',
        'weightsCorrupt',
        /not a plain file name/,
        copy => rename(path.join(copy, decoder), '/tm', 'decoder_model_merged.onnx_data'),
      ],
      [
        'with a config of another model',
        'modelUnsupported',
        /3 layers|4 layers/,
        copy =>
          editJson(copy, 'config.json', config => {
            (config['text_config'] as Record<string, unknown>)['num_hidden_layers'] = 3;
          }),
      ],
      [
        'with a tower for other pictures',
        'modelUnsupported',
        /448 px/,
        copy =>
          editJson(copy, 'config.json', config => {
            (config['vision_config'] as Record<string, unknown>)['image_size'] = 448;
          }),
      ],
      [
        'with two graphs exchanged',
        'modelUnsupported',
        /decoder_model_merged\.onnx/,
        copy => cpSync(path.join(copy, 'onnx/embed_tokens.onnx'), path.join(copy, decoder)),
      ],
    ];
  for (const [name, reason, names, breakIt] of faults) {
    test(name, async () => {
      const copy = copyOf(name);
      breakIt(copy);
      const failure = await failureOf(open(copy));
      assert.equal(failure.reason, reason, failure.message);
      assert.match(failure.message, names);
      assert.match(failure.message, /[.]$/);
    });
  }

  test('an adapter cannot be merged into it', async () => {
    const failure = await failureOf(open(good, { adapterPath: path.join(goldenFolder, 'lora/lm-old-names') }));
    assert.equal(failure.reason, 'adapterInvalid');
  });

  test('a conversion of it: it is used as it is', async () => {
    const engine = new LocalEngine(cachePath, new HostLog(() => undefined));
    const outPath = path.join(folder, 'converted');
    const failure = await failureOf(
      engine.convert(
        { sourcePath: good, outPath, weights: 'int4', attention: 'full', progressToken: '' },
        () => undefined,
        signal,
      ),
    );
    assert.equal(failure.reason, 'badArgument');
    assert.match(failure.message, /used as it is/);
    assert.ok(!existsSync(outPath));
  });
});

test('what is missing is taken from the next more exact files, with a note', async () => {
  const some = await buildOnnxFolder(path.join(folder, 'some'), 'gqa-224', [
    ...exactFiles,
    ...allFiles.filter(([graph, type]) => graph === 'decoder_model_merged' && type === 'fp16'),
  ]);
  const { model, notes } = await open(some, { weights: 'int8' });
  assert.equal(model.manifest.weights, 'f16');
  assert.match(
    notes.join(' '),
    /no decoder with int8 weights \(there is fp32, fp16\).*decoder_model_merged_fp16\.onnx/,
  );
  await model.release();
  const exact = await open(some);
  assert.deepEqual([exact.model.manifest.weights, exact.notes], ['f32', []]);
  await exact.model.release();
});

test('weights inside of the graph files are read there, and the files stay as they are', async () => {
  const expected = await open(good);
  const token = await firstToken(expected.model);
  await expected.model.release();
  const copy = copyOf('inside');
  for (const [name] of exactFiles) takeWeightsInside(path.join(copy, 'onnx', `${name}.onnx`));
  const before = readFileSync(path.join(copy, 'onnx/decoder_model_merged.onnx'));
  assert.ok(before.length > 500_000, 'the weights are in the graph');
  const { model } = await open(copy);
  assert.deepEqual(await firstToken(model), token);
  await model.release();
  assert.ok(before.equals(readFileSync(path.join(copy, 'onnx/decoder_model_merged.onnx'))));
  assert.deepEqual(readdirSync(path.join(copy, 'onnx')).sort(), exactFiles.map(([name]) => `${name}.onnx`).sort());
});

test('a snapshot of Hugging Face’s cache, where every file is a link', {
  skip: process.platform === 'win32' ? 'links need rights on Windows' : false,
}, async () => {
  const expected = await open(good);
  const token = await firstToken(expected.model);
  await expected.model.release();
  const repository = path.join(folder, 'models--onnx-community--paligemma2-tiny-224');
  const snapshot = path.join(repository, 'snapshots/abc');
  mkdirSync(path.join(snapshot, 'onnx'), { recursive: true });
  mkdirSync(path.join(repository, 'blobs'));
  const files = [
    ...readdirSync(good).filter(name => name.endsWith('.json')),
    ...readdirSync(path.join(good, 'onnx')).map(name => `onnx/${name}`),
  ];
  for (const [index, name] of files.entries()) {
    cpSync(path.join(good, name), path.join(repository, 'blobs', `blob${index}`));
    symlinkSync(
      path.join(name.startsWith('onnx/') ? '../../../blobs' : '../../blobs', `blob${index}`),
      path.join(snapshot, name),
    );
  }
  const { model } = await open(snapshot);
  assert.deepEqual(await firstToken(model), token);
  await model.release();
});

test('a decoder that hides later prompt tokens runs, and the note tells', async () => {
  const faulty = await buildOnnxFolder(path.join(folder, 'causal'), 'gqa-224', exactFiles, true);
  const { model, notes } = await open(faulty);
  assert.match(notes.join(' '), /hides the end of the prompt/);
  const cache = model.decoder.newCache();
  const { id } = await model.decoder.prefill(cache, new Float32Array(0), [2, 951, 108], { signal });
  await model.decoder.decode(cache, id, { signal });
  assert.equal(cache.length, 4);
  await model.release();
  const right = await open(good);
  assert.deepEqual(right.notes, []);
  const seen = await Promise.all([[2, 108], [2, 1]].map(ids => right.model.decoder.firstPosition(ids, signal)));
  assert.notDeepEqual(seen[0], seen[1], 'the probe sees what a whole mask lets through');
  await right.model.release();
});

test('a long prompt is refused with the numbers', async () => {
  const { model } = await open(good);
  const cache = model.decoder.newCache();
  const failure = await failureOf(
    model.decoder.prefill(cache, new Float32Array(0), new Array<number>(cache.capacity + 1).fill(5), { signal }),
  );
  assert.equal(failure.reason, 'promptTooLong');
  await model.release();
});

test('cancelling while it loads ends it between graphs', async () => {
  const controller = new AbortController();
  const spec: ModelSpec = { path: good, weights: 'f32', device: 'cpu', attention: 'full' };
  const loaded: number[] = [];
  const loading = OnnxModel.open(good, spec, { cachePath }, {
    signal: controller.signal,
    onNote: () => undefined,
    onProgress: done => {
      loaded.push(done);
      controller.abort();
    },
  });
  await assert.rejects(loading, { name: 'AbortError' });
  assert.deepEqual(loaded, [1]);
});

/** Writes another location of the same length into the graph. */
function rename(file: string, prefix: string, location: string): void {
  const text = readFileSync(file, 'latin1');
  assert.ok(text.includes(location));
  writeFileSync(file, text.replaceAll(location, prefix + location.slice(prefix.length)), 'latin1');
}
