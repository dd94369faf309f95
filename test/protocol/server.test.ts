// The built language server over standard input and output, with a host that plays every way to go wrong.
import type { RunOutcome } from '../../paligemma/src/runResult';
import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  IPCMessageReader,
  IPCMessageWriter,
  ProgressType,
  ResponseError,
} from 'vscode-jsonrpc/node';
import { failureTable, type FailureData } from '../../paligemma/src/failures';
import {
  listModels,
  run,
  unloadModel,
  verifyModel,
  type RunResponse,
  type RunUpdate,
} from '../../server/src/contract/protocol';
import { buildFakeHost, FakeHostWatch } from '../support/fakeHostWatch';
import { distPath, LspClient, type LspClientOptions } from '../support/lspClient';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('server');
const picture = path.join(folder, 'a picture ü.png');
const imageUri = pathToFileURL(picture).href;
const timeout = 30_000;
let hostPath = '';
let watch: FakeHostWatch;
let caches = 0;
const clients: LspClient[] = [];

before(async () => {
  copyFileSync(path.resolve('test/fixtures/golden/images/one-pixel.png'), picture);
  hostPath = await buildFakeHost(folder);
  watch = await FakeHostWatch.open();
});
after(async () => {
  for (const { child } of clients) child.kill('SIGKILL');
  await watch.close();
});

/** A server of its own with an empty store. */
async function start(options: Partial<LspClientOptions> = {}): Promise<LspClient> {
  const env = {
    PALIGEMMA_HOST_PATH: hostPath,
    PALIGEMMA_CACHE: path.join(folder, `cache-${++caches}`),
    ...watch.environment,
    ...options.env,
  };
  const client = await LspClient.start({ ...options, env });
  clients.push(client);
  return client;
}

/** Runs one prompt on the one picture. */
async function outcomeOf(client: LspClient, prompt: string): Promise<RunOutcome> {
  const { outcomes } = await client.run({ imageUris: [imageUri], prompt });
  return outcomes[0] ?? assert.fail('no outcome');
}

async function suffixOf(client: LspClient, prompt: string): Promise<string> {
  const outcome = await outcomeOf(client, prompt);
  return 'result' in outcome ? outcome.result.suffix : assert.fail(outcome.error.message);
}

async function failureOf(
  client: LspClient,
  prompt: string,
): Promise<{ readonly reason: string; readonly code: number; readonly message: string }> {
  const outcome = await outcomeOf(client, prompt);
  return 'error' in outcome ? outcome.error : assert.fail('it worked');
}

test('a run is answered with everything known of it, and streams on its way', { timeout }, async () => {
  const client = await start();
  const updates: RunUpdate[] = [];
  const { outcomes } = await client.run({ imageUris: [imageUri], prompt: 'caption en' }, {
    onUpdate: update => updates.push(update),
  });
  const [outcome] = outcomes;
  assert.ok(outcome !== undefined && 'result' in outcome);
  const { timings, image, ...rest } = outcome.result;
  assert.deepEqual(rest, {
    model: 'paligemma2-demo-224',
    device: 'cpu',
    prompt: 'caption en',
    suffix: 'echo: caption en',
    text: 'echo: caption en',
    tokenIds: [1],
    tokenProbabilities: [0.5],
    stopReason: 'eos',
    fromStore: false,
    regions: [{ label: 'cup', box: { x1: 0, y1: 1, x2: 2, y2: 3 }, mask: { width: 4, height: 3, png: 'AAAA' } }],
  });
  assert.deepEqual([image.path, image.widthPx, image.heightPx], [picture, 4, 3]);
  assert.equal(timings.tokens, 1);
  assert.deepEqual(updates.map(({ index, progress, outcome: done }) => [index, progress?.kind ?? done]), [
    [0, 'phase'],
    [0, 'text'],
    [0, outcome],
  ]);
  assert.equal(await client.stop(), 0);
});

test('the same run again is answered from the store, without the host', { timeout }, async () => {
  const client = await start();
  await suffixOf(client, 'caption en');
  await client.connection.sendRequest(unloadModel);
  const hosts = watch.started.length;
  const outcome = await outcomeOf(client, 'caption en');
  assert.ok('result' in outcome && outcome.result.fromStore);
  assert.deepEqual(outcome.result.timings, {
    loadMs: 0,
    imageMs: 0,
    visionMs: 0,
    prefillMs: 0,
    decodeMs: 0,
    tokens: 1,
  });
  assert.equal(watch.started.length, hosts);
  await client.stop();
});

