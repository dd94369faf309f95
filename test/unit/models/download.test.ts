import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { AccessRefused } from '../../../server/src/models/download/downloadFailures';
import { RECORD_FILE, readRecord } from '../../../server/src/models/folders/downloadRecord';
import { CancelledError } from '../../../server/src/util/cancellation';
import { end, sendRange, sha256, type Fault } from '../../support/fakeHub';
import { ManualTimers } from '../../support/manualTimers';
import { failureOf } from '../../support/temporary';
import { FIRST, MODEL, NEEDED, setUpHub, smallCheckpoint, TOKEN } from './hubSupport';

const timeout = 30_000;

test('what a run needs comes whole and verified, nothing else; the token stays with the hub', { timeout }, async () => {
  const { server, fetch, folder, progress } = await setUpHub();
  const { wasThere, record } = await fetch();
  assert.equal(wasThere, false);
  assert.deepEqual(readdirSync(folder).sort(), [...NEEDED, RECORD_FILE].sort());
  const { files } = server.repositories.get(MODEL) ?? assert.fail();
  for (const name of NEEDED) {
    assert.ok(readFileSync(path.join(folder, name)).equals(files[name] ?? Buffer.alloc(0)), name);
  }
  assert.deepEqual(
    Object.fromEntries(record.files.map(file => [file.name, file.sha256])),
    Object.fromEntries(NEEDED.map(name => [name, sha256(files[name] ?? Buffer.alloc(0))])),
  );
  assert.deepEqual(await readRecord(folder), record);
  assert.deepEqual(
    readdirSync(path.dirname(folder)),
    [path.basename(folder)],
    'nothing half-installed is left beside it',
  );
  assert.ok(
    server.storageRequests().length === 3
      && server.storageRequests().every(({ authorization }) => authorization === undefined),
    'the storage is another origin',
  );
  assert.ok(
    server.requests.filter(({ origin }) => origin === 'hub').every(({ authorization }) =>
      authorization === `Bearer ${TOKEN}`
    ),
  );
  const last = progress.at(-1);
  assert.deepEqual([last?.phase, last?.doneBytes], ['check', last?.totalBytes]);
  const requests = server.requests.length;
  assert.equal((await fetch()).wasThere, true);
  assert.equal(server.requests.length, requests, 'what is there is not asked for again');
});

test('a broken connection goes on from where it broke, with the tag of the first part', { timeout }, async () => {
  const { server, fetch, folder, timers } = await setUpHub();
  let breaks = 0;
  server.fault = (request, response, contents) => {
    if (request.origin !== 'storage' || request.file !== FIRST || contents === undefined || breaks++ >= 2) return false;
    sendRange(request, response, contents, 1_200_000);
    return true;
  };
  await fetch();
  const asked = server.storageRequests(FIRST);
  assert.deepEqual(asked.map(({ range }) => range), [undefined, 'bytes=1200000-', 'bytes=2400000-']);
  assert.ok(asked.slice(1).every(({ ifRange }) => ifRange?.startsWith('"') === true));
  assert.deepEqual(timers.waits, [1000, 1000], 'progress resets the back-off');
  assert.equal(
    sha256(readFileSync(path.join(folder, FIRST))),
    sha256(server.repositories.get(MODEL)?.files[FIRST] ?? Buffer.alloc(0)),
  );
});

test(
  'cancelled: what came is kept, nothing is installed, and the next download goes on from there',
  { timeout },
  async () => {
    const { server, fetch, folder } = await setUpHub();
    const source = new CancellationTokenSource();
    server.fault = (request, response, contents) => {
      if (
        request.origin !== 'storage' || request.file !== FIRST || contents === undefined || request.range !== undefined
      ) return false;
      response.writeHead(200, {
        'content-length': String(contents.length),
        etag: `"${sha256(contents).slice(0, 32)}"`,
      });
      response.write(contents.subarray(0, 1_500_000));
      return true;
    };
    await assert.rejects(
      fetch({
        token: source.token,
        onProgress: ({ doneBytes }) => {
          if (doneBytes > 1_000_000) source.cancel();
        },
      }),
      CancelledError,
    );
    assert.equal(existsSync(folder), false);
    assert.ok(existsSync(path.join(`${folder}.partial`, `${FIRST}.part`)));
    assert.equal(existsSync(path.join(`${folder}.partial`, '.lock')), false);
    server.requests.length = 0;
    await fetch();
    assert.match(server.storageRequests(FIRST)[0]?.range ?? '', /^bytes=1\d{6}-$/);
    assert.equal(
      server.requests.filter(({ file }) => file === 'config.json').length,
      0,
      'whole files are not asked for again',
    );
    assert.ok(existsSync(path.join(folder, FIRST)));
  },
);

