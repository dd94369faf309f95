// The server's side of the model host, with real child processes that play every way to go wrong.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { GenerateParams, RunProgress } from '../../model-host/src/contract/protocol';
import type { HostClient } from '../../server/src/host/hostClient';
import { HostProcess, type HostLimits, type HostState } from '../../server/src/host/hostProcess';
import { RunQueue, type Lane } from '../../server/src/runs/runQueue';
import { CancelledError } from '../../server/src/util/cancellation';
import { systemTimers } from '../../server/src/util/timers';
import { buildFakeHost, FakeHostWatch } from '../support/fakeHostWatch';
import { failureOf, temporaryFolder } from '../support/temporary';

const folder = temporaryFolder('host');
const picture = path.resolve('test/fixtures/golden/images/one-pixel.png');
const timeout = 30_000;
let hostPath = '';
let watch: FakeHostWatch;
const hosts: HostProcess[] = [];

before(async () => {
  hostPath = await buildFakeHost(folder);
  watch = await FakeHostWatch.open();
  Object.assign(process.env, watch.environment);
});
afterEach(async () => {
  delete process.env['FAKE_HOST_MODE'];
  for (const host of hosts.splice(0)) host.dispose();
  await Promise.all(watch.started.map(({ ended }) => ended));
});
after(() => watch.close());

interface SetUp {
  readonly mode?: string;
  readonly limits?: Partial<HostLimits>;
  readonly keepLoadedMinutes?: number;
}

function setUp({ mode = '', limits = {}, keepLoadedMinutes = 0 }: SetUp = {}) {
  process.env['FAKE_HOST_MODE'] = mode;
  const log: string[] = [];
  const states: HostState[] = [];
  const host = new HostProcess({
    hostPath,
    openCache: () => Promise.resolve(folder),
    log: (level, scope, message) => log.push(`${level} ${scope} ${message}`),
    timers: systemTimers,
    keepLoadedMinutes: () => keepLoadedMinutes,
    limits: { backOffMs: 1, ...limits },
  });
  host.onDidChangeState(state => states.push(state));
  hosts.push(host);
  return { host, log, states };
}

function generate(
  client: HostClient,
  prefix: string,
  options: { readonly onProgress?: (progress: RunProgress) => void; readonly token?: CancellationToken } = {},
) {
  return client.generate(
    params(prefix),
    options.onProgress ?? (() => undefined),
    options.token ?? CancellationToken.None,
  );
}

function params(prefix: string): Omit<GenerateParams, 'progressToken'> {
  return {
    model: { path: folder, weights: 'int4', device: 'auto', attention: 'full' },
    imagePath: picture,
    prefix,
    maxNewTokens: 5,
    locDivisor: 1024,
  };
}

async function suffixOf(host: HostProcess, prefix: string): Promise<string> {
  return (await host.use(client => generate(client, prefix), CancellationToken.None)).suffix;
}

test('the host starts with the first use, answers, streams, and is used again', { timeout }, async () => {
  const { host, states } = setUp();
  assert.equal(host.currentState, 'stopped');
  const progress: RunProgress[] = [];
  const result = await host.use(
    client => generate(client, 'caption en', { onProgress: value => progress.push(value) }),
    CancellationToken.None,
  );
  assert.equal(result.suffix, 'echo: caption en');
  assert.deepEqual(progress, [{ kind: 'phase', phase: 'load', done: 1, total: 2 }, {
    kind: 'text',
    text: 'so far',
    tokens: 2,
  }]);
  const pid = await suffixOf(host, 'pid');
  assert.equal(pid, String(host.pid));
  assert.equal(await suffixOf(host, 'pid'), pid);
  assert.deepEqual(states, ['starting', 'ready']);
});

test('uses at the same time share one host', { timeout }, async () => {
  const { host } = setUp();
  const pids = await Promise.all([suffixOf(host, 'pid'), suffixOf(host, 'pid'), suffixOf(host, 'pid')]);
  assert.equal(new Set(pids).size, 1);
});

test(
  'a crash answers every pending request with a failure that says so; the next use starts a new host',
  { timeout },
  async () => {
    const { host, log, states } = setUp();
    const first = await suffixOf(host, 'pid');
    const pending = await Promise.all([
      failureOf(suffixOf(host, 'slow')),
      failureOf(suffixOf(host, 'slow')),
      failureOf(suffixOf(host, 'crash')),
    ]);
    for (const { reason, message } of pending) {
      assert.equal(reason, 'hostExited');
      assert.match(message, /exit code 7.*the driver gave up/);
    }
    assert.notEqual(await suffixOf(host, 'pid'), first);
    assert.ok(log.some(line => line.startsWith('error server.host') && line.includes('exit code 7')));
    assert.ok(log.includes('warn host.process Error: the driver gave up'));
    assert.deepEqual(states, ['starting', 'ready', 'stopped', 'starting', 'ready']);
  },
);