test('identical runs at the same time are executed once', { timeout }, async () => {
  const client = await start();
  const gate = path.join(folder, 'gate-join');
  const runs = [1, 2, 3].map(() => outcomeOf(client, `gate ${gate}`));
  await client.status(({ state }) => state === 'running');
  writeFileSync(gate, '');
  const outcomes = await Promise.all(runs);
  assert.deepEqual(outcomes.map(outcome => ('result' in outcome ? outcome.result.tokenIds : undefined)), [[1], [1], [
    1,
  ]]);
  await client.stop();
});

test('one picture that fails does not take the others with it', { timeout }, async () => {
  const client = await start();
  const missing = pathToFileURL(path.join(folder, 'missing.png')).href;
  const imageUris = [missing, imageUri, 'untitled:Untitled-1', imageUri];
  const { outcomes } = await client.run({ imageUris, prompt: 'ocr' });
  assert.deepEqual(outcomes.map(outcome => outcome.imageUri), imageUris);
  assert.deepEqual(outcomes.map(outcome => ('error' in outcome ? outcome.error.reason : outcome.result.suffix)), [
    'imageMissing',
    'echo: ocr',
    'badArgument',
    'echo: ocr',
  ]);
  await client.stop();
});

test('a crash answers every pending run with hostExited, and the next one starts a new host', { timeout }, async () => {
  const client = await start();
  const first = await suffixOf(client, 'pid');
  const [crashed, behind] = await Promise.all([failureOf(client, 'crash'), suffixOf(client, 'ocr')]);
  assert.deepEqual([crashed.reason, crashed.code], ['hostExited', failureTable.hostExited.code]);
  assert.match(crashed.message, /ended unexpectedly with exit code 7/);
  assert.equal(behind, 'echo: ocr', 'the run behind it is answered by a new host');
  await client.connection.sendRequest(unloadModel);
  assert.ok(watch.started.some(({ pid }) => String(pid) !== first));
  assert.ok(client.log.some(line => line.includes('the driver gave up')));
  await client.stop();
});

test('a host killed from outside in mid-run fails its run, and the next run works', { timeout }, async () => {
  const client = await start();
  const pid = Number(await suffixOf(client, 'pid'));
  const run = failureOf(client, 'slow');
  await client.status(({ state }) => state === 'running');
  process.kill(pid, 'SIGKILL');
  assert.equal((await run).reason, 'hostExited');
  assert.equal(await suffixOf(client, 'ocr'), 'echo: ocr');
  await client.stop();
});

test('three crashes stop it with a status that says why; unloading gives it another chance', { timeout }, async () => {
  const client = await start();
  for (let count = 0; count < 3; count++) assert.equal((await failureOf(client, 'crash')).reason, 'hostExited');
  const { reason, message } = await failureOf(client, 'ocr');
  assert.equal(reason, 'hostUnavailable');
  assert.match(message, /3 times/);
  assert.equal((await client.status(({ state }) => state === 'failed')).state, 'failed');
  await client.connection.sendRequest(unloadModel);
  assert.equal(await suffixOf(client, 'ocr'), 'echo: ocr');
  await client.stop();
});

test('cancelling answers at once and frees the host', { timeout }, async () => {
  const client = await start();
  const source = new CancellationTokenSource();
  const run = client.run({ imageUris: [imageUri, imageUri], prompt: 'slow' }, {
    token: source.token,
    onUpdate: () => source.cancel(),
  });
  await assert.rejects(run, (error: unknown) => error instanceof ResponseError && error.code === -32800);
  assert.equal(await suffixOf(client, 'ocr'), 'echo: ocr');
  assert.equal((await client.status(({ state }) => state === 'ready')).state, 'ready');
  await client.stop();
});

test('a host of another protocol version is refused', { timeout }, async () => {
  const client = await start({ env: { FAKE_HOST_MODE: 'wrongProtocol' } });
  assert.equal((await failureOf(client, 'ocr')).reason, 'protocolMismatch');
  await client.stop();
});

