import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CancellationToken } from 'vscode-jsonrpc/node';
import type { ServerProbe } from '../../../model-host/src/contract/inferenceServer';
import { Failure } from '../../../paligemma/src/failures';
import { ModelCatalog } from '../../../server/src/models/catalog/catalog';
import { findOnServers } from '../../../server/src/models/servers/addServer';
import { proxyFrom } from '../../../net/src/proxy';
import { planServerRemoval, remove } from '../../../server/src/models/catalog/removeModel';
import { readServerName, readServerUrl, serverModelId } from '../../../paligemma/src/serverNames';
import { ServerEndpoints } from '../../../server/src/models/servers/serverEndpoints';
import {
  registeredServers,
  registerServer,
  serverIdentity,
  type RegisteredServer,
} from '../../../server/src/models/servers/servers';
import type { HostClient } from '../../../server/src/host/hostClient';
import { failureOf, temporaryFolder } from '../../support/temporary';

const mix: RegisteredServer = {
  urls: ['http://gpu:8000/v1'],
  model: 'paligemma2-3b-mix-448',
  dialect: 'vllm',
  mask: 'prefix',
  resolutionPx: 448,
  contextTokens: 2048,
};
const pair: RegisteredServer = { ...mix, urls: ['http://gpu:8000/v1', 'http://gpu2:8000/v1'] };
const other: RegisteredServer = { ...mix, model: 'another', mask: 'causal' };

function setUp() {
  const cachePath = temporaryFolder('servers');
  const catalog = new ModelCatalog({
    packageRoot: path.resolve('.'),
    cachePath,
    modelFolders: () => [],
    hubCachePath: path.join(cachePath, 'none'),
  });
  return { cachePath, catalog };
}

test('addresses are understood as people write them', () => {
  for (
    const text of [
      'http://gpu:8000',
      'http://gpu:8000/',
      ' http://GPU:8000/v1/ ',
      'http://gpu:8000/v1/chat/completions',
      'http://gpu:8000/v1/models?x=1#y',
    ]
  ) assert.equal(readServerUrl(text), 'http://gpu:8000/v1', text);
  assert.equal(readServerUrl('https://team.example/paligemma'), 'https://team.example/paligemma/v1');
  for (const text of ['', 'gpu:8000', 'ftp://gpu', 'http://', 'http://user:secret@gpu/v1', 'http://gpu:99999']) {
    assert.throws(() => readServerUrl(text), Failure, text);
  }
  assert.throws(() => readServerUrl('http://user:secret@gpu/v1'), ({ message }: Error) => !message.includes('secret'));
  assert.deepEqual(readServerName('http://a,http://b/v1,http://a/v1#org/model'), {
    urls: ['http://a/v1', 'http://b/v1'],
    model: 'org/model',
  });
  assert.deepEqual(readServerName(serverModelId(pair)), { urls: pair.urls, model: pair.model });
});

test('registered, listed behind the models of this machine, chosen by id and by address, removed', async () => {
  const { cachePath, catalog } = setUp();
  const id = await registerServer(mix, cachePath);
  assert.equal(id, 'http://gpu:8000/v1#paligemma2-3b-mix-448');
  const listed = await catalog.list();
  assert.deepEqual(listed.at(-1), {
    id,
    kind: 'mix',
    isInstalled: true,
    resolutionPx: 448,
    converted: [],
    origin: 'server',
    size: '3b',
    server: { urls: mix.urls, mask: 'prefix' },
  });
  assert.equal(listed[0]?.origin, 'bundled');
  for (const name of [id, 'http://gpu:8000', 'http://gpu:8000/v1/']) {
    assert.deepEqual((await catalog.choose(name)).server, mix, name);
  }
  assert.equal((await catalog.choose('')).isDemo, true, 'nothing is sent anywhere where nothing was chosen');
  await remove(await planServerRemoval(mix, cachePath));
  assert.deepEqual(await registeredServers(cachePath), []);
  assert.equal((await failureOf(catalog.choose(id))).reason, 'serverNotAllowed');
});

test('an address that stands for several models, or for none, says so', async () => {
  const { cachePath, catalog } = setUp();
  const none = await failureOf(catalog.choose('http://gpu:8000'));
  assert.deepEqual([none.reason, /paligemma models add http:\/\/gpu:8000\/v1/.test(none.message)], [
    'serverNotAllowed',
    true,
  ]);
  await registerServer(mix, cachePath);
  await registerServer(other, cachePath);
  const several = await failureOf(catalog.choose('http://gpu:8000'));
  assert.equal(several.reason, 'serverModelMissing');
  assert.ok([mix, other].every(server => several.message.includes(serverModelId(server))));
  assert.equal((await failureOf(catalog.choose('http://gpu:8000#a-third'))).reason, 'serverNotAllowed');
  assert.equal(
    (await failureOf(catalog.choose('http://elsewhere/v1#another'))).reason,
    'serverNotAllowed',
    'agreement holds for the servers that were named',
  );
});

test('several servers of a model are one entry; any one of their addresses means it where no other does', async () => {
  const { cachePath, catalog } = setUp();
  await registerServer(pair, cachePath);
  assert.deepEqual((await catalog.choose('http://gpu2:8000')).server, pair);
  await registerServer(mix, cachePath);
  assert.deepEqual((await catalog.choose('http://gpu:8000')).server, mix, 'the one that is meant exactly');
  assert.equal(
    (await failureOf(catalog.choose('http://gpu:8000,http://stranger#paligemma2-3b-mix-448'))).reason,
    'serverNotAllowed',
  );
});