test('a host that is killed: the failure names the signal and the likely cause', { timeout }, async () => {
  const { host } = setUp();
  const { reason, message } = await failureOf(suffixOf(host, 'killed'));
  assert.equal(reason, 'hostExited');
  assert.match(message, process.platform === 'win32' ? /ended unexpectedly/ : /SIGKILL.*memory/);
});

test(
  'three crashes in five minutes: it is left alone and says why, until somebody wants it again',
  { timeout },
  async () => {
    const { host, states } = setUp();
    for (let count = 0; count < 3; count++) {
      assert.equal(
        (await failureOf(suffixOf(host, 'crash'))).reason,
        'hostExited',
      );
    }
    const hostsSoFar = watch.started.length;
    const { reason, message } = await failureOf(suffixOf(host, 'pid'));
    assert.equal(reason, 'hostUnavailable');
    assert.match(message, /3 times.*the driver gave up/);
    assert.equal(watch.started.length, hostsSoFar, 'no process was started');
    assert.equal(states.at(-1), 'failed');
    host.reconsider();
    assert.equal(states.at(-1), 'stopped');
    assert.match(await suffixOf(host, 'pid'), /^\d+$/);
  },
);

test('a host that closes its channel and lives on is ended', { timeout }, async () => {
  const { host } = setUp();
  const started = await watch.of(Number(await suffixOf(host, 'pid')));
  assert.equal((await failureOf(suffixOf(host, 'detach'))).reason, 'hostExited');
  await started.ended;
  assert.equal(await suffixOf(host, 'ocr'), 'echo: ocr');
});

test('failures that the host reports come through as they are; a bug there is internal', { timeout }, async () => {
  const { host } = setUp();
  assert.deepEqual(await failureOf(suffixOf(host, 'fail')), {
    reason: 'promptTooLong',
    message: 'The prompt is too long; shorten it.',
  });
  assert.equal((await failureOf(suffixOf(host, 'bug'))).reason, 'internal');
  assert.equal(host.currentState, 'ready');
});

test('cancelling reaches the host, which goes on', { timeout }, async () => {
  const { host } = setUp();
  const source = new CancellationTokenSource();
  const run = host.use(
    client => generate(client, 'slow', { token: source.token, onProgress: () => source.cancel() }),
    source.token,
  );
  await assert.rejects(run, CancelledError);
  assert.equal(await suffixOf(host, 'pid'), String(host.pid));
});

test('another version of the protocol is refused with the cure, and no process stays', { timeout }, async () => {
  const { host } = setUp({ mode: 'wrongProtocol' });
  const { reason, message } = await failureOf(suffixOf(host, 'pid'));
  assert.equal(reason, 'protocolMismatch');
  assert.match(message, /Reinstall/);
  assert.equal(host.currentState, 'stopped');
  await watch.started.at(-1)?.ended;
});

test('a host that never answers is given up after the limit, and killed', { timeout }, async () => {
  const { host } = setUp({ mode: 'mute', limits: { greetMs: 300 } });
  const { reason, message } = await failureOf(suffixOf(host, 'pid'));
  assert.equal(reason, 'hostUnavailable');
  assert.match(message, /did not answer within/);
  await watch.started.at(-1)?.ended;
});

test('a host that cannot start says why; three times and it is left alone', { timeout }, async () => {
  const { host } = setUp({ mode: 'exitAtStart' });
  for (let count = 0; count < 3; count++) {
    const { reason, message } = await failureOf(suffixOf(host, 'pid'));
    assert.equal(reason, 'hostUnavailable');
    assert.match(message, /exit code 3.*Cannot find module 'onnxruntime-node'/);
  }
  assert.match((await failureOf(suffixOf(host, 'pid'))).message, /3 times/);
});

test('a host that is not there is reported as unavailable', { timeout }, async () => {
  const missing = new HostProcess({
    hostPath: path.join(folder, 'none.js'),
    openCache: () => Promise.resolve(folder),
    log: () => undefined,
    timers: systemTimers,
    keepLoadedMinutes: () => 0,
  });
  hosts.push(missing);
  const { reason, message } = await failureOf(suffixOf(missing, 'pid'));
  assert.equal(reason, 'hostUnavailable');
  assert.match(message, /Cannot find module/);
});

test('nonsense on its output and its channel is logged or ignored, and the host still works', { timeout }, async () => {
  const { host, log } = setUp({ mode: 'garbage' });
  assert.equal(await suffixOf(host, 'ocr'), 'echo: ocr');
  await host.stop('done');
  assert.ok(log.includes('warn host.process some native library says hello'));
  assert.ok(log.some(line => line.startsWith('warn host.process (stdout) ')));
});

