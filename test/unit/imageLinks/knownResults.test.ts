import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { ThumbnailParams, ThumbnailResult } from '../../../model-host/src/contract/protocol';
import { Failure } from '../../../paligemma/src/failures';
import type { RunResult } from '../../../paligemma/src/runResult';
import { KnownResults } from '../../../server/src/runs/knownResults';
import { Pictures } from '../../../server/src/lsp/pictures/pictures';
import { Thumbnails } from '../../../server/src/lsp/pictures/thumbnails';
import { imagePrefix, ResultStore } from '../../../server/src/runs/resultStore';
import { PictureHashes } from '../../../server/src/runs/pictureHashes';
import { CancelledError } from '../../../server/src/util/cancellation';
import { silentLog } from '../../../server/src/util/log';
import { systemTimers } from '../../../server/src/util/timers';
import { temporaryFolder } from '../../support/temporary';

const root = temporaryFolder('known');
const picture = path.join(root, 'a.png');
copyFileSync(path.resolve('test/fixtures/golden/images/one-pixel.png'), picture);
const region = { label: 'cup', box: { x1: 0, y1: 0, x2: 1, y2: 1 } };

function result(sha256: string, prompt: string, regions: RunResult['regions'] = []): RunResult {
  return {
    image: { path: picture, widthPx: 8, heightPx: 6, sha256 },
    model: 'demo',
    device: 'cpu',
    prompt,
    suffix: `answer to ${prompt}`,
    text: `answer to ${prompt}`,
    tokenIds: [1],
    tokenProbabilities: [1],
    stopReason: 'eos',
    regions,
    timings: { loadMs: 0, imageMs: 0, visionMs: 0, prefillMs: 0, decodeMs: 0, tokens: 1 },
    fromStore: false,
  };
}

const hashes = new PictureHashes();
const sha256Of = async (imagePath: string) => (await hashes.of(imagePath, CancellationToken.None)).sha256;

let folders = 0;
function setUp() {
  const cachePath = path.join(root, `cache-${++folders}`);
  const folderPath = path.join(cachePath, 'results');
  const store = new ResultStore(folderPath, silentLog);
  const known = new KnownResults({ folderPath, read: key => store.get(key), timers: systemTimers });
  return { cachePath, folderPath, store, known };
}
/** Of a result about the picture `sha256`: keys of one picture begin alike. */
const key = (sha256: string, digit: string) => imagePrefix(sha256) + digit.repeat(64 - imagePrefix(sha256).length);
const [x, y] = ['a1'.repeat(32), 'b2'.repeat(32)];
const patient = 10_000;

test('an answer that lies under two keys, as of a picture that was to be cut and needed no cut, is told once', async () => {
  const { store, known } = setUp();
  for (const digit of ['a', 'b']) await store.put(key(x, digit), result(x, 'ocr'));
  await store.put(key(x, 'c'), result(x, 'caption en'));
  assert.deepEqual((await known.of(x, patient)).map(({ prompt }) => prompt).sort(), ['caption en', 'ocr']);
});

test('what was stored is found by the content of the picture, and what another process stores later too', async () => {
  const { store, known, folderPath } = setUp();
  assert.deepEqual(await known.of(x, patient), [], 'a store that is not there yet');
  await store.put(key(x, 'a'), result(x, 'caption en'));
  await store.put(key(y, 'b'), result(y, 'ocr'));
  known.invalidate();
  assert.deepEqual((await known.of(x, patient)).map(({ prompt, text, widthPx }) => [prompt, text, widthPx]), [[
    'caption en',
    'answer to caption en',
    8,
  ]]);
  await new ResultStore(folderPath, silentLog).put(key(x, 'c'), result(x, 'detect cup', [region]));
  known.invalidate();
  assert.deepEqual((await known.of(x, patient)).map(({ prompt, labels }) => [prompt, labels]).sort(), [[
    'caption en',
    [],
  ], ['detect cup', ['cup']]]);
  rmSync(path.join(folderPath, 'a1', `${key(x, 'a')}.json`));
  known.invalidate();
  assert.deepEqual((await known.of(x, patient)).map(({ prompt }) => prompt), ['detect cup']);
});

test('answers stand in the order in which they were given, however lately one of them was read', async () => {
  const { store, folderPath } = setUp();
  for (const [index, digit] of ['a', 'b', 'c'].entries()) {
    await store.put(key(x, digit), result(x, digit));
    const file = path.join(folderPath, 'a1', `${key(x, digit)}.json`);
    const days = Date.UTC(2026, 0, index + 1);
    const written = { ...JSON.parse(readFileSync(file, 'utf8')) as object, storedAtMs: days };
    writeFileSync(file, JSON.stringify(written));
    utimesSync(file, new Date(days), new Date(days));
  }
  // By whatever process: each begins without any of them in memory.
  const read = (digit: string) => new ResultStore(folderPath, silentLog).get(key(x, digit));
  assert.ok(await read('b') !== undefined && await read('a') !== undefined);
  const later = new ResultStore(folderPath, silentLog);
  const known = new KnownResults({ folderPath, read: each => later.peek(each), timers: systemTimers });
  assert.deepEqual((await known.of(x, patient)).map(({ prompt }) => prompt), ['c', 'b', 'a']);
});

