// A cache on a disk that is full or may not be written: a clear failure or no cache at all, nothing half-written, and
// all is well afterwards.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { imageHover } from '../../server/src/contract/imageLinks';
import { unloadModel } from '../../server/src/contract/protocol';
import { filesBelow } from '../support/commandLine';
import type { LspClient } from '../support/lspClient';
import { buildPreload } from '../support/preload';
import { assertAnswers, failureOf as runFailureOf, startRealServer, stopRealServer } from '../support/realServer';
import { samplePath } from '../support/samples';
import { failureOf, temporaryFolder } from '../support/temporary';
import { MODEL, setUpHub } from '../unit/models/hubSupport';

const timeout = 60_000;
const faults: readonly (readonly [code: string, reason: string, cure: RegExp])[] = [
  ['ENOSPC', 'diskFull', /disk .*full.*Free some space.*PALIGEMMA_CACHE/],
  ['EROFS', 'cacheUnwritable', /cannot be written.*PALIGEMMA_CACHE/],
  ['EACCES', 'cacheUnwritable', /cannot be written.*PALIGEMMA_CACHE/],
];
const documentUri = pathToFileURL(path.resolve('media/samples/notes.md')).href;

describe('the cache', () => {
  const folder = temporaryFolder('faults-disk');
  const fault = path.join(folder, 'fault');
  let preload = '';

  before(async () => {
    preload = await buildPreload(folder, 'diskFault');
  });

  async function start(cache: string): Promise<LspClient> {
    mkdirSync(cache, { recursive: true });
    // Markdown as VS Code shows it: with pictures.
    const capabilities = { textDocument: { hover: { contentFormat: ['markdown'] } } };
    return startRealServer(cache, {
      env: { NODE_OPTIONS: preload, DISK_FAULT_FILE: fault, DISK_FAULT_FOLDER: cache },
      capabilities,
    });
  }

  /** While `work` is under way the disk fails; afterwards it does not. */
  async function broken<T>(code: string, work: () => Promise<T>): Promise<T> {
    writeFileSync(fault, code);
    try {
      return await work();
    } finally {
      rmSync(fault);
    }
  }

  for (const [code, reason, cure] of faults) {
    test(
      `${code} with an empty cache: the run fails with the cure, nothing is left, the next one works`,
      { timeout },
      async () => {
        const cache = path.join(folder, `empty-${code}`);
        const client = await start(cache);
        const failure = await broken(code, () => runFailureOf(client, '01.png'));
        assert.equal(failure.reason, reason);
        assert.match(failure.message, cure);
        assert.deepEqual(filesBelow(cache), []);
        await assertAnswers(client, '01.png');
        await stopRealServer(client);
      },
    );

    test(
      `${code} in mid-life: runs are answered and not kept, hovers say why they have no picture, nothing is half-written`,
      { timeout },
      async () => {
        const cache = path.join(folder, `used-${code}`);
        const client = await start(cache);
        const hover = async () =>
          (await client.connection.sendRequest(imageHover, { documentUri, target: samplePath('03.png') }))?.markdown
            ?? '';
        await assertAnswers(client, '01.png');
        const before = filesBelow(cache);
        await broken(code, async () => {
          await assertAnswers(client, '02.png');
          assert.match(await hover(), code === 'ENOSPC' ? /no room on the disk/ : /cannot be created \\\(E/);
        });
        assert.deepEqual(filesBelow(cache), before);
        assert.equal(client.log.filter(line => line.includes('Results cannot be kept')).length, 1, 'told once');
        await assertAnswers(client, '02.png');
        await hover();
        const files = filesBelow(cache);
        assert.ok(
          files.some(file => file.startsWith('thumbnails') && file.endsWith('.png')),
          'small pictures are made again',
        );
        assert.equal(
          files.filter(file => file.startsWith('results')).length,
          before.filter(file => file.startsWith('results')).length + 1,
        );
        await stopRealServer(client);
      },
    );
  }

  test('a damaged model on a full disk: said so, and repaired once there is room', { timeout }, async () => {
    const cache = path.join(folder, 'damaged');
    const client = await start(cache);
    await assertAnswers(client, '01.png');
    await client.connection.sendRequest(unloadModel);
    const weights = filesBelow(cache).find(file => file.endsWith('shared.data')) ?? assert.fail();
    writeFileSync(path.join(cache, weights), readFileSync(path.join(cache, weights)).fill(0));
    const { reason } = await broken('ENOSPC', () => runFailureOf(client, '01.png'));
    assert.equal(reason, 'diskFull');
    await assertAnswers(client, '01.png');
    await stopRealServer(client);
  });

  for (const [code, reason] of faults) {
    test(
      `${code} during a download: it fails with the cure, nothing is installed, the next one goes on`,
      { timeout },
      async () => {
        const { fetch, folder: installed, cachePath } = await setUpHub();
        const failure = await broken(code, () => inThisProcess(cachePath, () => failureOf(fetch())));
        assert.equal(failure.reason, reason, failure.message);
        assert.deepEqual(filesBelow(installed), []);
        await fetch();
        assert.ok(filesBelow(installed).length > 0);
        assert.deepEqual(
          filesBelow(path.join(cachePath, 'models')).filter(file => /partial|\.part$|\.tmp/.test(file)),
          [],
          MODEL,
        );
      },
    );
  }

  /** The download runs here: the fault is loaded here too, for the cache of this test. */
  async function inThisProcess<T>(cachePath: string, work: () => Promise<T>): Promise<T> {
    Object.assign(process.env, { DISK_FAULT_FOLDER: cachePath, DISK_FAULT_FILE: fault });
    const file = path.join(folder, 'diskFault.js');
    const require = createRequire(file);
    require(file);
    // Loaded anew for the next folder.
    Reflect.deleteProperty(require.cache, file);
    return work();
  }

  after(() => rmSync(fault, { force: true }));
});