test('a file that is changed on the server between two parts starts over, with the new list', { timeout }, async () => {
  const { server, fetch, folder } = await setUpHub();
  const repository = server.repositories.get(MODEL) ?? assert.fail();
  const changed = smallCheckpoint();
  let isChanged = false;
  server.fault = (request, response, contents) => {
    if (isChanged || request.origin !== 'storage' || request.file !== FIRST || contents === undefined) return false;
    isChanged = true;
    sendRange(request, response, contents, 1_200_000);
    repository.files = changed;
    // The old address keeps working, as on a mirror that knows branches only.
    repository.commit = 'a'.repeat(40);
    return true;
  };
  repository.commit = 'a'.repeat(40);
  await fetch();
  assert.equal(server.requests.filter(({ path: place }) => place.startsWith('/api/')).length, 2);
  assert.equal(sha256(readFileSync(path.join(folder, FIRST))), sha256(changed[FIRST] ?? Buffer.alloc(0)));
});

test('a storage that lost the old tag sends the whole file, which is taken as such', { timeout }, async () => {
  const { server, fetch, folder } = await setUpHub();
  let isFirst = true;
  server.fault = (request, response, contents) => {
    if (request.origin !== 'storage' || request.file !== FIRST || contents === undefined) return false;
    sendRange(
      isFirst ? request : { ...request, ifRange: '"other"' },
      response,
      contents,
      isFirst ? 1_200_000 : Infinity,
    );
    isFirst = false;
    return true;
  };
  await fetch();
  assert.equal(
    sha256(readFileSync(path.join(folder, FIRST))),
    sha256(server.repositories.get(MODEL)?.files[FIRST] ?? Buffer.alloc(0)),
  );
});

test('another content than the hash promises: a second try, then refused and thrown away; a later download works', {
  timeout,
}, async () => {
  const { server, fetch, folder } = await setUpHub();
  const repository = server.repositories.get(MODEL) ?? assert.fail();
  repository.wrongHashOf = FIRST;
  const { reason, message } = await failureOf(fetch());
  assert.equal(reason, 'weightsCorrupt');
  assert.match(message, /SHA-256/);
  assert.equal(server.storageRequests(FIRST).length, 2);
  assert.equal(existsSync(folder), false);
  assert.equal(existsSync(path.join(`${folder}.partial`, `${FIRST}.part`)), false);
  delete repository.wrongHashOf;
  await fetch();
  assert.ok(existsSync(path.join(folder, FIRST)));
});

test('a part that was changed on the disk is found out by its hash and made anew', { timeout }, async () => {
  const { server, fetch, folder } = await setUpHub();
  let isFirst = true;
  server.fault = (request, response, contents) => {
    if (!isFirst || request.origin !== 'storage' || request.file !== FIRST || contents === undefined) return false;
    isFirst = false;
    sendRange(request, response, contents, 1_200_000);
    writeFileSync(path.join(`${folder}.partial`, `${FIRST}.part`), Buffer.alloc(1_300_000));
    return true;
  };
  await fetch();
  assert.equal(
    sha256(readFileSync(path.join(folder, FIRST))),
    sha256(server.repositories.get(MODEL)?.files[FIRST] ?? Buffer.alloc(0)),
  );
});

test(
  'refused: without a token, with one that may not, with a wrong one; each says what to do, none repeats the token',
  { timeout },
  async () => {
    const { server, fetch, folder } = await setUpHub();
    const refusal = async (accessToken: string | undefined): Promise<AccessRefused> => {
      try {
        await fetch({ accessToken });
      } catch (error) {
        if (error instanceof AccessRefused) return error;
        throw error;
      }
      return assert.fail('it was not refused');
    };
    const without = await refusal(undefined);
    assert.deepEqual([without.hadToken, without.licenceUrl], [false, `${server.endpoint}/${MODEL}`]);
    assert.match(without.message, /licence.*HF_TOKEN.*--token-stdin/);
    const forbidden = await refusal('hf_otherAccount');
    assert.match(forbidden.message, /Accept the licence at http.*public gated repos/);
    server.fault = (request, response) => {
      if (request.file === undefined) return false;
      end(response, 401, 'Invalid credentials');
      return true;
    };
    const wrong = await refusal('hf_otherAccount');
    assert.match(wrong.message, /wrong, expired/);
    for (const { message } of [forbidden, wrong]) assert.ok(!message.includes('hf_otherAccount'));
    assert.equal(existsSync(folder), false);
    assert.equal(server.storageRequests().length, 0);
  },
);

