// Every process ends when it is told to, or when its parent is gone, also while one of its threads is in a call of the
// system that never comes back.
import assert from 'node:assert/strict';
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startCommand, type RunningCommand } from '../support/commandLine';
import { buildFakeHost } from '../support/fakeHostWatch';
import { distPath, LspClient } from '../support/lspClient';
import { buildPreload } from '../support/preload';
import { childrenOf, isAlive, until } from '../support/processes';
import { temporaryFolder } from '../support/temporary';

const timeout = 60_000;
const skip = process.platform === 'linux' ? false : 'makes pipes, and looks at processes through /proc';

describe('a thread that never comes back', { skip }, () => {
  const folder = temporaryFolder('process-end');
  const cache = path.join(folder, 'cache');
  const models = path.join(cache, 'models');
  const clients: LspClient[] = [];
  let env: Record<string, string> = {};

  before(async () => {
    mkdirSync(models, { recursive: true });
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    env = {
      NODE_OPTIONS: await buildPreload(folder, 'stuckCall'),
      STUCK_PIPE: path.join(folder, 'pipe'),
      STUCK_PROGRAM: 'server.js',
      STUCK_FOLDER: 'start',
      STUCK_MARK: path.join(folder, 'mark'),
      PALIGEMMA_CACHE: cache,
      PALIGEMMA_HOST_PATH: await buildFakeHost(folder),
    };
  });
  after(() => clients.forEach(({ child }) => child.kill('SIGKILL')));

  async function start(): Promise<LspClient> {
    const client = await LspClient.start({ env });
    clients.push(client);
    return client;
  }

  const ways: Readonly<Record<string, (client: LspClient) => unknown>> = {
    'exit after shutdown': async ({ connection }) => {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
    },
    exit: ({ connection }) => connection.sendNotification('exit'),
    SIGTERM: ({ child }) => child.kill('SIGTERM'),
    SIGINT: ({ child }) => child.kill('SIGINT'),
    'the end of its input': ({ child }) => child.stdin.end(),
  };
  for (const [name, end] of Object.entries(ways)) {
    test(`the language server ends by ${name}`, { timeout }, async () => {
      const client = await start();
      const ended = once(client.child, 'exit');
      await end(client);
      const [, signal] = await ended as [number | null, NodeJS.Signals | null];
      assert.equal(signal, name.startsWith('SIG') ? name : 'SIGKILL');
    });
  }

  test('the language server ends before it was greeted', { timeout }, async () => {
    const child = spawn(process.execPath, [path.join(distPath, 'server.js'), '--stdio'], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    child.stdin.end();
    await once(child, 'exit');
  });

  test('the language server ends when the channel to its parent closes', { timeout }, async () => {
    const child = fork(path.join(distPath, 'server.js'), ['--node-ipc'], {
      env: { ...process.env, ...env },
      execArgv: [],
    });
    child.send({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { processId: null, rootUri: null, capabilities: {} },
    });
    await once(child, 'message');
    child.disconnect();
    await once(child, 'exit');
  });

  test('the model host ends when its parent is gone', { timeout }, async () => {
    const host = fork(path.join(distPath, 'model-host.js'), [], {
      env: { ...process.env, ...env, STUCK_PROGRAM: 'model-host.js' },
      execArgv: [],
      serialization: 'json',
    });
    await until('the host to listen', 20_000, () => host.connected ? true : undefined);
    host.disconnect();
    await once(host, 'exit');
  });

  test('the model host ends by shutdown', { timeout }, async () => {
    const host = fork(path.join(distPath, 'model-host.js'), [], {
      env: { ...process.env, ...env, STUCK_PROGRAM: 'model-host.js' },
      execArgv: [],
      serialization: 'json',
    });
    host.send({ jsonrpc: '2.0', id: 1, method: 'modelHost/shutdown' });
    await once(host, 'exit');
  });

  /** `models list`, in the middle of the call. */
  async function stuckList(name: string): Promise<RunningCommand> {
    const mark = path.join(folder, name);
    const command = startCommand(['models', 'list'], {
      cache,
      env: { ...env, STUCK_PROGRAM: 'cli.js', STUCK_FOLDER: models, STUCK_MARK: mark },
    });
    await until('the call', 20_000, () => existsSync(mark) ? true : undefined);
    return command;
  }

  test('a command ends by one SIGTERM, with the code of that signal', { timeout }, async () => {
    const command = await stuckList('term');
    command.child.kill('SIGTERM');
    assert.equal((await command.ended).signal, 'SIGTERM');
  });

  test('a command ends at once by the second Ctrl+C', { timeout }, async () => {
    const command = await stuckList('interrupt');
    await until('its end', 20_000, () => {
      command.child.kill('SIGINT');
      return isAlive(command.child.pid ?? 0) ? undefined : true;
    });
    assert.equal((await command.ended).signal, 'SIGINT');
  });

  test('what ends in good time keeps its exit code, and nothing is left of it', { timeout }, async () => {
    const client = await start();
    await client.connection.sendRequest('shutdown');
    assert.deepEqual(childrenOf(client.child.pid ?? 0, 'process.stdin'), []);
    const command = startCommand(['models', 'list'], { cache });
    assert.equal((await command.ended).code, 0);
  });
});