test('nonsense that the host prints never reaches the language client', { timeout }, async () => {
  const client = await start({ env: { FAKE_HOST_MODE: 'garbage' } });
  assert.equal(await suffixOf(client, 'ocr'), 'echo: ocr');
  assert.equal(await client.stop(), 0);
});

test('an idle host ends, the next run starts another', { timeout }, async () => {
  const client = await start({ settings: { keepLoadedMinutes: 0.002 } });
  const pid = await suffixOf(client, 'pid');
  await (await watch.of(Number(pid))).ended;
  assert.equal((await client.status(({ state }) => state === 'idle')).state, 'idle');
  assert.equal(await suffixOf(client, 'ocr'), 'echo: ocr');
  await client.stop();
});

test('the status tells the course of a run', { timeout }, async () => {
  const client = await start();
  await client.status(({ model }) => model === 'paligemma2-demo-224');
  await suffixOf(client, 'ocr');
  await client.stop();
  const states = client.statuses.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1]);
  assert.deepEqual(states.slice(0, 5), ['idle', 'starting', 'ready', 'loading', 'running']);
  const last = client.statuses.findLast(({ state }) => state === 'ready');
  assert.deepEqual([last?.device, last?.lastTimings?.tokens], ['cpu', 1]);
  assert.match(last?.detail ?? '', /demo model/);
});

test('settings are pulled where the client offers it, and decide', { timeout }, async () => {
  const client = await start({ pulls: true, settings: { device: 'webgpu', maxNewTokens: 'many' } });
  const outcome = await outcomeOf(client, 'ocr');
  assert.equal('result' in outcome && outcome.result.device, 'webgpu');
  assert.ok(client.log.some(line => line.includes('paligemma.maxNewTokens must be')));
  await client.stop();
});

test('settings that change later are used', { timeout }, async () => {
  const client = await start();
  await client.connection.sendNotification('workspace/didChangeConfiguration', {
    settings: { paligemma: { model: 'no-such-model' } },
  });
  await assert.rejects(
    client.run({ imageUris: [imageUri], prompt: 'ocr' }),
    (error: unknown) => error instanceof ResponseError && error.code === failureTable.modelMissing.code,
  );
  assert.match((await client.status(({ state }) => state === 'failed')).detail ?? '', /no-such-model/);
  await client.stop();
});

test('a model that is not there fails the request, with its reason', { timeout }, async () => {
  const client = await start();
  await assert.rejects(
    client.run({ imageUris: [imageUri], prompt: 'ocr', model: 'paligemma2-99b' }),
    (error: unknown) => {
      assert.ok(error instanceof ResponseError);
      assert.deepEqual(error.data, { kind: 'user', reason: 'modelMissing' });
      return true;
    },
  );
  await client.stop();
});

test('malformed and unknown requests are answered', { timeout }, async () => {
  const client = await start();
  for (const params of [{}, { imageUris: [imageUri] }, { imageUris: imageUri, prompt: '' }, [], 'text']) {
    await assert.rejects(
      client.connection.sendRequest('paligemma/run', params),
      (error: unknown) => error instanceof ResponseError && error.code === failureTable.badArgument.code,
      JSON.stringify(params),
    );
  }
  await assert.rejects(
    client.connection.sendRequest('paligemma/unknown', {}),
    (error: unknown) => error instanceof ResponseError && error.code === -32601,
  );
  await assert.rejects(client.connection.sendRequest('workspace/executeCommand', { command: 'rm -rf' }));
  assert.equal(await suffixOf(client, 'ocr'), 'echo: ocr');
  await client.stop();
});

test('the models that can be chosen are listed', { timeout }, async () => {
  const client = await start();
  const models = await client.connection.sendRequest(listModels);
  assert.deepEqual(models.map(({ id, kind, isInstalled, resolutionPx }) => ({ id, kind, isInstalled, resolutionPx })), [
    { id: 'paligemma2-demo-224', kind: 'demo', isInstalled: true, resolutionPx: 224 },
  ]);
  await client.stop();
});

