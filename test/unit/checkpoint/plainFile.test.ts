import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readPlainFile } from '../../../model-host/src/checkpoint/plainFile';
import { shown } from '../../../paligemma/src/shown';
import { temporaryFolder } from '../../support/temporary';

const folder = temporaryFolder('plain-file');

test(
  'a file is read; a folder, a pipe, a device and a file of unlikely length are not',
  { timeout: 10_000 },
  async () => {
    const at = (name: string) => path.join(folder, name);
    writeFileSync(at('file'), 'abc');
    assert.equal((await readPlainFile(at('file'), 3)).toString(), 'abc');
    await assert.rejects(readPlainFile(at('file'), 2), { name: 'FileRefused', message: /has 3 bytes/ });
    writeFileSync(at('sparse'), '');
    truncateSync(at('sparse'), 2 ** 40);
    await assert.rejects(readPlainFile(at('sparse'), 1000), { name: 'FileRefused' });
    mkdirSync(at('folder'));
    await assert.rejects(readPlainFile(at('folder'), 10), { name: 'FileRefused', message: /is a folder/ });
    await assert.rejects(readPlainFile(at('none'), 10), { code: 'ENOENT' });
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [at('pipe')]);
    for (const place of [at('pipe'), '/dev/zero']) {
      await assert.rejects(readPlainFile(place, 10), {
        name: 'FileRefused',
      });
    }
  },
);

test('a value in a sentence is short, however long or deep it is', () => {
  assert.equal(shown('llava'), '"llava"');
  assert.equal(shown(undefined), 'nothing');
  assert.ok(shown('x'.repeat(1e6)).length < 310);
  assert.match(shown(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))), /nested too deep/);
});
