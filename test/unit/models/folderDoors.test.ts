// Every way to give a folder says the same of it: listing, adding, choosing, and the host that would read it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openCheckpoint } from '../../../model-host/src/checkpoint/checkpoint';
import { addModel } from '../../../server/src/models/folders/addModel';
import { adapterNote } from '../../../server/src/models/folders/adapterNote';
import { ModelCatalog } from '../../../server/src/models/catalog/catalog';
import { meantFolder } from '../../../server/src/models/folders/hubSnapshot';
import { folderProblem, readModelFolder } from '../../../server/src/models/folders/modelFolder';
import { existingFolder, modelFolder, nameEverywhere } from '../../../server/src/runs/promptModels';
import { failureOf, temporaryFolder } from '../../support/temporary';
import { copyCheckpoint, editJson, editSafetensorsHeader } from '../../support/tinyCheckpoint';

const root = temporaryFolder('doors');
const weights = 'model.safetensors';
let count = 0;
const copy = () => copyCheckpoint('gqa-224', path.join(root, `model-${count++}`));

function catalogOf(modelFolders: readonly string[] = []): ModelCatalog {
  return new ModelCatalog({
    packageRoot: path.join(root, 'none'),
    cachePath: path.join(root, 'cache'),
    hubCachePath: path.join(root, 'none'),
    modelFolders: () => modelFolders,
  });
}

const broken: Record<string, { readonly make: (folder: string) => void; readonly says: RegExp }> = {
  'the folder of a training': {
    make: folder => {
      mkdirSync(path.join(folder, 'checkpoint-500'));
      renameSync(path.join(folder, weights), path.join(folder, 'checkpoint-500', weights));
    },
    says: /such as checkpoint-500/,
  },
  'a pickle': {
    make: folder => renameSync(path.join(folder, weights), path.join(folder, 'pytorch_model.bin')),
    says: /PyTorch pickles \(pytorch_model\.bin\)/,
  },
  'GGUF alone': {
    make: folder => {
      for (const name of ['config.json', weights]) rmSync(path.join(folder, name));
      writeFileSync(path.join(folder, 'x.gguf'), 'GGUF');
    },
    says: /GGUF/,
  },
  'a shard missing': {
    make: folder => renameSync(path.join(folder, weights), path.join(folder, 'model-00002-of-00002.safetensors')),
    says: /no model-00001-of-00002\.safetensors/,
  },
  'a shard missing that an index names': {
    make: folder => {
      renameSync(path.join(folder, weights), path.join(folder, 'a.safetensors'));
      writeFileSync(
        path.join(folder, 'model.safetensors.index.json'),
        JSON.stringify({ weight_map: { x: 'a.safetensors', y: 'b.safetensors' } }),
      );
    },
    says: /no b\.safetensors/,
  },
  'a pointer of Git LFS': {
    make: folder => writeFileSync(path.join(folder, weights), 'version https://git-lfs.github.com/spec/v1\n'),
    says: /model\.safetensors is only a Git LFS pointer/,
  },
  'PaliGemma 1': {
    make: folder =>
      editJson(folder, 'config.json', config => {
        config['text_config'] = { model_type: 'gemma' };
      }),
    says: /only PaliGemma 2/,
  },
  'weights of GPTQ': {
    make: folder => {
      editJson(folder, 'config.json', config => {
        config['quantization_config'] = { quant_method: 'gptq', bits: 4 };
      });
      renameTensor(folder, 'q_proj.weight', name => name.replace('weight', 'qweight'));
    },
    says: /quantized by GPTQ \(4 bit\), which is not read/,
  },
  'the tiny floats of MLX': {
    make: folder => {
      editJson(folder, 'config.json', config => {
        config['quantization'] = { mode: 'mxfp4', bits: 4, group_size: 32 };
      });
      renameTensor(folder, 'q_proj.weight', name => name, 'U32');
      renameTensor(folder, 'k_proj.weight', name => name.replace('k_proj.weight', 'q_proj.scales'));
    },
    says: /quantized by MLX mxfp4 \(4 bit\), which is not read/,
  },
  'an adapter': {
    make: folder => {
      for (const name of ['config.json', weights]) rmSync(path.join(folder, name));
      writeFileSync(path.join(folder, 'adapter_config.json'), '{"peft_type":"LORA"}');
      writeFileSync(path.join(folder, 'adapter_model.safetensors'), '');
    },
    says: /It is an adapter .*--adapter/,
  },
};

