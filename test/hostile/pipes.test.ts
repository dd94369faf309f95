// What lies in the cache folder may be anything: pipes that nobody writes to, and devices that never end, in the place
// of every file there. Each command comes to its end, with an answer or a failure of the table.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { filesBelow, objectsOf, runCommand, temporaryFolder, type CommandResult } from '../support/commandLine';
import { withDemoModel } from '../support/demoCache';
import { samplePath } from '../support/samples';

const skip = process.platform === 'win32' ? 'makes pipes' : false;
const timeout = 300_000;
const folder = temporaryFolder();
const cache = folder.at('cache');
const own = path.join(cache, 'models', 'own');
const caption = (
  model: string,
  ...more: readonly string[]
) => ['caption', samplePath('01.png'), '--model', model, ...more];

/** Whatever is said, it is no bug of ours. */
function assertFair(result: CommandResult, what: string): void {
  assert.ok(result.code === 0 || result.code === 1, `${what}: ${JSON.stringify(result)}`);
  assert.doesNotMatch(result.stdout + result.stderr, /error 1900|"code":1900/, what);
}

const kinds: Readonly<Record<string, (place: string) => void>> = {
  pipes: place => execFileSync('mkfifo', [place]),
  devices: place => symlinkSync('/dev/zero', place),
  folders: place => mkdirSync(place),
};

describe('a cache folder of anything', { skip }, () => {
  before(async () => {
    withDemoModel(cache);
    cpSync('model-host/demo-model/paligemma2-demo-224', own, { recursive: true });
    const record = { formatVersion: 1, id: 'a/b', revision: 'main', commit: 'c', endpoint: 'https://x', files: [] };
    writeFileSync(path.join(own, 'paligemma-download.json'), JSON.stringify(record));
    mkdirSync(path.join(cache, 'servers'));
    writeFileSync(path.join(cache, 'servers', 'x.json'), '{}');
    for (const model of ['demo', 'own']) {
      const { code, stderr } = await runCommand(caption(model), { cache });
      assert.equal(code, 0, stderr);
    }
  });
  after(() => folder.remove());

  for (const [kind, make] of Object.entries(kinds)) {
    for (const place of ['checked', 'converted', path.join('models', 'own'), 'results', 'servers']) {
      test(`${kind} in ${place}`, { timeout }, async () => {
        const top = path.join(cache, place);
        const files = filesBelow(top);
        assert.ok(files.length > 0);
        renameSync(top, folder.at('kept'));
        for (const file of files) {
          mkdirSync(path.dirname(path.join(top, file)), { recursive: true });
          make(path.join(top, file));
        }
        assertFair(await runCommand(['models', 'list'], { cache }), 'models list');
        for (const model of ['demo', 'own']) {
          const result = await runCommand(caption(model, '--json'), { cache });
          assertFair(result, model);
          assert.equal(objectsOf(result).length, 1);
        }
        assertFair(await runCommand(['models', 'verify', 'own'], { cache }), 'models verify');
        rmSync(top, { recursive: true, force: true });
        renameSync(folder.at('kept'), top);
      });
    }
  }
});
