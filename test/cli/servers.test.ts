// Inference servers from the terminal: agreed to, listed, run with many pictures in flight, failing, removed.
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import {
  filesBelow,
  hasTerminal,
  linesOf,
  objectsOf,
  onTerminal,
  runCommand,
  startCommand,
  temporaryFolder,
  type CommandOptions,
} from '../support/commandLine';
import { FakeInferenceServer, idOf, sendJson, type ServerFault, type ServerKind } from '../support/fakeInferenceServer';
import { samplePath } from '../support/samples';

const timeout = 180_000;
const box = '<loc0256><loc0128><loc0768><loc0512> cat';
const folders: { remove(): void }[] = [];
const servers: FakeInferenceServer[] = [];
after(() => {
  servers.forEach(server => server.close());
  folders.forEach(folder => folder.remove());
});

async function startServer(kind: Partial<ServerKind> = {}): Promise<FakeInferenceServer> {
  const server = await FakeInferenceServer.start(kind);
  servers.push(server);
  return server;
}

/** A terminal with a cache of its own. */
function shell(env: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  folders.push(folder);
  const options: CommandOptions = {
    cache: folder.at('cache'),
    env: { PALIGEMMA_API_KEY: '', PALIGEMMA_LOG: '1', ...env },
  };
  return {
    folder,
    options,
    run: (...args: string[]) => runCommand(args, options),
    start: (...args: string[]) => startCommand(args, options),
  };
}

/** So many pictures of different content. */
async function pictures(folder: { at(...names: string[]): string }, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, async (_, index) => {
    const file = folder.at(`p${String(index).padStart(2, '0')}.png`);
    await sharp({ create: { width: 8 + index, height: 8, channels: 3, background: { r: index, g: 0, b: 0 } } }).png()
      .toFile(file);
    return file;
  }));
}

test('nothing is sent to a server before a person has agreed to it', { timeout }, async () => {
  const server = await startServer();
  const { run, options } = shell();
  const added = await run('models', 'add', server.url);
  assert.deepEqual([added.code, added.stdout], [2, '']);
  assert.match(added.stderr, /--yes/);
  const asked = await run('caption', samplePath('01.png'), '--model', server.url);
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /agreed.*paligemma models add http:\/\/127\.0\.0\.1:\d+\/v1/);
  assert.equal(server.requests.length, 0);
  assert.deepEqual(filesBelow(path.join(options.cache, 'servers')), []);
});

test('a server is added, listed, run, known in the store by any address, verified, removed', { timeout }, async () => {
  const server = await startServer();
  const { run } = shell();
  const added = await run('models', 'add', server.origin, '--yes');
  const id = `${server.url}#paligemma2-3b-mix-224`;
  assert.deepEqual([added.code, linesOf(added)], [0, [id]], added.stderr);
  assert.match(added.stderr, /224 px {2}applies the prefix mask/);
  assert.ok(linesOf(await run('models', 'list')).some(line => line.includes(id) && line.includes('on a server')));

  const result = await run('detect', 'cat', samplePath('01.png'), '--model', server.origin, '--json');
  const [object] = objectsOf(result);
  assert.ok(object !== undefined, result.stderr);
  assert.deepEqual(Object.keys(object).sort(), [
    'answer',
    'device',
    'heightPx',
    'image',
    'model',
    'prompt',
    'regions',
    'server',
    'stopReason',
    'suffix',
    'timings',
    'tokenIds',
    'widthPx',
  ]);
  assert.deepEqual([object['device'], object['model'], object['server'], object['suffix'], object['stopReason']], [
    'remote',
    id,
    server.url,
    box,
    'eos',
  ]);
  assert.deepEqual(object['tokenIds'], ['<loc0256>', '<loc0128>', '<loc0768>', '<loc0512>', ' cat'].map(idOf));

  const twin = await startServer();
  const addedTwin = await run('models', 'add', twin.url, '--yes', '--json');
  assert.deepEqual(
    objectsOf(addedTwin).map(({ urls, mask, dialect, resolutionPx }) => [urls, mask, dialect, resolutionPx]),
    [[[twin.url], 'prefix', 'vllm', 224]],
  );
  const probed = twin.chats.length;
  const [again] = objectsOf(await run('detect', 'cat', samplePath('01.png'), '--model', twin.url, '--json'));
  assert.deepEqual([again?.['suffix'], again?.['model'], twin.chats.length], [
    box,
    `${twin.url}#paligemma2-3b-mix-224`,
    probed,
  ]);

  server.kind.hasPrefixMask = false;
  const verified = await run('models', 'verify', id);
  assert.deepEqual([verified.code, linesOf(verified)], [0, [`ok\t${server.url}\tmask causal`]]);
  assert.ok(
    linesOf(await run('models', 'list')).some(line => line.includes(id) && line.includes('without the prefix mask')),
  );
  server.close();
  assert.equal((await run('models', 'verify', id)).code, 1);
  assert.equal((await run('models', 'remove', id, '--yes')).code, 0);
  assert.equal((await run('detect', 'cat', samplePath('01.png'), '--model', id)).code, 1);
});