function renameTensor(folder: string, end: string, rename: (name: string) => string, dtype?: string): void {
  editSafetensorsHeader(path.join(folder, weights), header => {
    const [name, entry] = Object.entries(header).find(([each]) => each.endsWith(end))!;
    delete header[name];
    header[rename(name)] = { ...entry, dtype: dtype ?? entry.dtype };
  });
}

for (const [name, { make, says }] of Object.entries(broken)) {
  test(`what lies in a folder is named in the same words at every door: ${name}`, async () => {
    const folder = copy();
    make(folder);
    const problem = (await readModelFolder(folder))?.problem ?? await folderProblem(folder) ?? '';
    assert.match(problem, says);
    for (
      const failure of [
        await failureOf(addModel(folder, path.join(root, 'cache'))),
        await failureOf(openCheckpoint(folder)),
        await failureOf(catalogOf().inspect(folder)),
      ]
    ) {
      assert.ok(failure.message.endsWith(problem), failure.message);
    }
    // Choosing leaves it to the host, whose sentence was just seen.
    assert.equal((await catalogOf().choose(folder)).path, folder);
  });
}

test('a merged checkpoint that kept the config of its quantised base is listed as usable', async () => {
  const folder = copy();
  editJson(folder, 'config.json', config => {
    config['quantization_config'] = { quant_method: 'bitsandbytes', load_in_4bit: true };
  });
  assert.equal((await readModelFolder(folder))?.problem, undefined);
});

test('the form of weights that are read is listed, and none for plain ones', async () => {
  const formOf = async (folder: string) => {
    const [listed] = await catalogOf([folder]).list();
    assert.equal(listed?.problem, undefined);
    return listed?.form;
  };
  assert.equal(await formOf(copy()), undefined);
  const mlx = copy();
  editJson(mlx, 'config.json', config => {
    config['quantization'] = { bits: 4, group_size: 64 };
  });
  renameTensor(mlx, 'q_proj.weight', name => name, 'U32');
  renameTensor(mlx, 'k_proj.weight', name => name.replace('k_proj.weight', 'q_proj.scales'));
  assert.equal(await formOf(mlx), 'MLX, 4 bits in groups of 64; widened to float32 on reading');
  const archive = path.join(root, `archive-${count++}`);
  mkdirSync(archive);
  writeFileSync(path.join(archive, 'pt_3b_224.bf16.npz'), 'PK … params/llm/layers/attn/q_einsum/w.npy …');
  assert.equal(await formOf(archive), 'NumPy archive of big_vision; read without loss');
  writeFileSync(path.join(archive, 'pt_3b_224.bf16.npz'), 'PK … arr_0.npy …');
  assert.deepEqual(await catalogOf([archive]).list(), [], 'any other archive makes no model of a folder');
});

test('an archive gets the tokenizers of the other models, and a folder that has its own gets none', async () => {
  const archive = path.join(root, `archive-${count++}`);
  mkdirSync(archive);
  writeFileSync(path.join(archive, 'pt_3b_224.bf16.npz'), 'params/llm/layers/attn/q_einsum/w.npy');
  const whole = copy();
  const catalog = catalogOf([whole, archive]);
  assert.deepEqual((await catalog.choose(archive)).tokenizerPaths, [whole]);
  assert.equal((await catalog.choose(whole)).tokenizerPaths, undefined);
});

/** A repository as huggingface_hub keeps it: files are links to blobs. */
function cachedRepository(name: string, commits: readonly string[], main: string | undefined): string {
  const repository = path.join(root, `hub-${count++}`, name);
  mkdirSync(path.join(repository, 'blobs'), { recursive: true });
  const source = copy();
  for (const commit of commits) {
    const snapshot = path.join(repository, 'snapshots', commit);
    mkdirSync(snapshot, { recursive: true });
    for (const file of ['config.json', 'tokenizer.json', 'tokenizer_config.json', weights]) {
      const blob = path.join(repository, 'blobs', `${commit}-${file}`);
      copyFileSync(path.join(source, file), blob);
      symlinkSync(path.relative(snapshot, blob), path.join(snapshot, file));
    }
  }
  if (main !== undefined) {
    mkdirSync(path.join(repository, 'refs'));
    writeFileSync(path.join(repository, 'refs/main'), main);
  }
  return repository;
}

const isLinking = process.platform === 'win32' ? 'links need a privilege on Windows' : false;