test('a model is verified, with progress; an unknown one and a cancelled request fail', { timeout }, async () => {
  const client = await start();
  const percentages: number[] = [];
  client.connection.onProgress(
    new ProgressType<{ readonly kind: string; readonly percentage?: number }>(),
    'verify',
    ({ kind, percentage }) => {
      if (kind !== 'end') percentages.push(percentage ?? 0);
    },
  );
  const found = await client.connection.sendRequest(verifyModel, {
    id: 'paligemma2-demo-224',
    workDoneToken: 'verify',
  });
  assert.deepEqual([found.files > 3, found.damaged, found.missing], [true, [], []]);
  assert.ok(percentages.length > 0);
  await assert.rejects(
    client.connection.sendRequest(verifyModel, { id: 'nowhere' }),
    (error: unknown) => error instanceof ResponseError && (error.data as FailureData).reason === 'modelMissing',
  );
  await assert.rejects(
    client.connection.sendRequest('paligemma/verifyModel', {}),
    (error: unknown) => error instanceof ResponseError && (error.data as FailureData).reason === 'badArgument',
  );
  const source = new CancellationTokenSource();
  const cancelled = client.connection.sendRequest(verifyModel, { id: 'paligemma2-demo-224' }, source.token);
  source.cancel();
  await assert.rejects(cancelled, (error: unknown) => error instanceof ResponseError && error.code === -32800);
  await client.stop();
});

test(
  'an editor without our client runs a prompt by a command, with progress, and is shown the text',
  { timeout },
  async () => {
    const client = await start({ capabilities: { window: { workDoneProgress: true } } });
    const response = await client.connection.sendRequest<RunResponse>('workspace/executeCommand', {
      command: 'paligemma.server.run',
      arguments: [{ imageUris: [imageUri], prompt: 'ocr' }],
    });
    assert.equal(response.outcomes.length, 1);
    assert.deepEqual(client.messages, [{ type: 3, message: 'echo: ocr' }]);
    assert.deepEqual(client.workDone.map(({ kind }) => kind).filter((kind, index, all) => kind !== all[index - 1]), [
      'begin',
      'report',
      'end',
    ]);
    assert.ok(
      client.workDone.every(({ kind, percentage }) =>
        kind !== 'report' || (typeof percentage === 'number' && percentage >= 0 && percentage <= 100)
      ),
    );
    await client.stop();
  },
);

test('work-done progress of a run has rising percentages and ends also when the run fails', { timeout }, async () => {
  const client = await start();
  client.watchWorkDone('mine');
  await client.run({ imageUris: [imageUri, imageUri], prompt: 'fail', workDoneToken: 'mine' });
  assert.equal(client.workDone[0]?.['kind'], 'begin');
  assert.equal(client.workDone.at(-1)?.['kind'], 'end');
  await client.stop();
});

test('the editor is killed: neither server nor host stays behind', { timeout }, async () => {
  const client = await start();
  const host = await watch.of(Number(await suffixOf(client, 'pid')));
  const exited = once(client.child, 'exit');
  client.child.stdin.end();
  await Promise.all([exited, host.ended]);
});

test('the server is killed in mid-run: its host does not stay behind', { timeout }, async () => {
  const client = await start();
  const host = await watch.of(Number(await suffixOf(client, 'pid')));
  void client.run({ imageUris: [imageUri], prompt: 'slow' }).catch(() => undefined);
  await client.status(({ state }) => state === 'running');
  client.child.kill('SIGKILL');
  await host.ended;
});

test('the server is asked to end by a signal: its host ends with it', { timeout }, async () => {
  const client = await start();
  const host = await watch.of(Number(await suffixOf(client, 'pid')));
  const exited = once(client.child, 'exit');
  client.child.kill('SIGTERM');
  await Promise.all([exited, host.ended]);
});

test('leaving while the host is stuck takes no longer than its limit', { timeout }, async () => {
  const client = await start();
  const host = await watch.of(Number(await suffixOf(client, 'pid')));
  void client.run({ imageUris: [imageUri], prompt: 'hang' }).catch(() => undefined);
  await client.status(({ state }) => state === 'running');
  assert.equal(await client.stop(), 0);
  await host.ended;
});

