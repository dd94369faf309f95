import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import {
  CancellationTokenSource,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { createConnection } from 'vscode-languageserver/node';
import type { GenerateParams } from '../../../model-host/src/contract/protocol';
import { downloadModel, listPublishedModels, removeModel } from '../../../server/src/contract/protocol';
import { defaultSettings } from '../../../server/src/contract/settings';
import type { HostClient } from '../../../server/src/host/hostClient';
import { ModelCatalog } from '../../../server/src/models/catalog/catalog';
import { Requests } from '../../../server/src/lsp/connection/requests';
import { tameReporter } from '../../../server/src/lsp/connection/tameReporter';
import { registerModelRequests } from '../../../server/src/lsp/requests/modelRequests';
import type { Log } from '../../../server/src/util/log';
import { systemTimers } from '../../../server/src/util/timers';
import { FakeHub } from '../../support/fakeHub';
import { temporaryFolder } from '../../support/temporary';
import { MODEL, smallCheckpoint, TOKEN } from './hubSupport';

const timeout = 30_000;

/** The handlers on a connection in memory, with a host that writes down what it is asked for. */
async function setUp() {
  const hub = await FakeHub.start();
  hub.add(MODEL, { files: smallCheckpoint(), token: TOKEN });
  const folder = temporaryFolder('requests');
  const cachePath = path.join(folder, 'cache');
  const environment = {
    HF_ENDPOINT: hub.endpoint,
    HF_HOME: path.join(folder, 'home'),
    HF_TOKEN: '',
    HF_TOKEN_PATH: '',
  };
  const before = Object.fromEntries(Object.keys(environment).map(name => [name, process.env[name]]));
  Object.assign(process.env, environment);
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const connection = createConnection(new StreamMessageReader(toServer), new StreamMessageWriter(toClient));
  const client: MessageConnection = createMessageConnection(
    new StreamMessageReader(toClient),
    new StreamMessageWriter(toServer),
  );
  const runs: Omit<GenerateParams, 'progressToken'>[] = [];
  const logs: string[] = [];
  const changes = { count: 0 };
  const hostClient = {
    generate: (params: Omit<GenerateParams, 'progressToken'>) => Promise.resolve(void runs.push(params)),
  } as unknown as HostClient;
  const log: Log = (_level, scope, message) => void logs.push(`${scope} ${message}`);
  registerModelRequests({
    client: {
      progressUnder: token => tameReporter(connection.window.attachWorkDoneProgress(token)),
      requests: new Requests(connection, log),
      log,
      timers: systemTimers,
      configuration: { ready: Promise.resolve() },
      settings: { ...defaultSettings, weights: 'int8' },
    },
    cachePath,
    services: {
      catalog: new ModelCatalog({
        packageRoot: folder,
        cachePath,
        modelFolders: () => [],
        hubCachePath: path.join(folder, 'none'),
        totalMemoryBytes: 16e9,
      }),
      host: { use: work => work(hostClient), stop: () => Promise.resolve() },
    },
    onDidChangeModels: () => {
      changes.count++;
    },
  });
  connection.listen();
  client.listen();
  const progress: { readonly kind: string; readonly percentage?: number; readonly message?: string }[] = [];
  client.onNotification(
    '$/progress',
    ({ value }: { readonly value: (typeof progress)[number] }) => void progress.push(value),
  );
  after(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    client.dispose();
    connection.dispose();
    hub.close();
  });
  return { hub, client, runs, logs, changes, progress, cachePath };
}

test(
  'an editor: refused with the page of the licence, then with a token downloaded and tried, listed, removed; the token is in no log',
  { timeout },
  async () => {
    const { client, runs, logs, changes, progress, hub, cachePath } = await setUp();
    const refused = await client.sendRequest(downloadModel, { id: MODEL });
    assert.ok(refused.outcome === 'refused');
    assert.deepEqual([refused.hadToken, refused.licenceUrl], [false, `${hub.endpoint}/${MODEL}`]);

    const installed = await client.sendRequest(downloadModel, { id: MODEL, token: `${TOKEN}\n`, workDoneToken: 'w' });
    const folder = path.join(cachePath, 'models', 'google--paligemma2-3b-mix-448');
    assert.ok(installed.outcome === 'installed');
    assert.deepEqual([installed.id, installed.path], [MODEL, folder]);
    assert.deepEqual(
      runs.map(({ model, maxNewTokens }) => 'path' in model && [model.path, model.weights, maxNewTokens]),
      [[folder, 'int8', 1]],
    );
    assert.deepEqual([progress[0]?.kind, progress.at(-1)?.kind], ['begin', 'end']);
    assert.ok(!JSON.stringify([logs, progress, refused, installed]).includes(TOKEN));

    const published = await client.sendRequest(listPublishedModels);
    assert.deepEqual(published.filter(({ isInstalled }) => isInstalled).map(({ id, licence }) => [id, licence?.url]), [[
      MODEL,
      'https://ai.google.dev/gemma/terms',
    ]]);
    assert.ok(published.every(({ freeBytes = 0 }) => freeBytes > 0));
    const { bytesFreed } = await client.sendRequest(removeModel, { id: MODEL });
    assert.ok(bytesFreed > 3_000_000);
    assert.equal(existsSync(folder), false);
    assert.equal(changes.count, 3);
  },
);

test('an editor cancels: answered as cancelled, and nothing is installed', { timeout }, async () => {
  const { client, hub, cachePath } = await setUp();
  const source = new CancellationTokenSource();
  const asked = hub.next(({ origin }) => origin === 'storage');
  hub.fault = ({ origin }) => origin === 'storage';
  const answer = client.sendRequest(downloadModel, { id: MODEL, token: TOKEN }, source.token);
  await asked;
  source.cancel();
  await assert.rejects(answer, { code: -32800 });
  assert.equal(existsSync(path.join(cachePath, 'models', 'google--paligemma2-3b-mix-448')), false);
});

test(
  'a request that is not understood, and a token that is none, are answered with a row of the table',
  { timeout },
  async () => {
    const { client } = await setUp();
    for (const params of [{ id: 1 }, { id: 'x y' }]) {
      await assert.rejects(client.sendRequest(downloadModel.method, params), {
        code: 1501,
        data: { kind: 'user', reason: 'badArgument' },
      });
    }
    await assert.rejects(client.sendRequest(downloadModel.method, { id: MODEL, token: 'a\nb' }), {
      code: 1704,
      data: { kind: 'user', reason: 'accessTokenInvalid' },
    });
    await assert.rejects(client.sendRequest(removeModel, { id: 'nothing' }), { code: 1101 });
  },
);
