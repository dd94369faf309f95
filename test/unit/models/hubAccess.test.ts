import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { DownloadRate, describeDownload } from '../../../server/src/models/download/downloadRate';
import { folderName, nameOfFolder } from '../../../server/src/models/folders/downloadRecord';
import { Hub } from '../../../server/src/models/download/hub';
import { HttpClient } from '../../../server/src/models/download/hubHttp';
import { findToken, hubCachePath, hubEndpoint, readToken } from '../../../server/src/models/folders/hubPlaces';
import { proxyFrom } from '../../../net/src/proxy';
import { readRetryAfter } from '../../../server/src/models/download/retries';
import { readDownloadParams } from '../../../server/src/lsp/requests/modelRequests';
import { ManualTimers } from '../../support/manualTimers';
import { failureOf, temporaryFolder } from '../../support/temporary';
import { NoWaiting, setUpHub } from './hubSupport';

const home = temporaryFolder('home');

test("the token: HF_TOKEN before the file of the hub's own tools; HF_HOME and HF_TOKEN_PATH move that file", async () => {
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  assert.equal(await findToken({ env: {}, homePath: home }), undefined);
  write(path.join(home, '.cache', 'huggingface', 'token'), 'hf_file\n');
  assert.equal(await findToken({ env: {}, homePath: home }), 'hf_file');
  assert.equal(await findToken({ env: { HF_TOKEN: ' hf_own\n' }, homePath: home }), 'hf_own');
  write(path.join(home, 'moved', 'token'), 'hf_moved');
  assert.equal(await findToken({ env: { HF_HOME: path.join(home, 'moved') }, homePath: home }), 'hf_moved');
  const elsewhere = write(path.join(home, 'secret'), 'hf_elsewhere');
  assert.equal(await findToken({ env: { HF_TOKEN_PATH: elsewhere }, homePath: home }), 'hf_elsewhere');
  write(elsewhere, '  \n');
  assert.equal(await findToken({ env: { HF_TOKEN_PATH: elsewhere }, homePath: home }), undefined);
});

test('a token with a line break, a space or nothing in it is refused, and never repeated', async () => {
  for (const text of ['hf_a\nhf_b', 'hf a', 'hf_ä', 'x'.repeat(1001)]) {
    const { reason, message } = await failureOf(Promise.resolve().then(() => readToken(text, 'standard input')));
    assert.equal(reason, 'accessTokenInvalid');
    assert.ok(!message.includes(text) && !message.includes('hf_'));
  }
  await assert.rejects(() => Promise.resolve().then(() => readToken(' \n', 'standard input')), /empty/);
});

test('HF_ENDPOINT names a mirror, HF_HUB_CACHE and HF_HOME the cache', async () => {
  assert.equal(hubEndpoint({}).href, 'https://huggingface.co/');
  assert.equal(hubEndpoint({ HF_ENDPOINT: 'https://mirror.example/hf' }).href, 'https://mirror.example/hf');
  for (const HF_ENDPOINT of ['mirror', 'ftp://x', 'https://u:p@x', 'https://x?y']) {
    assert.equal(
      (await failureOf(Promise.resolve().then(() => hubEndpoint({ HF_ENDPOINT })))).reason,
      'environmentInvalid',
      HF_ENDPOINT,
    );
  }
  assert.equal(hubCachePath({ env: {}, homePath: home }), path.join(home, '.cache', 'huggingface', 'hub'));
  assert.equal(hubCachePath({ env: { HF_HOME: '/x' }, homePath: home }), path.join('/x', 'hub'));
  assert.equal(hubCachePath({ env: { HF_HUB_CACHE: '/y', HF_HOME: '/x' }, homePath: home }), '/y');
});