test(
  'a repository of the hub’s cache means its current commit, wherever a folder is taken',
  { skip: isLinking },
  async () => {
    const repository = cachedRepository('models--google--paligemma2-3b-mix-224', ['aaa', 'bbb'], 'aaa\n');
    const snapshot = path.join(repository, 'snapshots/aaa');
    const id = 'google/paligemma2-3b-mix-224';
    for (const named of [repository, path.join(repository, 'snapshots'), snapshot]) {
      assert.deepEqual(await meantFolder(named), { path: snapshot, name: id });
      const chosen = await catalogOf().choose(named);
      assert.deepEqual([chosen.id, chosen.path, chosen.kind], [id, snapshot, 'mix']);
      const listed = await catalogOf([named]).list();
      assert.deepEqual(listed.map(model => [model.id, model.path, model.problem]), [[id, snapshot, undefined]], named);
      assert.equal((await catalogOf([named]).inspect(named)).model.path, snapshot);
    }
    assert.equal((await openCheckpoint(snapshot)).vocabularySize, 2368);
    const added = await addModel(repository, path.join(root, 'cache'));
    assert.deepEqual([added.id, added.path], [id, snapshot]);
    assert.equal((await catalogOf().choose(id)).path, snapshot);
    const link = path.join(root, 'linked');
    symlinkSync(repository, link);
    assert.equal((await meantFolder(link)).name, id);
  },
);

test(
  'without refs/main the newest commit counts; a repository without commits means itself',
  { skip: isLinking },
  async () => {
    const one = cachedRepository('models--acme--paligemma2-x', ['only'], undefined);
    assert.equal((await meantFolder(one)).path, path.join(one, 'snapshots/only'));
    const gone = cachedRepository('models--acme--paligemma2-y', ['there'], 'gone');
    assert.equal((await meantFolder(gone)).path, path.join(gone, 'snapshots/there'));
    const empty = path.join(root, 'models--acme--empty');
    mkdirSync(empty);
    assert.deepEqual(await meantFolder(empty), { path: empty, name: 'models--acme--empty' });
  },
);

test('a setting names models that are there, never a folder', async () => {
  const folder = copy();
  const here = process.cwd();
  const catalog = catalogOf();
  for (
    const name of [
      folder,
      path.relative(here, folder),
      `${folder}/.`,
      '~/models/x',
      '//host/share/m',
      '\\\\host\\share',
      './x',
    ]
  ) {
    assert.equal((await failureOf(catalog.choose(name, 'setting'))).reason, 'modelMissing', name);
  }
  assert.match((await failureOf(catalog.choose(folder, 'setting'))).message, /names the folder .*models add/);
  assert.match(
    (await failureOf(catalog.choose('//host/m', 'setting'))).message,
    /another machine.*models add \/\/host\/m/,
  );
  const listed = catalogOf([folder]);
  assert.equal((await listed.choose(folder, 'setting')).path, folder, 'by the folder of a model that is there');
  assert.equal((await listed.choose(path.basename(folder), 'setting')).path, folder);
});

test('a document names a folder by its whole path, and none of another machine', async () => {
  const folder = copy();
  const catalog = catalogOf();
  assert.equal((await catalog.choose(folder, 'document')).path, folder);
  for (const name of [path.relative(process.cwd(), folder), '//host/share/m', '\\\\host\\share']) {
    assert.equal((await failureOf(catalog.choose(name, 'document'))).reason, 'modelMissing', name);
  }
});

test('a folder beside a document never takes the place of a model that is there, or of a published one', async () => {
  const models = path.join(root, `models-${count++}`);
  const installed = copyCheckpoint('gqa-224', path.join(models, 'my-model'));
  const beside = copyCheckpoint('gqa-224', path.join(root, `beside-${count++}`));
  const catalog = catalogOf([models]);
  assert.equal((await catalog.choose('my-model', 'document', beside)).path, installed);
  assert.equal((await catalog.choose('./my-model', 'document', beside)).path, beside);
  assert.equal((await catalog.choose('other', 'document', beside)).path, beside);
  for (const name of ['google/paligemma2-3b-mix-448', 'paligemma2-3b-mix-448']) {
    assert.match((await failureOf(catalog.choose(name, 'document', beside))).message, /is not installed/);
  }
  assert.equal((await catalog.choose('./paligemma2-3b-mix-448', 'document', beside)).path, beside);
});