test('on a terminal a person is asked, with what was found out; no means no', {
  timeout,
  skip: hasTerminal() ? false : 'no program `script` for a terminal',
}, async () => {
  const server = await startServer();
  const { options } = shell();
  const declined = await onTerminal(['caption', samplePath('01.png'), '--model', server.url], options, 'n');
  assert.match(declined, /applies the prefix mask.*Send pictures to 127\.0\.0\.1:\d+ .*\[y\/N\].*1606/s);
  assert.deepEqual(server.chats.map(({ max_tokens }) => max_tokens), [1, 1], 'the probe only');
  const agreed = await onTerminal(['caption', samplePath('01.png'), '--model', server.url], options, 'y');
  assert.ok(agreed.includes(box));
  assert.equal(filesBelow(path.join(options.cache, 'servers')).length, 1);
});

test('a stock server: the terminal says that its answers differ', { timeout }, async () => {
  const server = await startServer({ hasPrefixMask: false });
  const { run } = shell();
  const { code, stderr } = await run('models', 'add', server.url, '--yes');
  assert.equal(code, 0);
  assert.match(stderr, /does NOT apply the prefix mask\n.*Note: .*differ.*docs\/servers\.md/s);
});

test(
  'one model of several and an unknown picture size are asked for, and what is no server is refused',
  { timeout },
  async () => {
    const server = await startServer({ models: ['a', 'b'], dialect: 'openai' });
    const { run } = shell();
    assert.match((await run('models', 'add', server.url, '--yes')).stderr, /several models: a, b.*--model-name/);
    assert.match((await run('models', 'add', server.url, '--yes', '--model-name', 'b')).stderr, /224, 448 or 896/);
    const added = await run('models', 'add', server.url, '--yes', '--model-name', 'b', '--resolution', '448');
    assert.deepEqual([added.code, linesOf(added)], [0, [`${server.url}#b`]]);
    assert.equal((await run('models', 'add', server.url, '--yes', '--resolution', 'x')).code, 2);
    assert.equal(
      (await run('models', 'add', 'http://user:secret@localhost/v1', '--yes')).stderr.includes('secret'),
      false,
    );
    assert.match((await run('models', 'add', '.', '--model-name', 'b')).stderr, /not to a folder/);
  },
);

test('many pictures: several in flight, and out in the order of the command line', { timeout }, async () => {
  const server = await startServer();
  const { run, folder } = shell();
  const images = await pictures(folder, 20);
  await run('models', 'add', server.url, '--yes');
  server.mostRunning = 0;
  let answered = 0;
  // The first one comes last of its round.
  let held: (() => void) | undefined;
  server.fault = (request, response) => {
    if (held === undefined) {
      held = () => server.answer(request, response);
      return true;
    }
    if (++answered === 12) held();
    return false;
  };
  const result = await run('caption', ...images, '--model', server.url);
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(linesOf(result), images.map(image => `${image}\t${box}`));
  assert.ok(server.mostRunning > 1 && server.mostRunning <= 9, String(server.mostRunning));
});

test('two servers: both work, and where one dies the other one answers everything', { timeout }, async () => {
  const [first, second] = [await startServer({ answer: () => ['one'] }), await startServer({ answer: () => ['two'] })];
  const { run, folder } = shell();
  const images = await pictures(folder, 24);
  const added = await run('models', 'add', `${first.url},${second.url}`, '--yes');
  const [id] = linesOf(added);
  assert.ok(id !== undefined, added.stderr);
  const answersOf = async (...args: string[]) =>
    linesOf(await run('caption', ...images, '--model', id, '--no-cache', ...args)).map(line => line.split('\t')[1]);
  const spread = await answersOf();
  assert.ok(
    spread.filter(answer => answer === 'one').length >= 6 && spread.filter(answer => answer === 'two').length >= 6,
    spread.join(),
  );
  const told = objectsOf(await run('caption', ...images, '--model', id, '--no-cache', '--json'));
  const urls: Readonly<Record<string, string>> = { one: first.url, two: second.url };
  assert.ok(told.every(({ suffix, server }) => server === urls[String(suffix)]), 'each names the one that answered');
  let left = 3;
  second.fault = (_request, response) => {
    if (left-- > 0) return false;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"choices":[{"delta":{"content":"tw"}}]}\n\n', () => setImmediate(() => response.destroy()));
    return true;
  };
  const saved = await answersOf();
  assert.deepEqual([saved.length, saved.filter(answer => answer === 'two').length], [24, 3]);
  assert.ok(saved.every(answer => answer === 'one' || answer === 'two'));
});