test(
  'over the channel of a parent: it answers, and ends with its host when the parent is gone',
  { timeout },
  async () => {
    const child = fork(path.join(distPath, 'server.js'), ['--node-ipc'], {
      env: {
        ...process.env,
        PALIGEMMA_HOST_PATH: hostPath,
        PALIGEMMA_CACHE: path.join(folder, 'cache-ipc'),
        ...watch.environment,
      },
      serialization: 'json',
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    let printed = '';
    child.stdout?.on('data', (text: Buffer) => {
      printed += text.toString();
    });
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.listen();
    await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
    await connection.sendNotification('initialized', {});
    const { outcomes } = await connection.sendRequest(run, { imageUris: [imageUri], prompt: 'pid' });
    const [outcome] = outcomes;
    assert.ok(outcome !== undefined && 'result' in outcome);
    const host = await watch.of(Number(outcome.result.suffix));
    const exited = once(child, 'exit');
    child.disconnect();
    await Promise.all([exited, host.ended]);
    assert.equal(printed, '');
  },
);

test(
  'the command line serves the same: paligemma lsp --stdio, with options of the editor beside it',
  { timeout },
  async () => {
    const client = await start({
      command: [process.execPath, path.join(distPath, 'cli.js'), 'lsp', '--stdio', `--clientProcessId=${process.pid}`],
    });
    assert.equal(await suffixOf(client, 'ocr'), 'echo: ocr');
    assert.equal(await client.stop(), 0);
  },
);

test('after shutdown every request is refused, and exit ends the server with its host', { timeout }, async () => {
  const client = await start();
  const pending = outcomeOf(client, 'slow');
  await client.status(({ state }) => state === 'running');
  await client.connection.sendRequest('shutdown');
  assert.ok('error' in await pending, 'what was asked for before is answered');
  const document = { textDocument: { uri: imageUri }, position: { line: 0, character: 0 } };
  for (
    const [method, params] of [
      ['textDocument/hover', document],
      [listModels.method, undefined],
      [run.method, { imageUris: [imageUri], prompt: 'ocr' }],
      ['workspace/executeCommand', { command: 'paligemma.server.run' }],
      ['paligemma/unknown', {}],
      ['initialize', { processId: null, rootUri: null, capabilities: {} }],
      ['shutdown', undefined],
    ] as const
  ) {
    await assert.rejects(
      client.connection.sendRequest(method, ...(params === undefined ? [] : [params])),
      (error: unknown) => error instanceof ResponseError && error.code === ErrorCodes.InvalidRequest,
      method,
    );
  }
  await client.connection.sendNotification('exit');
  assert.deepEqual(await once(client.child, 'exit'), [0, null]);
});

test('exit alone ends the server with 1, whatever it is doing', { timeout }, async () => {
  const states: Readonly<Record<string, (client: LspClient) => Promise<unknown>>> = {
    idle: () => Promise.resolve(),
    'in mid-run': async client => {
      void outcomeOf(client, 'slow').catch(() => undefined);
      await client.status(({ state }) => state === 'running');
    },
    'with a host that hangs': async client => {
      void outcomeOf(client, 'hang').catch(() => undefined);
      await client.status(({ state }) => state === 'running');
    },
  };
  for (const [name, enter] of Object.entries(states)) {
    const client = await start();
    await enter(client);
    const exited = once(client.child, 'exit');
    await client.connection.sendNotification('exit');
    assert.deepEqual(await exited, [1, null], name);
  }
  const early = spawn(process.execPath, [path.join(distPath, 'server.js'), '--stdio'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const exit = JSON.stringify({ jsonrpc: '2.0', method: 'exit' });
  early.stdin.write(`Content-Length: ${exit.length}\r\n\r\n${exit}`);
  assert.deepEqual(await once(early, 'exit'), [1, null], 'before initialize');
});

test('folders of models may be named with variables, and one that is not there is told', { timeout }, async () => {
  const workspace = path.join(folder, 'workspace');
  mkdirSync(path.join(workspace, 'mods'), { recursive: true });
  symlinkSync(
    path.resolve('model-host/demo-model/paligemma2-demo-224'),
    path.join(workspace, 'mods', 'mine'),
    'junction',
  );
  const client = await start({
    settings: { modelFolders: ['${workspaceFolder}/mods', '${workspaceFolder}/none', '${somewhere}/x'] },
    workspaceFolders: [pathToFileURL(workspace).href],
  });
  const models = await client.connection.sendRequest(listModels);
  assert.ok(models.some(({ path: place }) => place === path.join(workspace, 'mods', 'mine')));
  assert.ok(client.log.some(line => line.includes('“${somewhere}/x” is left out')), client.log.join('\n'));
  assert.ok(client.log.some(line => line.includes(`there is no folder ${path.join(workspace, 'none')}`)));
  await client.stop();
});
