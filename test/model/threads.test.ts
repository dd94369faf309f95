// A model in threads of its own: the numbers of the calling thread, the same cancels and errors, and nothing that stays
// behind.
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { convertCheckpoint } from '../../model-host/src/convert/convert';
import type { Manifest } from '../../model-host/src/manifest/manifest';
import { LoadedModel } from '../../model-host/src/engines/loadedModel';
import type { ThreadOptions } from '../../model-host/src/runtime/threads/plan';
import { floatTensorOf, goldenCases, goldenFolder, goldenTensors } from '../support/golden';
import { failureOf, temporaryFolder } from '../support/temporary';

const golden = goldenCases().find(({ id }) => id === 'caption')!;
const features = floatTensorOf(goldenTensors('cases/caption.safetensors'), 'image_features');
const folder = path.join(temporaryFolder('threads'), 'model');
const signal = new AbortController().signal;
/** A few positions of this small model: one layer to a graph, the prompt in pieces. */
const RUN_PRODUCTS = 3e6;
let manifest: Manifest;

before(async () => {
  manifest = await convertCheckpoint({
    sourcePath: path.join(goldenFolder, 'models', golden.model),
    outPath: folder,
    name: golden.model,
    fingerprint: '',
    weights: 'f32',
    attention: 'sliding',
    runProducts: RUN_PRODUCTS,
    onProgress: () => undefined,
  }, signal);
});

const notes: string[] = [];
const faults: Error[] = [];

function open(
  threads: Partial<ThreadOptions> | undefined,
  hooks: Partial<Parameters<typeof LoadedModel.open>[2]> = {},
  from = folder,
): Promise<LoadedModel> {
  notes.length = 0;
  return LoadedModel.open({ folder: from, manifest }, 'cpu', {
    signal,
    onProgress: () => undefined,
    onNote: note => notes.push(note),
    ...hooks,
  }, {
    keepsLogits: true,
    threads: threads
      && {
        file: path.resolve('dist/model-thread.js'),
        count: 2,
        bytesEach: 1,
        onFault: fault => faults.push(fault),
        ...threads,
      },
  });
}

/** Threads of this process. */
const running = () => process.getActiveResourcesInfo().filter(name => name === 'MessagePort').length;

