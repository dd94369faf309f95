// What several processes share, and what they do not: one cache, and a wall clock that jumps.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { filesBelow, linesOf, runCommand } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { buildPreload } from '../support/preload';
import { isAlive, until } from '../support/processes';
import {
  assertAnswers,
  assertGone,
  failureOf,
  hostOf,
  outcomeOf,
  startRealServer,
  stopRealServer,
} from '../support/realServer';
import { recordedAnswer, samplePath } from '../support/samples';
import { temporaryFolder } from '../support/temporary';

const timeout = 120_000;
const skip = process.platform === 'linux' ? false : 'looks at processes through /proc';

test(
  'two editors and a terminal on one empty cache at once: every answer is right, nothing is left over',
  { timeout },
  async () => {
    const cache = path.join(temporaryFolder('faults-shared'), 'cache');
    const images = ['01.png', '02.png', '03.png'];
    const clients = await Promise.all([startRealServer(cache), startRealServer(cache)]);
    const terminal = runCommand([
      'caption',
      ...images.map(samplePath),
      '--model',
      'demo',
      '--weights',
      'f32',
      '--device',
      'cpu',
    ], { cache });
    await Promise.all(clients.flatMap(client => images.map(image => assertAnswers(client, image))));
    const result = await terminal;
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(
      linesOf(result).map(line => line.split('\t')[1]),
      images.map(image => recordedAnswer(image, 'caption en')),
    );
    await Promise.all(clients.map(stopRealServer));
    assert.equal(readdirSync(path.join(cache, 'converted')).length, 1);
    assert.deepEqual(filesBelow(cache).filter(file => /partial|tmp/.test(file)), []);
  },
);

test('results that several processes wrote and somebody damaged are run again', { timeout }, async () => {
  const cache = withDemoModel(path.join(temporaryFolder('faults-results'), 'cache'));
  const args = [
    'caption',
    samplePath('01.png'),
    samplePath('02.png'),
    '--model',
    'demo',
    '--weights',
    'f32',
    '--device',
    'cpu',
  ];
  const first = await runCommand(args, { cache });
  const results = filesBelow(path.join(cache, 'results'));
  assert.equal(results.length, 2);
  for (const [index, file] of results.entries()) {
    writeFileSync(path.join(cache, 'results', file), index === 0 ? 'null' : Buffer.alloc(5000));
  }
  const second = await runCommand(args, { cache });
  assert.deepEqual([second.code, second.stdout], [0, first.stdout], second.stderr);
});

describe('a wall clock that jumps', { skip }, () => {
  test(
    'neither ends a host that is in use, nor forgets or multiplies crashes, nor loses results',
    { timeout },
    async () => {
      const folder = temporaryFolder('faults-clock');
      const fault = path.join(folder, 'fault');
      const env = {
        NODE_OPTIONS: `${await buildPreload(folder, 'clockFault')} ${await buildPreload(folder, 'hostFault')}`,
        HOST_FAULT_FILE: fault,
      };
      const client = await startRealServer(withDemoModel(path.join(folder, 'cache')), {
        env,
        settings: { keepLoadedMinutes: 10 },
      });
      await assertAnswers(client, '01.png');
      const host = hostOf(client);
      for (const image of ['02.png', '03.png', '01.png']) await assertAnswers(client, image);
      assert.equal(hostOf(client), host, 'ten minutes of idleness have not passed');
      for (let count = 0; count < 3; count++) {
        writeFileSync(fault, 'decode kill');
        assert.equal((await failureOf(client, '01.png')).reason, 'hostExited');
      }
      assert.equal((await failureOf(client, '01.png')).reason, 'hostUnavailable', 'three crashes are three crashes');
      await stopRealServer(client);
    },
  );

  test('the idle time still ends the host', { timeout }, async () => {
    const folder = temporaryFolder('faults-idle');
    const client = await startRealServer(withDemoModel(path.join(folder, 'cache')), {
      env: { NODE_OPTIONS: await buildPreload(folder, 'clockFault') },
      settings: { keepLoadedMinutes: 0.05 },
    });
    const outcome = await outcomeOf(client, '01.png');
    assert.ok('result' in outcome && outcome.result.timings.decodeMs >= 0 && outcome.result.timings.decodeMs < timeout);
    const host = hostOf(client);
    await assertGone(host);
    assert.equal(host === undefined || isAlive(host), false);
    await until('the server to notice', 20_000, () => client.statuses.at(-1)?.state === 'idle' ? true : undefined);
    await stopRealServer(client);
  });
});

test('a run leaves nothing outside of its cache: the native runtime keeps no identifier and reports to nobody', {
  timeout,
  skip,
}, async () => {
  const folder = temporaryFolder('faults-home');
  const places = ['home', 'tmp'].map(name => path.join(folder, name));
  for (const place of places) mkdirSync(place);
  const [HOME = '', TMPDIR = ''] = places;
  const env = {
    HOME,
    TMPDIR,
    XDG_CACHE_HOME: HOME,
    XDG_DATA_HOME: HOME,
    XDG_CONFIG_HOME: HOME,
    ORT_DISABLE_TELEMETRY: '',
    CI: '',
    GITHUB_ACTIONS: '',
  };
  const result = await runCommand(['caption', samplePath('01.png'), '--model', 'demo', '--device', 'cpu'], {
    cache: path.join(folder, 'cache'),
    env,
  });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(places.flatMap(filesBelow), []);
});