test('429 with Retry-After is waited for; a patience of an hour is told of instead', { timeout }, async () => {
  const { server, fetch, timers } = await setUpHub();
  const busy = (headers: Readonly<Record<string, string>>): Fault => {
    let isFirst = true;
    return (request, response) => {
      if (!isFirst || request.file !== undefined) return false;
      isFirst = false;
      end(response, 429, 'Too many requests', headers);
      return true;
    };
  };
  server.fault = busy({ 'retry-after': '3600' });
  const { reason, message } = await failureOf(fetch());
  assert.deepEqual([reason, timers.waits], ['weightsMissing', []]);
  assert.match(message, /429.*later/);
  server.fault = busy({ 'retry-after': 'Wed, 01 Jan 2025 00:00:09 GMT' });
  await fetch();
  assert.deepEqual(timers.waits, [9000]);
});

test('a server that stays out of order: longer and longer waits, then an end', { timeout }, async () => {
  const { server, fetch, timers } = await setUpHub();
  server.fault = (_, response) => {
    end(response, 503, 'down');
    return true;
  };
  const { reason, message } = await failureOf(fetch());
  assert.equal(reason, 'weightsMissing');
  assert.match(message, /503/);
  assert.deepEqual(timers.waits, [1000, 2000, 4000, 8000, 16000]);
});

test('nobody listens: the same waits, and a sentence that names the host', { timeout }, async () => {
  const { server, fetch, timers } = await setUpHub();
  server.close();
  const { reason, message } = await failureOf(fetch());
  assert.equal(reason, 'weightsMissing');
  assert.ok(message.includes(new URL(server.endpoint).host));
  assert.equal(timers.waits.length, 5);
});

test('a web page in place of the list or of a file: said so, at once', { timeout }, async () => {
  for (const place of ['list', 'config.json', FIRST]) {
    const { server, fetch, folder, timers } = await setUpHub();
    server.fault = (request, response) => {
      if (
        place === 'list'
          ? request.file !== undefined
          : request.file !== place || (place === FIRST && request.origin === 'hub')
      ) return false;
      end(response, 200, '<!DOCTYPE html><title>Log in</title>', { 'content-type': 'text/html' });
      return true;
    };
    const { reason, message } = await failureOf(fetch());
    assert.equal(reason, 'weightsMissing', place);
    assert.match(message, /web page/, place);
    assert.deepEqual([timers.waits, existsSync(folder)], [[], false], place);
  }
});

test('garbage in place of the list, and endless redirects', { timeout }, async () => {
  for (const body of ['{"sha":', '[]', '{"sha":"x","siblings":[]}', '']) {
    const { server, fetch } = await setUpHub();
    server.fault = (_, response) => {
      end(response, 200, body, { 'content-type': 'application/json' });
      return true;
    };
    assert.equal((await failureOf(fetch())).reason, 'weightsMissing', body);
  }
  const { server, fetch } = await setUpHub();
  server.fault = (request, response) => {
    end(response, 302, '', { location: request.path });
    return true;
  };
  const { reason, message } = await failureOf(fetch());
  assert.equal(reason, 'weightsMissing');
  assert.match(message, /endlessly/);
  assert.equal(server.requests.length, 6);
});