test('@model is a folder from where the prompt file lies, of this machine, or of the machine that the file lies on', async () => {
  const folder = copy();
  const documentUri = pathToFileURL(path.join(root, 'a.paligemma')).href;
  assert.equal(await existingFolder(documentUri, `./${path.basename(folder)}`), folder);
  assert.equal(await existingFolder(documentUri, folder), folder);
  assert.equal(await existingFolder(documentUri, pathToFileURL(folder).href), folder);
  assert.equal(await existingFolder('untitled:Untitled-1', path.basename(folder)), undefined);
  assert.equal(await existingFolder(documentUri, './none'), undefined);
  assert.equal(modelFolder(documentUri, '~/x'), path.join(os.homedir(), 'x'));
  for (const name of ['//host/share/m', '\\\\host\\share\\m', 'file://host/share/m', 'https://host/m']) {
    assert.equal(modelFolder(documentUri, name), undefined, name);
  }
});

test('what a prompt file calls a model means the same where a run is asked for without the file', async () => {
  const models = path.join(root, `models-${count++}`);
  const installed = copyCheckpoint('gqa-224', path.join(models, 'my-model'));
  const here = path.join(root, `here-${count++}`);
  const documentUri = pathToFileURL(path.join(here, 'a.paligemma')).href;
  for (const name of ['my-model', 'own', 'google/paligemma2-3b-mix-448']) {
    copyCheckpoint('gqa-224', path.join(here, name));
  }
  const catalog = catalogOf([models]);
  const everywhere = async (name: string) => nameEverywhere(documentUri, name, await catalog.list());
  for (const name of ['my-model', 'google/paligemma2-3b-mix-448', '//host/share/m', 'none', 'http://host/v1#m']) {
    assert.equal(await everywhere(name), name);
  }
  assert.equal(await everywhere('./my-model'), path.join(here, 'my-model'));
  assert.equal(await everywhere('own'), path.join(here, 'own'));
  assert.equal((await catalog.choose(await everywhere('own'), 'document')).path, path.join(here, 'own'));
  assert.equal((await catalog.choose(installed, 'document')).path, installed);
});

test('the name of a model that is there wins over a folder of that name where one happens to be', async t => {
  const folder = copy();
  const models = path.join(root, `models-${count++}`);
  const installed = copyCheckpoint('gqa-224', path.join(models, 'my-model'));
  const before = process.cwd();
  t.after(() => process.chdir(before));
  renameSync(folder, path.join(root, 'my-model'));
  process.chdir(root);
  const catalog = catalogOf([models]);
  assert.equal((await catalog.choose('my-model')).path, installed);
  assert.equal((await catalog.choose('./my-model')).path, path.join(root, 'my-model'));
});

test('an adapter of another published checkpoint, and one that is not merged, are told of', async () => {
  const adapter = path.join(root, 'adapter');
  mkdirSync(adapter);
  const trainedOn = (base: unknown) =>
    writeFileSync(path.join(adapter, 'adapter_config.json'), JSON.stringify({ base_model_name_or_path: base }));
  const model = { id: 'google/paligemma2-3b-mix-448', path: '/models/x' };
  trainedOn('google/paligemma-3b-pt-224');
  assert.match(
    await adapterNote(model, adapter) ?? '',
    /trained on paligemma-3b-pt-224, but the model is paligemma2-3b-mix-448/,
  );
  for (const base of ['/home/me/PaliGemma2-3b-mix-448', 'my/model', undefined, 5]) {
    trainedOn(base);
    assert.equal(await adapterNote(model, adapter), undefined, String(base));
  }
  const folder = copy();
  assert.equal(await adapterNote({ id: 'x', path: folder }, undefined), undefined);
  for (const name of ['adapter_config.json', 'adapter_model.safetensors']) writeFileSync(path.join(folder, name), '{}');
  assert.match(await adapterNote({ id: 'x', path: folder }, undefined) ?? '', /merged only if --adapter/);
});

test('JSON files of a folder that are pipes or far too long are not read', {
  skip: process.platform === 'win32' ? 'there are no pipes in folders on Windows' : false,
}, async () => {
  const folder = copy();
  const place = path.join(folder, 'config.json');
  truncateSync(place, 3 * 2 ** 30);
  assert.match((await readModelFolder(folder))?.problem ?? '', /config\.json cannot be read/);
  rmSync(place);
  execFileSync('mkfifo', [place]);
  // A pipe is no file of the folder; to open it would wait for ever.
  assert.match((await readModelFolder(folder))?.problem ?? '', /no config\.json/);
  for (const name of ['adapter_config.json', 'manifest.json']) execFileSync('mkfifo', [path.join(folder, name)]);
  assert.ok((await readModelFolder(folder))?.problem !== undefined);
});