test('an idle host ends by itself, and comes back when it is needed', { timeout }, async () => {
  const { host, states } = setUp({ keepLoadedMinutes: 0.002 });
  const pid = await suffixOf(host, 'pid');
  await (await watch.of(Number(pid))).ended;
  await host.stop('make sure that the end was seen');
  assert.equal(states.at(-1), 'stopped');
  assert.notEqual(await suffixOf(host, 'pid'), pid);
});

test('a host in use is not idle, however long it takes', { timeout }, async () => {
  const { host } = setUp({ keepLoadedMinutes: 0.001 });
  const source = new CancellationTokenSource();
  // Four times the idle time.
  const run = host.use(
    client =>
      generate(client, 'slow', {
        token: source.token,
        onProgress: () => systemTimers.after(240, () => source.cancel()),
      }),
    CancellationToken.None,
  );
  await assert.rejects(run, CancelledError);
});

test('stop is orderly, and a run that was pending is told why', { timeout }, async () => {
  const { host, states } = setUp();
  const run = failureOf(suffixOf(host, 'slow'));
  const started = await watch.of(Number(await suffixOf(host, 'pid')));
  await host.stop('The model was unloaded.');
  assert.match((await run).message, /The model was unloaded\./);
  await started.ended;
  assert.equal(states.at(-1), 'stopped');
  await host.stop('again');
});

test('a host that does not end when asked is killed after the limit', { timeout }, async () => {
  const { host } = setUp({ limits: { shutdownMs: 200 } });
  const started = await watch.of(Number(await suffixOf(host, 'pid')));
  let onBlocked: () => void = () => undefined;
  const blocked = new Promise<void>(resolve => {
    onBlocked = resolve;
  });
  const run = failureOf(host.use(client =>
    generate(client, 'hang', {
      onProgress: ({ kind }) => {
        if (kind === 'text') onBlocked();
      },
    }), CancellationToken.None));
  await blocked;
  await host.stop('The editor is closing.');
  assert.equal((await run).reason, 'hostExited');
  await started.ended;
});

test('a cancelled run that blocks the host: who waits behind it gets a new host', { timeout }, async () => {
  const { host, log } = setUp();
  const queue = new RunQueue<string, string>({
    execute: (prefix, onProgress, token) =>
      host.use(async client => (await generate(client, prefix, { onProgress, token })).suffix, token),
    timers: systemTimers,
    yieldLimitMs: 200,
  });
  const lane: Lane = { name: 'host', hasRoom: running => running === 0, unblock: () => host.killStuck() };
  const source = new CancellationTokenSource();
  const stuck = queue.enqueue({ key: 'hang', request: 'hang', priority: 'command', lane }, progress => {
    if (progress.kind === 'text') source.cancel();
  }, source.token);
  const next = queue.enqueue(
    { key: 'ocr', request: 'ocr', priority: 'command', lane },
    () => undefined,
    CancellationToken.None,
  );
  await assert.rejects(stuck, CancelledError);
  assert.equal(await next, 'echo: ocr');
  assert.ok(log.some(line => line.includes('did not stop a cancelled run in time')));
  assert.equal(host.currentState, 'ready');
});

test('cancelling while the host starts ends the wait, not the host', { timeout }, async () => {
  const { host } = setUp();
  const source = new CancellationTokenSource();
  const run = host.use(() => assert.fail('not reached'), source.token);
  source.cancel();
  await assert.rejects(run, CancelledError);
  assert.match(await suffixOf(host, 'pid'), /^\d+$/);
});

test(
  'a cache that cannot be written keeps the host from starting, without counting as a crash',
  { timeout },
  async () => {
    const { openCache } = await import('../../server/src/models/folders/cachePath');
    const host = new HostProcess({
      hostPath,
      openCache: () => openCache(path.join(picture, 'cache')),
      log: () => undefined,
      timers: systemTimers,
      keepLoadedMinutes: () => 0,
    });
    hosts.push(host);
    for (let count = 0; count < 4; count++) {
      assert.equal(
        (await failureOf(suffixOf(host, 'pid'))).reason,
        'cacheUnwritable',
      );
    }
    assert.equal(host.currentState, 'stopped');
  },
);

test('dispose kills at once, and nothing is started any more', { timeout }, async () => {
  const { host } = setUp();
  const run = failureOf(suffixOf(host, 'slow'));
  await suffixOf(host, 'pid');
  host.dispose();
  assert.equal((await run).reason, 'hostExited');
  assert.equal((await failureOf(suffixOf(host, 'pid'))).reason, 'hostUnavailable');
});