test('a server that never answers, and one that falls silent, end by time', { timeout }, async () => {
  for (const origin of ['hub', 'storage'] as const) {
    const { server, fetch } = await setUpHub();
    const timers = new ManualTimers();
    let isAsked: () => void = () => undefined;
    server.fault = (request, response, contents) => {
      if (request.origin !== origin || (origin === 'storage' && request.file !== FIRST)) return false;
      if (origin === 'storage' && contents !== undefined) {
        response.writeHead(200, { 'content-length': String(contents.length) });
        response.write(contents.subarray(0, 1000));
      }
      isAsked();
      return true;
    };
    const source = new CancellationTokenSource();
    let isDone = false;
    const failed = failureOf(fetch({ timers, token: source.token })).finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await new Promise<void>(resolve => {
        isAsked = resolve;
        setImmediate(resolve);
      });
      timers.advance(1000);
    }
    const { reason, message } = await failed;
    assert.equal(reason, 'weightsMissing', origin);
    assert.match(
      message,
      origin === 'hub' ? /did not answer within 30 seconds/ : /sent nothing for 60 seconds|did not answer/,
      origin,
    );
  }
});

test('no space: refused with the numbers before the weights; the conversion counts', { timeout }, async () => {
  const { server, fetch, folder } = await setUpHub();
  const { reason, message } = await failureOf(fetch({ freeBytes: 2_000_000 }));
  assert.equal(reason, 'diskFull');
  assert.match(message, /0\.0 GB free.*PALIGEMMA_CACHE/);
  assert.equal(server.storageRequests().length, 0);
  assert.match(
    (await failureOf(fetch({ freeBytes: 4_000_000, reserve: () => 1_000_000_000 }))).message,
    /1\.0 GB of them for the converted model/,
  );
  assert.equal(existsSync(folder), false);
  await fetch({ freeBytes: 4_000_000, reserve: () => 100 });
});

test('a repository that is no PaliGemma 2 is refused by its config, before the weights, and leaves nothing', {
  timeout,
}, async () => {
  const { server, fetch, cachePath } = await setUpHub();
  const refuse = async (change: Readonly<Record<string, Buffer | undefined>>) => {
    const files = Object.fromEntries(
      Object.entries({ ...smallCheckpoint(), ...change }).filter((entry): entry is [string, Buffer] =>
        entry[1] !== undefined
      ),
    );
    server.add(MODEL, { files, token: TOKEN });
    const failure = await failureOf(fetch());
    assert.deepEqual(readdirSync(path.join(cachePath, 'models')), []);
    return failure;
  };
  mkdirSync(path.join(cachePath, 'models'));
  const config = (value: unknown) => ({ 'config.json': Buffer.from(JSON.stringify(value)) });
  assert.match((await refuse(config({ model_type: 'llama' }))).message, /nothing more was downloaded.*type "llama"/);
  assert.match(
    (await refuse(config({ model_type: 'paligemma', text_config: { model_type: 'gemma' } }))).message,
    /only PaliGemma 2 \(gemma2\)/,
  );
  const mlx = (more: object) => ({
    ...JSON.parse(smallCheckpoint()['config.json']!.toString()) as object,
    quantization: { bits: 4, group_size: 64, ...more },
  });
  assert.match(
    (await refuse(config(mlx({ mode: 'mxfp4' })))).message,
    /quantized by MLX mxfp4 \(4 bit\), which is not read/,
  );
  assert.equal((await refuse(config([]))).reason, 'modelConfigInvalid');
  assert.match((await refuse({ 'config.json': undefined })).message, /no config\.json/);
  assert.match((await refuse({ [FIRST]: undefined })).message, /lacks model-00001/);
  const noWeights = Object.fromEntries(
    Object.keys(smallCheckpoint()).filter(name => name.endsWith('.safetensors')).map(name => [name, undefined]),
  );
  assert.match((await refuse(noWeights)).message, /\*\.safetensors files are needed/);
  assert.equal(server.storageRequests().length, 0);
});

test('a file beside the weights that is far too long is refused by the list, before anything is fetched', {
  timeout,
}, async () => {
  const { server, fetch, folder } = await setUpHub();
  for (const [name, mebibytes] of [['config.json', 17], ['generation_config.json', 17]] as const) {
    server.add(MODEL, { files: { ...smallCheckpoint(), [name]: Buffer.alloc(mebibytes << 20, '[') }, token: TOKEN });
    const failure = await failureOf(fetch());
    assert.equal(failure.reason, 'modelUnsupported');
    assert.match(failure.message, new RegExp(`a ${name.replace('.', '\\.')} of ${mebibytes << 20} bytes`));
  }
  assert.equal(server.storageRequests().length, 0);
  assert.equal(existsSync(folder), false);
});

