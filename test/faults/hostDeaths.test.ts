// The real host with the demo model dies, runs out of memory or stands still at every stage of a run.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import { failureTable } from '../../paligemma/src/failures';
import { unloadModel } from '../../server/src/contract/protocol';
import { filesBelow } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import type { LspClient } from '../support/lspClient';
import { buildPreload } from '../support/preload';
import { childrenOf, until } from '../support/processes';
import {
  assertAnswers,
  assertGone,
  failureOf,
  hostOf,
  lastHostOf,
  outcomeOf,
  startRealServer,
  stopRealServer,
} from '../support/realServer';
import { temporaryFolder } from '../support/temporary';

const skip = process.platform === 'linux' ? false : 'looks at processes through /proc';
const timeout = 60_000;

describe('the real host', { skip }, () => {
  const folder = temporaryFolder('faults-host');
  const cache = withDemoModel(path.join(folder, 'cache'));
  const fault = path.join(folder, 'fault');
  let env: Readonly<Record<string, string>> = {};
  let client: LspClient;

  before(async () => {
    // Room for the demo model, whose weights lie outside of this heap, and soon full.
    env = {
      HOST_FAULT_FILE: fault,
      NODE_OPTIONS: `${await buildPreload(folder, 'hostFault')} --max-old-space-size=64`,
    };
    client = await startRealServer(cache, { env });
    await assertAnswers(client, '01.png');
  });
  after(() => stopRealServer(client));

  /** No host but a sound one is left, and it answers. */
  async function assertRecovered(dead: number | undefined): Promise<void> {
    await assertGone(dead);
    await assertAnswers(client, '02.png');
    assert.equal(childrenOf(client.child.pid ?? 0, 'model-host').length, 1);
  }

  const deaths: readonly (readonly [name: string, fault: string, says: RegExp])[] = [
    ['killed', 'kill', /signal SIGKILL.*memory runs out/],
    ['aborted', 'abort', /signal SIGABRT.*The next run starts a new one/],
    ['out of memory', 'memory', /signal SIGABRT.*out of memory.*choose a smaller model/],
  ];
  for (const [name, kind, says] of deaths) {
    for (const phase of ['load', 'prefill', 'decode']) {
      test(`${name} during ${phase}: the run says so, the next one works`, { timeout }, async () => {
        // A fresh host, which has everything before it, and a clean count of crashes.
        await client.connection.sendRequest(unloadModel);
        writeFileSync(fault, `${phase} ${kind}`);
        const { reason, code, message } = await failureOf(client, '01.png');
        assert.deepEqual([reason, code], ['hostExited', failureTable.hostExited.code]);
        assert.match(message, says);
        await assertRecovered(lastHostOf(client));
      });
    }

    test(`${name} while idle: nobody is told, the next run works`, { timeout }, async () => {
      await client.connection.sendRequest(unloadModel);
      await assertAnswers(client, '01.png');
      const idle = hostOf(client);
      assert.ok(idle !== undefined);
      // A host that has nothing to do cannot fill its memory.
      process.kill(idle, kind === 'kill' ? 'SIGKILL' : 'SIGABRT');
      await assertRecovered(idle);
    });
  }

  test('killed during the conversion: nothing of it stays once the next run is through', { timeout }, async () => {
    const own = path.join(folder, 'cache-convert');
    const converting = await startRealServer(own, { env });
    mkdirSync(own, { recursive: true });
    writeFileSync(fault, 'convert kill');
    assert.equal((await failureOf(converting, '01.png')).reason, 'hostExited');
    await assertAnswers(converting, '01.png');
    assert.deepEqual(filesBelow(own).filter(file => /partial|\.tmp/.test(file)), []);
    await stopRealServer(converting);
  });

  test(
    'three deaths in a row: it is left alone and says why; unloading the model gives it another chance',
    { timeout },
    async () => {
      await client.connection.sendRequest(unloadModel);
      for (let count = 0; count < 3; count++) {
        writeFileSync(fault, 'load abort');
        assert.equal((await failureOf(client, '01.png')).reason, 'hostExited');
      }
      const { reason, message } = await failureOf(client, '01.png');
      assert.equal(reason, 'hostUnavailable');
      assert.match(message, /3 times.*SIGABRT/);
      assert.equal(hostOf(client), undefined);
      await client.connection.sendRequest(unloadModel);
      await assertAnswers(client, '01.png');
    },
  );

  test('it stands still in mid-run: the cancelled run is answered at once, the one behind it by a new host', {
    timeout,
  }, async () => {
    await assertAnswers(client, '01.png');
    const stopped = hostOf(client);
    const source = new CancellationTokenSource();
    const cancelled = standStill(client, source.token);
    await cancelled.isStill;
    const behind = assertAnswers(client, '02.png');
    source.cancel();
    await assert.rejects(cancelled.outcome, { code: -32800 });
    await behind;
    await assertGone(stopped);
  });

  test('it stands still in mid-run and nobody cancels: the run says so, the next one works', { timeout }, async () => {
    await assertAnswers(client, '01.png');
    const stopped = hostOf(client);
    writeFileSync(fault, 'prefill stop');
    const { reason, message } = await failureOf(client, '01.png');
    assert.equal(reason, 'hostExited');
    assert.match(message, /Another program stopped it \(SIGSTOP\).*Run it again/);
    await assertRecovered(stopped);
  });

  test('it stands still when the editor leaves: neither stays behind', { timeout }, async () => {
    const leaving = await startRealServer(cache, { env });
    const run = standStill(leaving);
    run.outcome.catch(() => undefined);
    await run.isStill;
    await stopRealServer(leaving);
  });

  /** A run in whose middle the host stops. */
  function standStill(server: LspClient, token?: CancellationToken) {
    writeFileSync(fault, 'prefill stop');
    return {
      outcome: outcomeOf(server, '01.png', 'caption en', token),
      isStill: until('the host to stand still', 20_000, () => existsSync(fault) ? undefined : true),
    };
  }
});