test('entries that are damaged, or of another hand, are left out; a later registration replaces an earlier one', async () => {
  const { cachePath } = setUp();
  await registerServer({ ...mix, mask: 'unknown' }, cachePath);
  await registerServer(mix, cachePath);
  const folder = path.join(cachePath, 'servers');
  assert.equal(readdirSync(folder).length, 1);
  mkdirSync(path.join(folder, 'x.json'));
  const text = readFileSync(path.join(folder, readdirSync(folder)[0] ?? ''), 'utf8');
  for (
    const [index, bad] of [
      '{',
      '[]',
      text.replace('"vllm"', '"x"'),
      text.replace('448,', '449,'),
      text.replace('http://gpu', 'file://gpu'),
      text.replace('"formatVersion":1', '"formatVersion":2'),
    ].entries()
  ) {
    assert.notEqual(bad, text);
    writeFileSync(path.join(folder, `bad${index}.json`), bad);
  }
  assert.deepEqual(await registeredServers(cachePath), [mix]);
  await assert.rejects(registerServer({ ...mix, resolutionPx: 100 }, cachePath), Failure);
});

test('what a model computes makes its identity, not where it runs', () => {
  assert.equal(serverIdentity(mix), serverIdentity(pair));
  const variants: readonly RegisteredServer[] = [
    mix,
    other,
    { ...mix, mask: 'causal' },
    { ...mix, dialect: 'openai' },
    { ...mix, resolutionPx: 224 },
  ];
  assert.equal(new Set(variants.map(serverIdentity)).size, variants.length);
});

test('the key: typed, kept by the editor, of the environment where the person agreed, in this order; the proxy of the environment, never to this machine', async () => {
  const env = { PALIGEMMA_API_KEY: ' environment ', HTTP_PROXY: 'proxy:3128', NO_PROXY: 'near,far' };
  const endpoints = new ServerEndpoints({
    env,
    proxy: proxyFrom(env),
    keyOf: url => Promise.resolve(url.includes('kept') ? 'kept' : undefined),
  });
  const none = CancellationToken.None;
  const agreed = { isAgreed: true };
  assert.deepEqual(await endpoints.get('http://kept/v1', { apiKey: 'typed', isAgreed: false }, none), {
    url: 'http://kept/v1',
    apiKey: 'typed',
    proxyUrl: 'http://proxy:3128/',
  });
  assert.equal((await endpoints.get('http://kept/v1', agreed, none)).apiKey, 'kept');
  assert.deepEqual(await endpoints.get('https://near/v1', agreed, none), {
    url: 'https://near/v1',
    apiKey: 'environment',
  });
  assert.deepEqual(await endpoints.get('https://near/v1', { isAgreed: false }, none), { url: 'https://near/v1' });
  // It may be meant for another server, so its place on an unencrypted way is no failure.
  assert.deepEqual(await endpoints.get('http://far/v1', agreed, none), { url: 'http://far/v1' });
  assert.deepEqual(await endpoints.get('http://localhost:1/v1', agreed, none), {
    url: 'http://localhost:1/v1',
    apiKey: 'environment',
  });
  const broken = new ServerEndpoints({ env: {}, proxy: proxyFrom({ HTTP_PROXY: 'socks5://x' }) });
  assert.equal((await failureOf(broken.get('http://far/v1', agreed, none))).reason, 'serverUnreachable');
});

/** Tools whose servers answer the probes as told. */
function toolsOf(probes: Readonly<Record<string, Omit<ServerProbe, 'url'>>>) {
  const client = {
    probeServer: ({ endpoint: { url } }: { endpoint: { url: string } }) => Promise.resolve({ url, ...probes[url] }),
  } as unknown as HostClient;
  return {
    host: { use: <T>(work: (client: HostClient) => Promise<T>) => work(client) },
    endpoints: new ServerEndpoints({ env: {}, proxy: () => undefined }),
  };
}

test('what is kept of several servers is what holds for all of them', async () => {
  const good = { dialect: 'vllm', models: [{ id: 'mix-448', contextTokens: 2048, mask: 'prefix' }] } as const;
  const poor = {
    dialect: 'openai',
    models: [{ id: 'mix-448', contextTokens: 1500, mask: 'unknown', note: 'nobody knows' }],
  } as const;
  const tools = toolsOf({
    'http://a/v1': good,
    'http://b/v1': poor,
    'http://c/v1': {
      dialect: 'vllm',
      models: [{ id: 'x', mask: 'causal' }, { id: 'mix-448', resolutionPx: 224, mask: 'causal' }],
    },
  });
  const find = (urls: readonly string[], model?: string, resolutionPx?: number) =>
    findOnServers({ urls, model, resolutionPx, isAgreed: false }, tools, CancellationToken.None);
  assert.deepEqual(await find(['http://a', 'http://b']), {
    server: {
      urls: ['http://a/v1', 'http://b/v1'],
      model: 'mix-448',
      resolutionPx: 448,
      dialect: 'openai',
      mask: 'unknown',
      contextTokens: 1500,
    },
    notes: ['nobody knows'],
  });
  assert.equal((await find(['http://a', 'http://c'], 'mix-448', 448)).server.mask, 'causal');
  assert.match((await failureOf(find(['http://a', 'http://c'], 'mix-448'))).message, /448, 224/);
  assert.match((await failureOf(find(['http://c']))).message, /x, mix-448/);
  assert.match((await failureOf(find(['http://c'], 'x'))).message, /--resolution/);
  assert.equal((await failureOf(find(['http://a', 'http://c'], 'x'))).reason, 'serverModelMissing');
});