test('of a repository with both, the single file is fetched and the shards are not', { timeout }, async () => {
  const { server, fetch } = await setUpHub();
  const files = {
    ...smallCheckpoint(),
    'model.safetensors': Buffer.alloc(30_000, 1),
    'model.fp16.safetensors': Buffer.alloc(20_000, 2),
    'processor_config.json': Buffer.from('{}'),
  };
  server.add(MODEL, { files, token: TOKEN });
  const names = (await fetch()).record.files.map(({ name }) => name);
  assert.deepEqual(names.filter(name => name.endsWith('.safetensors')), ['model.safetensors']);
  assert.ok(names.includes('processor_config.json'));
});

test('a repository of something else is named before anything is fetched', { timeout }, async () => {
  const { server, fetch } = await setUpHub();
  const small = { 'config.json': smallCheckpoint()['config.json']!, 'tokenizer.json': Buffer.from('{}') };
  const kinds: readonly (readonly [Record<string, Buffer>, RegExp])[] = [
    [{ 'adapter_config.json': Buffer.from('{}'), 'adapter_model.safetensors': Buffer.alloc(10) }, /It is an adapter/],
    [{ ...small, 'pytorch_model.bin': Buffer.alloc(10) }, /PyTorch pickles/],
    [{ 'x.gguf': Buffer.alloc(10) }, /GGUF/],
    [{ 'pt_3b_224.bf16.npz': Buffer.alloc(10) }, /archive of big_vision \(pt_3b_224\.bf16\.npz\).*no tokenizer/],
  ];
  for (const [files, says] of kinds) {
    server.add(MODEL, { files, token: TOKEN });
    assert.match((await failureOf(fetch())).message, says);
  }
  assert.equal(server.storageRequests().length, 0);
});

test('names that are none, or that lead out of the folder, are refused before any request', { timeout }, async () => {
  const { server, fetch } = await setUpHub();
  for (const id of ['', 'x', '../a/b', 'a/..', 'a/b/c', 'https://huggingface.co/a/b', 'a--b/c', 'a/b c']) {
    assert.equal((await failureOf(fetch({ id }))).reason, 'badArgument', id);
  }
  for (const revision of ['', '../main', 'a b', '-x']) {
    assert.equal((await failureOf(fetch({ revision }))).reason, 'badArgument', revision);
  }
  assert.equal(server.requests.length, 0);
  assert.match((await failureOf(fetch({ id: 'google/nothing' }))).message, /no repository google\/nothing/);
});

test('a file name in the list that leads out of the folder is never written', { timeout }, async () => {
  const { server, fetch, cachePath } = await setUpHub();
  const files = {
    ...smallCheckpoint(),
    '../escaped.safetensors': Buffer.alloc(20_000),
    '..\\escaped.safetensors': Buffer.alloc(20_000),
  };
  delete (files as Record<string, Buffer | undefined>)['model.safetensors.index.json'];
  server.add(MODEL, { files, token: TOKEN });
  const { folder } = await fetch();
  assert.ok(readdirSync(folder).every(name => !name.includes('escaped')));
  assert.deepEqual(readdirSync(path.join(cachePath, 'models')), [path.basename(folder)]);
});

test('one download of a model at a time; the place of a process that died is taken over', { timeout }, async () => {
  const { fetch, folder } = await setUpHub();
  mkdirSync(`${folder}.partial`, { recursive: true });
  const lock = path.join(`${folder}.partial`, '.lock');
  writeFileSync(lock, String(process.ppid));
  assert.match((await failureOf(fetch())).message, /Another process/);
  // Larger than any process number of the platforms.
  writeFileSync(lock, '99999999');
  await fetch();
});

test('two versions lie side by side; something else in the place is left alone', { timeout }, async () => {
  const { fetch, cachePath, folder } = await setUpHub();
  await fetch();
  await fetch({ revision: 'refs/pr/3' });
  assert.deepEqual(readdirSync(path.join(cachePath, 'models')).sort(), [
    'google--paligemma2-3b-mix-448',
    'google--paligemma2-3b-mix-448@refs%2Fpr%2F3',
  ]);
  const own = path.join(cachePath, 'own');
  mkdirSync(own);
  writeFileSync(path.join(own, 'diary.txt'), 'dear');
  assert.equal((await failureOf(fetch({ folder: own }))).reason, 'folderTaken');
  assert.deepEqual(readdirSync(own), ['diary.txt']);
  assert.ok(existsSync(folder));
});