test('a token is never sent without encryption, but to this machine itself', () => {
  const open = (address: string) =>
    new Hub({
      endpoint: new URL(address),
      http: new HttpClient(() => undefined, new NoWaiting()),
      timers: new NoWaiting(),
      now: () => 0,
      accessToken: 'hf_x',
    });
  assert.throws(() => open('http://mirror.example'), /not encrypted/);
  for (const address of ['http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1', 'https://mirror.example']) {
    assert.doesNotThrow(() => open(address), address);
  }
});

test('a body that comes a byte now and then is given up, however steadily it comes', { timeout: 30_000 }, async () => {
  const server = http.createServer((_request, response) => {
    const drip = setInterval(() => response.write('x'), 1);
    response.once('close', () => clearInterval(drip));
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const timers = new ManualTimers();
  const client = new HttpClient(() => undefined, timers);
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const answer = await client.get(url, { signal: new AbortController().signal });
  let chunks = 0;
  const read = async () => {
    for await (const _ of answer.chunks()) {
      chunks++;
      timers.advance(30_000);
    }
  };
  await assert.rejects(read(), { name: 'ConnectionFailure', message: /sent only \d+ bytes in 300 seconds/ });
  assert.equal(chunks, 10, 'five minutes');
});

test('which proxy: the variables as curl reads them, exceptions, never for this machine', () => {
  const asked = (url: string, env: NodeJS.ProcessEnv, configured?: string) =>
    proxyFrom(env, configured)(new URL(url))?.href;
  const env = { HTTPS_PROXY: 'http://p:3128', NO_PROXY: 'intern.example, .corp,10.0.0.1:8080' };
  assert.equal(asked('https://huggingface.co/x', env), 'http://p:3128/');
  assert.equal(asked('http://huggingface.co/x', env), undefined);
  for (
    const url of [
      'https://intern.example',
      'https://a.intern.example',
      'https://x.corp',
      'https://10.0.0.1:8080',
      'https://127.0.0.1',
      'https://localhost',
    ]
  ) assert.equal(asked(url, env), undefined, url);
  assert.equal(asked('https://10.0.0.1', env), 'http://p:3128/');
  assert.equal(asked('https://notintern.example', env), 'http://p:3128/');
  assert.equal(asked('https://x', { all_proxy: 'p:1' }), 'http://p:1/');
  assert.equal(asked('https://x', { HTTPS_PROXY: 'http://a', https_proxy: 'http://b' }), 'http://b/');
  assert.equal(asked('https://x', env, 'http://editor:8080'), 'http://editor:8080/');
  assert.equal(asked('https://x', { ...env, NO_PROXY: '*' }, 'http://editor:8080'), undefined);
  assert.throws(() => asked('https://x', { HTTPS_PROXY: 'socks5://p' }), /http:\/\/HOST:PORT/);
});

test(
  "through a proxy: plain addresses whole, encrypted ones by a tunnel, with the proxy's password and without our token in sight",
  { timeout: 30_000 },
  async () => {
    const { server, fetch, timers } = await setUpHub();
    const seen: {
      readonly method: string | undefined;
      readonly url: string | undefined;
      readonly login: string | undefined;
      readonly hasToken: boolean;
    }[] = [];
    const proxy = http.createServer((request, response) => {
      seen.push({
        method: request.method,
        url: request.url,
        login: request.headers['proxy-authorization'],
        hasToken: request.headers.authorization !== undefined,
      });
      const target = new URL(request.url ?? '');
      target.host = new URL(server.endpoint).host;
      request.pipe(http.request(target, { method: request.method ?? 'GET', headers: request.headers }, answer => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      }));
    });
    proxy.on('connect', (request, socket) => {
      seen.push({
        method: request.method,
        url: request.url,
        login: request.headers['proxy-authorization'],
        hasToken: request.headers.authorization !== undefined,
      });
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    after(() => proxy.close());
    const address = `http://ada:se%3Acret@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const login = `Basic ${Buffer.from('ada:se:cret').toString('base64')}`;
    const { repositories } = server;
    for (const repository of repositories.values()) delete repository.token;
    await fetch({ endpoint: 'http://hub.test', accessToken: undefined, proxy: proxyFrom({ HTTP_PROXY: address }) });
    assert.match(seen[0]?.url ?? '', /^http:\/\/hub\.test\/api\/models\//);
    assert.ok(seen.every(request => request.login === login));
    seen.length = 0;
    const { reason, message } = await failureOf(
      fetch({ id: 'google/other', endpoint: 'https://hub.test', proxy: proxyFrom({ HTTPS_PROXY: address }) }),
    );
    assert.equal(reason, 'weightsMissing');
    assert.match(message, /The proxy 127\.0\.0\.1:\d+ answered 407/);
    assert.ok(!message.includes('cret'));
    assert.deepEqual(timers.waits, [], 'the same password would be refused again');
    assert.deepEqual(seen[0], { method: 'CONNECT', url: 'hub.test:443', login, hasToken: false });
  },
);

test('Retry-After in seconds, as a date, or as nonsense', () => {
  const now = Date.parse('2025-01-01T00:00:00Z');
  assert.deepEqual(
    ['7', 'Wed, 01 Jan 2025 00:00:09 GMT', 'Tue, 31 Dec 2024 00:00:00 GMT', 'soon', undefined].map(value =>
      readRetryAfter(value, now)
    ),
    [7000, 9000, 0, undefined, undefined],
  );
});

test('rate and time left are of the last seconds; a file that begins anew makes neither negative', () => {
  let now = 0;
  const rate = new DownloadRate(() => now);
  assert.deepEqual(rate.measure(0, 1000), { bytesPerSecond: undefined, secondsLeft: undefined });
  const at = (ms: number, done: number) => {
    now = ms;
    return rate.measure(done, 100e6);
  };
  assert.deepEqual(at(1000, 10e6), { bytesPerSecond: 10e6, secondsLeft: 9 });
  for (let second = 2; second <= 20; second++) at(second * 1000, 10e6);
  assert.deepEqual(at(21_000, 10e6), { bytesPerSecond: 0, secondsLeft: undefined }, 'it stands still');
  assert.deepEqual(at(22_000, 5e6), { bytesPerSecond: undefined, secondsLeft: undefined });
  assert.equal(at(23_000, 6e6).bytesPerSecond, 1e6);
  assert.equal(
    describeDownload({
      phase: 'download',
      doneBytes: 1.2e9,
      totalBytes: 6.1e9,
      bytesPerSecond: 45e6,
      secondsLeft: 109,
    }),
    'downloading, 1.2 of 6.1 GB, 45 MB/s, 2 min left',
  );
  assert.equal(
    describeDownload({ phase: 'download', doneBytes: 0, totalBytes: 6e6, waiting: 'waiting 2 s: x' }),
    'downloading, 0.0 of 6.0 MB, waiting 2 s: x',
  );
});

test('a repository and its version are named by a folder, and found again by it', () => {
  for (
    const [id, revision, folder] of [['google/paligemma2-3b-mix-448', 'main', 'google--paligemma2-3b-mix-448'], [
      'a/b.c',
      'v1.0',
      'a--b.c@v1.0',
    ], ['a/b', 'refs/pr/3', 'a--b@refs%2Fpr%2F3']] as const
  ) {
    assert.equal(folderName(id, revision), folder);
    assert.equal(nameOfFolder(folder), `${id}${revision === 'main' ? '' : `@${revision}`}`);
  }
  assert.equal(nameOfFolder('my-model'), 'my-model');
});

test('a request of an editor is read with care', async () => {
  assert.deepEqual(readDownloadParams({ id: 'a/b', token: 'x' }), { id: 'a/b', token: 'x' });
  for (const params of [undefined, null, 1, {}, { id: 1 }, { id: 'a/b', token: 1 }, { id: 'a/b', convert: 'yes' }]) {
    assert.equal((await failureOf(Promise.resolve().then(() => readDownloadParams(params)))).reason, 'badArgument');
  }
});