test(
  'a server that is overloaded for a moment is asked again, and every picture has its answer',
  { timeout },
  async () => {
    const server = await startServer();
    const { run, folder } = shell();
    const images = await pictures(folder, 16);
    await run('models', 'add', server.url, '--yes');
    let left = 2;
    server.fault = (_request, response) => {
      if (left-- <= 0) return false;
      sendJson(response, 429, { error: { message: 'slow down' } });
      return true;
    };
    const result = await run('caption', ...images, '--model', server.url);
    assert.deepEqual([result.code, linesOf(result).length], [0, 16], result.stderr);
  },
);

test('the key comes from the environment and stands in no output; a wrong one is told', { timeout }, async () => {
  const key = 'sk-of-the-test';
  const server = await startServer({ key });
  const { run, options } = shell({ PALIGEMMA_API_KEY: key });
  assert.equal((await run('models', 'add', server.url, '--yes')).code, 0);
  const result = await run('caption', samplePath('01.png'), '--model', server.url);
  assert.equal(result.code, 0, result.stderr);
  assert.ok(!`${result.stdout}${result.stderr}`.includes(key));
  const wrong = await runCommand(['caption', samplePath('02.png'), '--model', server.url, '--json'], {
    ...options,
    env: { ...options.env, PALIGEMMA_API_KEY: 'wrong-key' },
  });
  assert.equal(wrong.code, 1);
  assert.deepEqual(objectsOf(wrong).map(({ error }) => (error as { readonly code: number }).code), [1602]);
  assert.ok(!`${wrong.stdout}${wrong.stderr}`.includes('wrong-key'));
});

test('a server that fails in any way leaves nothing behind, and the next try works', { timeout }, async () => {
  const server = await startServer();
  const { run, options } = shell();
  await run('models', 'add', server.url, '--yes');
  const faults: readonly (readonly [number, ServerFault])[] = [
    [
      1605,
      (_request, response) => Boolean(response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>')),
    ],
    [
      1605,
      (_request, response) =>
        Boolean(response.writeHead(200).end('data: {"choices":[{"delta":{"content":"half"}}]}\n\n')),
    ],
    [1601, (_request, response) => {
      response.writeHead(200);
      response.write(
        'data: {"choices":[{"delta":{"content":"half"}}]}\n\n',
        () => setImmediate(() => response.destroy()),
      );
      return true;
    }],
  ];
  for (const [code, fault] of faults) {
    server.fault = fault;
    const result = await run('caption', samplePath('01.png'), '--model', server.url, '--json');
    assert.deepEqual(
      objectsOf(result).map(({ error }) => (error as { readonly code: number }).code),
      [code],
      result.stdout,
    );
    assert.deepEqual(filesBelow(path.join(options.cache, 'results')), []);
  }
  server.fault = () => false;
  assert.equal((await run('caption', samplePath('01.png'), '--model', server.url)).code, 0);
  assert.equal(filesBelow(path.join(options.cache, 'results')).length, 1);
});

test('Ctrl+C ends what is under way at the server', {
  timeout,
  skip: process.platform === 'win32' && 'Windows has no signals to send',
}, async () => {
  const server = await startServer();
  const { run, start, options, folder } = shell();
  const images = await pictures(folder, 4);
  await run('models', 'add', server.url, '--yes');
  server.fault = () => true;
  const running = start('caption', ...images, '--model', server.url);
  await server.until(() => server.running === 4);
  running.child.kill('SIGINT');
  const { code, stdout } = await running.ended;
  assert.deepEqual([code, stdout], [130, '']);
  await server.until(() => server.running === 0);
  assert.deepEqual(filesBelow(path.join(options.cache, 'results')), []);
});

test('a prompt file may name a server that was agreed to, beside a model of this machine', { timeout }, async () => {
  const server = await startServer({ answer: prompt => ['remote ', prompt] });
  const { run, folder } = shell();
  copyFileSync(samplePath('01.png'), folder.at('a.png'));
  writeFileSync(
    folder.at('x.paligemma'),
    `@image a.png\n@model ${server.url}#paligemma2-3b-mix-224\nocr\n@model demo\ncaption en\n`,
  );
  const before = await run('file', folder.at('x.paligemma'), '--device', 'cpu');
  assert.deepEqual([before.code, server.requests.length, linesOf(before).length], [1, 0, 1], before.stderr);
  await run('models', 'add', server.url, '--yes');
  const result = await run('file', folder.at('x.paligemma'), '--device', 'cpu');
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(linesOf(result).map(line => line.split('\t').slice(1, 2)[0]), ['ocr', 'caption en']);
  assert.match(linesOf(result)[0] ?? '', /remote ocr$/);
});