describe('an open model', () => {
  let alone: LoadedModel;
  let threaded: LoadedModel;
  const progress: string[] = [];
  before(async () => {
    alone = await open(undefined);
    threaded = await open({ count: 3 }, { onProgress: (done, total) => progress.push(`${done}/${total}`) });
  });
  after(async () => {
    await alone.release();
    await threaded.release();
    assert.equal(running(), 0, 'the threads have ended');
    assert.deepEqual(faults, []);
  });

  test('is in threads, and every graph was counted', () => {
    assert.equal(running(), 3);
    const graphs = manifest.visionFiles.length + manifest.groups.length;
    assert.deepEqual(progress, Array.from({ length: graphs }, (_, index) => `${index + 1}/${graphs}`));
    assert.deepEqual(notes, []);
  });

  test('gives the same image features, bit for bit', async () => {
    const side = manifest.config.vision.imageSizePx;
    const pixels = Float32Array.from({ length: 3 * side ** 2 }, (_, index) => Math.sin(index));
    const seen: number[] = [];
    const inThread = await threaded.vision.features(pixels, { onGroup: done => seen.push(done) });
    assert.deepEqual(inThread, await alone.vision.features(pixels));
    assert.equal(seen.at(-1), manifest.visionFiles.length);
  });

  test('gives the same logits, bit for bit, and counts its groups through all threads', async () => {
    const logits: Float32Array[][] = [];
    for (const model of [alone, threaded]) {
      const seen: string[] = [];
      const cache = model.decoder.newCache();
      const given = [
        (await model.decoder.prefill(cache, features, golden.text_ids, {
          signal,
          onGroup: (done, total) => seen.push(`${done}/${total}`),
        })).logits!,
      ];
      for (const token of golden.tokens.slice(0, -1)) {
        given.push((await model.decoder.decode(cache, token, { signal })).logits!);
      }
      assert.deepEqual(seen, manifest.groups.map((_, index) => `${index + 1}/${manifest.groups.length}`));
      logits.push(given);
      cache.release();
    }
    assert.deepEqual(logits[1], logits[0]);
  });

  test('decodes pictures together', async () => {
    const [first, second] = golden.tokens;
    const told: unknown[] = [];
    for (const model of [alone, threaded]) {
      const caches = [model.decoder.newCache(), model.decoder.newCache()];
      for (const cache of caches) await model.decoder.prefill(cache, features, golden.text_ids, { signal });
      const cache = await model.decoder.joinCaches(caches);
      assert.equal(cache.rows, 2);
      const both = await model.decoder.decodeRows(cache, [first!, second!], { signal });
      await model.decoder.keepRows(cache, [1]);
      told.push([both, await model.decoder.decodeRows(cache, [first!], { signal }), cache.length]);
      cache.release();
    }
    assert.deepEqual(told[1], told[0]);
  });

  test('a cancelled prefill ends between two native runs, and the model goes on', async () => {
    const cancel = new AbortController();
    const cache = threaded.decoder.newCache();
    const seen: number[] = [];
    const hooks = {
      signal: cancel.signal,
      onGroup: (done: number) => {
        seen.push(done);
        cancel.abort();
      },
    };
    await assert.rejects(threaded.decoder.prefill(cache, features, golden.text_ids, hooks), { name: 'AbortError' });
    cache.release();
    assert.ok(seen.length < manifest.groups.length, seen.join(' '));
    const next = threaded.decoder.newCache();
    const { id } = await threaded.decoder.prefill(next, features, golden.text_ids, { signal });
    assert.equal(id, golden.tokens[0]);
    next.release();
  });

  test('a cache that was released cannot be used', async () => {
    const cache = threaded.decoder.newCache();
    await threaded.decoder.prefill(cache, features, golden.text_ids, { signal });
    cache.release();
    cache.release();
    await assert.rejects(threaded.decoder.decode(cache, 5, { signal }), /no cache/);
  });
});

describe('opening', () => {
  test('a damaged file is told as without threads, and the threads end', async () => {
    const damaged = path.join(temporaryFolder('threads-damaged'), 'model');
    cpSync(folder, damaged, { recursive: true });
    writeFileSync(path.join(damaged, manifest.groups.at(-1)!.file), 'no graph');
    const alone = await failureOf(open(undefined, {}, damaged));
    assert.deepEqual(await failureOf(open({}, {}, damaged)), alone);
    assert.equal(alone.reason, 'convertedModelCorrupt');
    assert.equal(running(), 0);
  });

  test('can be cancelled, and the threads end', async () => {
    const cancel = new AbortController();
    await assert.rejects(open({}, { signal: cancel.signal, onProgress: () => cancel.abort() }), { name: 'AbortError' });
    assert.equal(running(), 0);
  });

  test('where no thread can be started, the calling thread does it, with the reason', async () => {
    const model = await open({ file: path.resolve('dist/no-such-thread.js') });
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, /^The model is loaded in one thread, which takes longer: .*no-such-thread/);
    const cache = model.decoder.newCache();
    assert.equal((await model.decoder.prefill(cache, features, golden.text_ids, { signal })).id, golden.tokens[0]);
    cache.release();
    await model.release();
    assert.deepEqual(faults, []);
  });

  test('a thread that ends by a fault is told, and what waits for it fails', async () => {
    const file = path.join(temporaryFolder('threads-fault'), 'program.cjs');
    // Greets as the real one does, and fails with the first graph.
    writeFileSync(
      file,
      `const { parentPort } = require('node:worker_threads');
parentPort.on('message', message => {
  if (message.method !== 'modelThread/hello') throw new Error('the thread has failed');
  parentPort.postMessage({ jsonrpc: '2.0', id: message.id, result: null });
});`,
    );
    await assert.rejects(open({ file }));
    assert.deepEqual([...new Set(faults.splice(0).map(({ message }) => message))], ['the thread has failed']);
    assert.equal(running(), 0);
  });
});
