// The built language server and the built host with an inference server on this machine: who agrees, who keeps the key,
// what is sent when.
import type { RunOutcome } from '../../paligemma/src/runResult';
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import {
  addServer,
  apiKey,
  listModels,
  probeServer,
  removeModel,
  type RunUpdate,
} from '../../server/src/contract/protocol';
import { registerServer, type RegisteredServer } from '../../server/src/models/servers/servers';
import { FakeInferenceServer, promptOf, type ServerKind } from '../support/fakeInferenceServer';
import { LspClient, type LspClientOptions } from '../support/lspClient';
import { samplePath } from '../support/samples';
import { failureOf, temporaryFolder } from '../support/temporary';

const timeout = 120_000;
const folder = temporaryFolder('inference');
const model = 'paligemma2-3b-mix-224';
const imageUri = pathToFileURL(samplePath('01.png')).href;
const clients: LspClient[] = [];
const servers: FakeInferenceServer[] = [];
let caches = 0;
after(() => {
  for (const { child } of clients) child.kill('SIGKILL');
  servers.forEach(server => server.close());
});

interface SetUp {
  readonly kind?: Partial<ServerKind>;
  /** What the client answers to `paligemma/apiKey`; absent: it does not know the request. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly settings?: (server: FakeInferenceServer) => Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly isAgreed?: boolean;
  readonly capabilities?: LspClientOptions['capabilities'];
}

async function setUp(
  { kind = {}, keys, settings = () => ({}), env = {}, isAgreed = false, capabilities = {} }: SetUp = {},
) {
  const server = await FakeInferenceServer.start(kind);
  servers.push(server);
  const cachePath = path.join(folder, `cache-${++caches}`);
  const registered: RegisteredServer = {
    urls: [server.url],
    model,
    dialect: 'vllm',
    mask: 'prefix',
    resolutionPx: 224,
    contextTokens: 1024,
  };
  const id = `${server.url}#${model}`;
  if (isAgreed) await registerServer(registered, cachePath);
  const asked: string[] = [];
  const client = await LspClient.start({
    settings: settings(server),
    capabilities,
    env: { PALIGEMMA_CACHE: cachePath, PALIGEMMA_API_KEY: '', ...env },
    prepare: connection => {
      if (keys === undefined) return;
      connection.onRequest(apiKey, ({ url }) => {
        asked.push(url);
        const key = keys[new URL(url).hostname];
        return key === undefined ? {} : { apiKey: key };
      });
    },
  });
  clients.push(client);
  return { server, client, id, asked, cachePath };
}

function suffixOf(outcome: RunOutcome | undefined): string {
  return outcome !== undefined && 'result' in outcome
    ? outcome.result.suffix
    : assert.fail(outcome?.error.message ?? 'no outcome');
}

test('an editor: probes with a typed key, registers after the agreement, runs with the key that it keeps, removes', {
  timeout,
}, async () => {
  const key = 'sk-kept-by-the-editor';
  const { server, client, id, asked } = await setUp({ kind: { key }, keys: { '127.0.0.1': key } });
  const probe = await client.connection.sendRequest(probeServer, { url: server.origin, apiKey: key });
  assert.deepEqual(probe, {
    url: server.url,
    dialect: 'vllm',
    models: [{ id: model, contextTokens: 1024, resolutionPx: 224, mask: 'prefix' }],
  });
  const wrong = await failureOf(
    client.connection.sendRequest(probeServer, { url: server.origin, apiKey: 'sk-wrong' }).catch(
      (error: { data: { reason: string }; message: string }) => {
        throw Object.assign(new Error(error.message), { reason: error.data.reason });
      },
    ),
  );
  assert.equal(wrong.reason, 'serverRefused');
  assert.equal(
    (await client.connection.sendRequest(listModels)).some(({ origin }) => origin === 'server'),
    false,
    'a probe is no agreement',
  );

  assert.deepEqual(await client.connection.sendRequest(addServer, { urls: [server.origin], model }), { id });
  assert.deepEqual(
    (await client.connection.sendRequest(listModels)).filter(({ origin }) => origin === 'server').map(
      info => [info.id, info.server],
    ),
    [[id, { urls: [server.url], mask: 'prefix' }]],
  );
  const updates: RunUpdate[] = [];
  const { outcomes: [outcome] } = await client.run({ imageUris: [imageUri], prompt: 'detect cat', model: id }, {
    onUpdate: update => updates.push(update),
  });
  assert.equal(suffixOf(outcome), '<loc0256><loc0128><loc0768><loc0512> cat');
  assert.ok(updates.some(({ progress }) => progress?.kind === 'text' && progress.text === '<loc0256>'));
  assert.ok(asked.length >= 2 && asked.every(url => url === server.url));
  const status = await client.status(({ sendsTo, state }) => sendsTo !== undefined && state === 'ready');
  assert.deepEqual([status.sendsTo, status.device, status.model], [new URL(server.url).host, 'remote', id]);
  assert.ok(!JSON.stringify([client.log, client.statuses, client.messages]).includes('sk-'));

  await client.connection.sendRequest(removeModel, { id });
  assert.equal((await client.connection.sendRequest(listModels)).some(({ origin }) => origin === 'server'), false);
  const chats = server.chats.length;
  await assert.rejects(client.run({ imageUris: [imageUri], prompt: 'ocr', model: id }), /agreed/);
  assert.equal(server.chats.length, chats);
  assert.equal(await client.stop(), 0);
});

test('a setting of a workspace cannot send pictures to a server that nobody agreed to', { timeout }, async () => {
  const { server, client } = await setUp({ settings: ({ url }) => ({ model: `${url}#${model}` }) });
  const status = await client.status(({ state }) => state === 'failed');
  assert.match(status.detail ?? '', /agreed/);
  await assert.rejects(client.run({ imageUris: [imageUri], prompt: 'caption en' }), /agreed/);
  assert.equal(server.requests.length, 0);
});

test(
  'the chosen model is one of a server: said from the start, used without a name, never by itself',
  { timeout },
  async () => {
    const { server, client, id } = await setUp({
      isAgreed: true,
      settings: ({ origin }) => ({ model: origin }),
      capabilities: { textDocument: { inlayHint: {}, codeLens: {}, hover: { contentFormat: ['markdown'] } } },
    });
    const status = await client.status(({ sendsTo }) => sendsTo !== undefined);
    assert.deepEqual([status.state, status.model], ['ready', id]);

    const file = path.join(folder, 'open.paligemma');
    copyFileSync(samplePath('01.png'), path.join(folder, 'open.png'));
    const text = `@model ${id}\n@image open.png\n\ncaption en\n`;
    writeFileSync(file, text);
    const uri = pathToFileURL(file).href;
    await client.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'paligemma', version: 1, text },
    });
    const textDocument = { uri };
    await client.connection.sendRequest('textDocument/hover', { textDocument, position: { line: 3, character: 2 } });
    await client.connection.sendRequest('textDocument/hover', { textDocument, position: { line: 1, character: 9 } });
    await client.connection.sendRequest('textDocument/inlayHint', {
      textDocument,
      range: { start: { line: 0, character: 0 }, end: { line: 4, character: 0 } },
    });
    await client.connection.sendRequest('textDocument/codeLens', { textDocument });
    const markdown = pathToFileURL(path.join(folder, 'open.md')).href;
    await client.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: markdown, languageId: 'markdown', version: 1, text: '![](open.png)\n' },
    });
    await client.connection.sendRequest('textDocument/hover', {
      textDocument: { uri: markdown },
      position: { line: 0, character: 6 },
    });
    assert.equal(server.requests.length, 0, 'looking at things asks no server');

    const { outcomes: [outcome] } = await client.run({ imageUris: [imageUri], prompt: 'caption en' });
    suffixOf(outcome);
    assert.deepEqual(server.chats.map(promptOf), ['caption en']);
  },
);

test('a client that knows no keys: the environment has one', { timeout }, async () => {
  const { server, client, id } = await setUp({
    kind: { key: 'from-env' },
    env: { PALIGEMMA_API_KEY: 'from-env' },
    isAgreed: true,
  });
  for (const prompt of ['ocr', 'caption en']) {
    suffixOf((await client.run({ imageUris: [imageUri], prompt, model: id })).outcomes[0]);
  }
  assert.deepEqual(server.requests.map(({ headers }) => headers.authorization), ['Bearer from-env', 'Bearer from-env']);
  assert.ok(!client.log.join('\n').includes('from-env'));
});

test('many pictures go together, answers in the order of the request; a model of this machine does not wait for them', {
  timeout,
}, async () => {
  const { server, client, id } = await setUp({ isAgreed: true });
  const images = ['01.png', '02.png', '03.png', '04.png'].map(samplePath).map(image => pathToFileURL(image).href);
  const held: (() => void)[] = [];
  server.fault = (request, response) => {
    held.push(() => server.answer(request, response));
    return true;
  };
  const told: number[] = [];
  const remote = client.run({ imageUris: images, prompt: 'caption en', model: id }, {
    onUpdate: ({ index, outcome }) => void (outcome !== undefined && told.push(index)),
  });
  await server.until(() => server.running === 4);
  const local = await client.run({ imageUris: [imageUri], prompt: 'caption en', model: 'demo' });
  assert.equal(local.outcomes.map(outcome => 'result' in outcome && outcome.result.device !== 'remote').join(), 'true');
  held.reverse().forEach(release => release());
  const { outcomes } = await remote;
  assert.deepEqual(outcomes.map(outcome => outcome.imageUri), images);
  outcomes.forEach(suffixOf);
  assert.deepEqual(told, [0, 1, 2, 3], 'told in this order too, though the last one was answered first');
});

test('cancelling a request ends it at the server, and nothing is stored', { timeout }, async () => {
  const { server, client, id, cachePath } = await setUp({ isAgreed: true });
  server.fault = () => true;
  const source = new CancellationTokenSource();
  const running = client.run({ imageUris: [imageUri], prompt: 'caption en', model: id }, { token: source.token });
  await server.until(() => server.running === 1);
  source.cancel();
  await assert.rejects(running);
  await server.until(() => server.running === 0);
  assert.equal(existsSync(path.join(cachePath, 'results')), false);
});

test('what is kept of a server holds no key', { timeout }, async () => {
  const { server, client, cachePath } = await setUp({ kind: { key: 'sk-secret' }, keys: { '127.0.0.1': 'sk-secret' } });
  await client.connection.sendRequest(addServer, { urls: [server.url], model });
  const kept = readdirSync(path.join(cachePath, 'servers')).map(name =>
    readFileSync(path.join(cachePath, 'servers', name), 'utf8')
  );
  assert.equal(kept.length, 1);
  assert.ok(!kept.join('').includes('sk-secret'));
});