test('files that are no results are left out', async () => {
  const { store, known, folderPath } = setUp();
  await store.put(key(x, 'a'), result(x, 'caption en'));
  writeFileSync(path.join(folderPath, 'a1', 'notes.txt'), 'x');
  writeFileSync(path.join(folderPath, 'a1', `${key(x, 'b')}.json`), '{"half');
  mkdirSync(path.join(folderPath, 'other'));
  assert.equal((await known.of(x, patient)).length, 1);
});

test('who asks does not wait for a large store; a change is told when it is read', async () => {
  const { store, folderPath } = setUp();
  await store.put(key(x, 'a'), result(x, 'caption en'));
  let release = () => {};
  const gate = new Promise<void>(resolve => (release = resolve));
  const known = new KnownResults({
    folderPath,
    timers: systemTimers,
    read: async each => {
      await gate;
      return store.get(each);
    },
  });
  const changed = new Promise<void>(resolve => known.onDidChange(resolve));
  assert.deepEqual(await known.of(x, 1), []);
  release();
  await changed;
  assert.equal((await known.of(x, 1)).length, 1);
});

function fakeHost(cachePath: string, calls: ThumbnailParams[]) {
  return async (params: ThumbnailParams): Promise<ThumbnailResult> => {
    calls.push(params);
    const sha256 = await sha256Of(params.imagePath);
    const file = path.join(cachePath, 'thumbnails', sha256.slice(0, 2), `${sha256}-${calls.length}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    copyFileSync(params.imagePath, file);
    return { path: file, widthPx: 800, heightPx: 600, sha256 };
  };
}

test('a preview is made once, then found on disk, also by the next process; regions make another one', async () => {
  const { cachePath, store, known } = setUp();
  const calls: ThumbnailParams[] = [];
  const pictures = () =>
    new Pictures({
      known,
      hashes,
      isTrusted: () => true,
      read: each => store.get(each),
      timers: systemTimers,
      log: silentLog,
      thumbnails: new Thumbnails({ cachePath, make: fakeHost(cachePath, calls) }),
    });
  const first = await pictures().preview(picture, CancellationToken.None);
  assert.deepEqual([first.widthPx, first.heightPx, first.known, first.problem], [800, 600, [], undefined]);
  assert.match(first.previewUri ?? '', /^file:.*thumbnails.*\.png$/);
  assert.deepEqual(await pictures().preview(picture, CancellationToken.None), first);
  assert.equal(calls.length, 1);
  const sha256 = await sha256Of(picture);
  await store.put(key(sha256, 'd'), result(sha256, 'detect cup', [region]));
  known.invalidate();
  const withBoxes = await pictures().preview(picture, CancellationToken.None);
  assert.deepEqual(calls.at(-1)?.regions, [region]);
  assert.notEqual(withBoxes.previewUri, first.previewUri);
  assert.ok(readdirSync(path.join(cachePath, 'thumbnails')).length > 0);
});

test('a picture that cannot be shown: the sentence of the host, and what is known all the same', async () => {
  const { cachePath, store, known } = setUp();
  const sha256 = await sha256Of(picture);
  await store.put(key(sha256, 'e'), result(sha256, 'caption en'));
  const make = () => Promise.reject(new Failure('imageUnsupported', 'It is a HEIC picture. Save it as PNG.'));
  const pictures = new Pictures({
    known,
    hashes,
    isTrusted: () => true,
    read: each => store.get(each),
    timers: systemTimers,
    log: silentLog,
    thumbnails: new Thumbnails({ cachePath, make }),
  });
  const { problem, widthPx, known: answers } = await pictures.preview(picture, CancellationToken.None);
  assert.deepEqual([problem, widthPx, answers.length], ['It is a HEIC picture. Save it as PNG.', 8, 1]);
  assert.match(
    (await pictures.preview(path.join(root, 'gone.png'), CancellationToken.None)).problem ?? '',
    /no picture/,
  );
});

test('a hover that is superseded ends at once; the preview is made all the same', async () => {
  const { cachePath, store, known } = setUp();
  let release = () => {};
  const gate = new Promise<void>(resolve => (release = resolve));
  const source = new CancellationTokenSource();
  const calls: ThumbnailParams[] = [];
  const make = fakeHost(cachePath, calls);
  const thumbnails = new Thumbnails({
    cachePath,
    make: async params => {
      source.cancel();
      await gate;
      return make(params);
    },
  });
  const pictures = new Pictures({
    known,
    hashes,
    isTrusted: () => true,
    read: each => store.get(each),
    timers: systemTimers,
    log: silentLog,
    thumbnails,
  });
  await assert.rejects(pictures.preview(picture, source.token), (error: unknown) => error instanceof CancelledError);
  release();
  assert.ok((await pictures.preview(picture, CancellationToken.None)).previewUri !== undefined);
  assert.equal(calls.length, 1);
});

test('where the workspace is not trusted, nothing decodes the picture: its header tells the size, and the editor draws the file', async () => {
  const { cachePath, store, known } = setUp();
  const calls: ThumbnailParams[] = [];
  const pictures = new Pictures({
    known,
    hashes,
    isTrusted: () => false,
    read: each => store.get(each),
    timers: systemTimers,
    log: silentLog,
    thumbnails: new Thumbnails({ cachePath, make: fakeHost(cachePath, calls) }),
  });
  const { widthPx, heightPx, previewUri, problem } = await pictures.preview(picture, CancellationToken.None);
  assert.deepEqual([widthPx, heightPx, previewUri, problem, calls], [1, 1, pathToFileURL(picture).href, undefined, []]);
});
